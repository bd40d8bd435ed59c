package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * One channel that is being opened, by a connect or a bind. Used once: opening a channel costs more than this object.
 *
 * @param <C> the face that the channel gets
 */
class OpenOperation<C> extends ManualResetValueTaskSource<C> {
    /*
     * Who ends the operation, and who has the channel then:
     *
     *   PENDING -> SUCCEEDED   // event loop: connected and active, or bound      the taker has it
     *   PENDING -> FAULTED     // event loop: Netty's future has failed, the      closed by this party
     *                          // pipeline could not be built, or the channel
     *                          // was closed; or the loop has ended
     *   PENDING -> CANCELED    // any thread: cancel()                            closed by this party
     *
     * The word lets one of them win. A channel that opens too late needs no care of its own: whoever won has closed
     * it, or is about to.
     *
     * Cancelling closes the channel and leaves Netty's future alone. That fails with the channel, and a name
     * resolution that ends later finds a future that it may still fail.
     */

    private final long token = arm();

    /** Written by the caller before there is a handle; read through the handle's final field. */
    private @Nullable Channel channel;

    /** Event loop only: the transport was asked, and whatever ends the channel is an answer. */
    private boolean asked;

    /** Known, to be removed when the channel is open. */
    private final ChannelFutureListener whenClosed = this::channelClosed;

    /** What the bootstrap puts into the channel's pipeline: builds it, or fails the operation. */
    final ChannelHandler initializer(Consumer<Channel> build) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel initialized) {
                initialized.closeFuture().addListener(whenClosed);
                try {
                    build.accept(initialized);
                    initialized.pipeline().addLast(new Question());
                } catch (Throwable failure) {
                    fail(initialized, failure);
                }
            }
        };
    }

    /** Last in the pipeline, and so the first to see what the transport is asked; a handler may keep it to itself. */
    private final class Question extends ChannelOutboundHandlerAdapter {
        @Override
        public void connect(ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local,
                ChannelPromise promise) {
            asked(ctx, promise);
            ctx.connect(remote, local, promise);
        }

        @Override
        public void bind(ChannelHandlerContext ctx, SocketAddress local, ChannelPromise promise) {
            asked(ctx, promise);
            ctx.bind(local, promise);
        }

        private void asked(ChannelHandlerContext ctx, ChannelPromise promise) {
            asked = true;
            // Before the transport can close the channel: the promise knows why.
            promise.addListener((ChannelFutureListener) OpenOperation.this::ended);
            ctx.pipeline().remove(this);
        }
    }

    /** Follows what the bootstrap has begun. Called once, by whoever began it. */
    final ValueTask<C> follow(ChannelFuture future) {
        channel = future.channel();
        if (!future.isDone()) {
            future.addListener((ChannelFutureListener) this::ended);
        }
        if (future.isDone()) {
            // Perhaps its loop has ended, which then calls no listener.
            ended(future);
        }
        Registration.whenLost(future.channel(), () -> fail(future.channel(), new ClosedChannelException()));
        return ValueTask.fromSource(this, token);
    }

    /** Perhaps twice, on the event loop and by the caller. */
    private void ended(ChannelFuture future) {
        Throwable cause = future.cause();
        if (cause != null) {
            fail(future.channel(), cause);
        } else {
            succeeded(future.channel());
        }
    }

    /** Netty's future has succeeded. Does nothing where more is needed for the channel to be open. Perhaps twice. */
    void succeeded(Channel opened) {}

    /** The channel is open, and its taker's. Answers false if the operation has ended in another way. */
    final boolean open(Channel opened, C face) {
        opened.closeFuture().removeListener(whenClosed);
        return tryComplete(token, face);
    }

    final void fail(Channel failed, Throwable cause) {
        if (tryCompleteExceptionally(token, cause)) {
            Registration.close(failed);
        }
    }

    @Override
    public boolean cancel(long operation) {
        if (!tryCancel(operation)) {
            return false;
        }
        Registration.close(requireNonNull(channel));
        return true;
    }

    // The channel was closed before it was open: by a handler, or because its loop ends

    private void channelClosed(ChannelFuture closed) {
        EventLoop loop = closed.channel().eventLoop();
        if (loop.isShuttingDown()) {
            fail(closed.channel(), new ClosedChannelException());
            return;
        }
        try {
            // Whoever closed it may be about to fail Netty's future, and knows the cause better.
            loop.execute(() -> failClosed(closed.channel()));
        } catch (Throwable thrown) {
            FullQueue.rejection(thrown);
            fail(closed.channel(), new ClosedChannelException());
        }
    }

    private void failClosed(Channel closed) {
        // Until the transport is asked, a name is being resolved. Netty closes the channel first and then, perhaps on
        // another thread, says why.
        if (asked) {
            fail(closed, new ClosedChannelException());
        }
    }
}
