package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * A connection on its way from the server channel's loop, which accepted it, over its own loop, which makes it ready,
 * and back into the queue of the server channel. The listener of its close and the task that carries it back, in one
 * object per connection.
 */
final class Arrival implements ChannelFutureListener, Runnable {
    /*
     * The connection's loop moves first, once, and posts what came of it:
     *
     *   ARRIVING -> READY      // active: has a face
     *   ARRIVING -> GONE       // closed before; or, after the end of the loop, was never registered
     *
     * The server's loop moves second, once:
     *
     *   READY -> settled       // in the queue; closed if the server channel is closed
     *   GONE -> settled        // makes room for another one
     *
     * If the server's loop ends before, whoever notices closes the connection.
     */

    private static final AttributeKey<Arrival> KEY = AttributeKey.valueOf(Arrival.class, "ARRIVAL");

    private final AcceptHandler<?, ?> server;
    private final Channel child;

    // The connection's loop only, or after its end; the face is read by the server's loop once it was posted.
    private boolean posted;
    private @Nullable ValueTaskChannel<?, ?> face;

    /** The server's loop only, or after its end. */
    private boolean settled;

    private Arrival(AcceptHandler<?, ?> server, Channel child) {
        this.server = server;
        this.child = child;
    }

    /** Before the child is given to its loop. */
    static Arrival begin(AcceptHandler<?, ?> server, Channel child) {
        Arrival arrival = new Arrival(server, child);
        child.attr(KEY).set(arrival);
        child.closeFuture().addListener(arrival);
        return arrival;
    }

    static Arrival of(Channel child) {
        return requireNonNull(child.attr(KEY).get(),
                () -> "was not accepted by the server channel that it belongs to: " + child);
    }

    Channel child() {
        return child;
    }

    /** Null if it is gone. Server's loop only, once it was posted. */
    @Nullable
    ValueTaskChannel<?, ?> face() {
        return face;
    }

    // On the connection's loop

    void ready(ValueTaskChannel<?, ?> active) {
        child.closeFuture().removeListener(this);
        child.attr(KEY).set(null);
        face = active;
        post();
    }

    /** Closed before it was ready. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        gone();
    }

    /** Also on a thread of Netty's, when the connection's loop has ended. */
    void gone() {
        if (!posted) {
            post();
        }
    }

    private void post() {
        posted = true;
        EventLoop loop = server.loop();
        try {
            loop.execute(this);
            if (loop.isShutdown()) {
                // The task may be neither run nor refused, see PostedTask.
                loop.terminationFuture().addListener(ended -> {
                    if (!settled) {
                        close();
                    }
                });
            }
        } catch (Throwable thrown) {
            FullQueue.rejection(thrown);
            if (FullQueue.isWhy(loop)) {
                FullQueue.again(this::post);
            } else {
                close();
            }
        }
    }

    /** Any thread that may look at the face. */
    private void close() {
        if (face != null) {
            face.close();
        } else {
            Registration.close(child);
        }
    }

    // On the server's loop

    @Override
    public void run() {
        if (!server.loop().inEventLoop()) {
            FullQueue.again(this::post); // was refused by being run, or the server channel has moved
            return;
        }
        settled = true;
        server.settle(this);
    }
}
