package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ValueTask;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The handler of a server channel behind a {@link ValueTaskServerChannel}: asks for connections while few of them wait
 * to be taken, and follows each one until it is ready. Stands before Netty's acceptor, which registers them. On the
 * server channel's event loop only, where nothing else is said.
 */
final class AcceptHandler<I, O> extends ChannelDuplexHandler {
    /*
     *              demand                 channelRead            ready             accept()
     *   backlog ------------> transport -------------> arriving -------> queue ----------------> taken
     *   (kernel)   one each                (a set)        |     its loop       (64-bit word of
     *                                                     v     posts back     the source)
     *                                                   gone
     *
     * One request brings one connection, since AUTO_READ is off. It is made while
     *
     *   arriving + queued < HELD    and nothing is failing    and the channel is open
     *
     * and the question is asked again after every event that may change the answer:
     *
     *   a request is fulfilled         channelReadComplete
     *   an arrival is ready or gone    settle
     *   a connection is taken          AcceptPump.taken, where it was held back for that. Not settle alone: what
     *                                  arrives may do so for long
     *   the delay is over              AcceptBackoff
     *   another event loop has it      channelRegistered
     *
     * The end is the channel's close future: whoever closes it, and when its loop ends.
     */

    /** How many connections are accepted and not taken, at most. Others wait in the kernel's backlog. */
    static final int HELD = 16;

    private final InboundQueue queue = new InboundQueue(HELD, Integer.MAX_VALUE);
    private final AcceptRoom room = new AcceptRoom(queue, HELD);
    private final ReadPump pump = new AcceptPump();
    private final ReadSource<ValueTaskChannel<I, O>> accepts = new ReadSource<>(pump, queue);
    private final Set<Arrival> arriving = new HashSet<>();
    private final EndSignal<@Nullable Void> closed = new EndSignal<>();

    /** Written once on the event loop; volatile for who asks by a race. */
    private volatile @Nullable ChannelHandlerContext context;
    private @Nullable AcceptBackoff backoff;
    private @Nullable LoopWatch loopWatch;
    /** The channel is about to leave its event loop, or has. */
    private boolean leaving;
    /** Of the one who closes it; on io_uring it is done later than the close future, when the file is closed, too. */
    private @Nullable ChannelFuture closing;

    /** Any thread: the source of {@code accept()}. */
    ReadSource<ValueTaskChannel<I, O>> accepts() {
        return accepts;
    }

    /** Any thread. */
    ValueTask<@Nullable Void> closed() {
        return closed.await();
    }

    /** Any thread, once the handler is in its pipeline. */
    EventLoop loop() {
        return requireNonNull(context).channel().eventLoop();
    }

    private final class AcceptPump extends ReadPump {
        AcceptPump() {
            super(queue, true);
        }

        @Override
        EventExecutor executor() {
            return loop();
        }

        @Override
        boolean mayRequest() {
            if (leaving || accepts.isEnded() || requireNonNull(backoff).isWaiting()) {
                return false;
            }
            return arriving.isEmpty() || room.isBeside(arriving.size());
        }

        @Override
        void taken() {
            super.taken();
            if (room.isMissed()) {
                run();
            }
        }

        @Override
        boolean isWanted() {
            return true;
        }

        @Override
        void request() {
            requireNonNull(context).read();
        }
    }

    // Connections come

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof Channel child)) {
            ctx.fireChannelRead(message);
            return;
        }
        requireNonNull(backoff).succeeded();
        Arrival arrival = Arrival.begin(this, child);
        arriving.add(arrival);
        ctx.fireChannelRead(child);
        if (Registration.loopOf(child) == null || child.closeFuture().isDone()) {
            // Perhaps no loop has taken it, and none is going to tell its end.
            arriving.remove(arrival);
        } else if (accepts.isEnded()) {
            Registration.close(child);
        }
        Registration.whenLost(child, arrival::gone);
    }

    /** What became of a connection; called once for each, or never for those that no loop has taken. */
    void settle(Arrival arrival) {
        arriving.remove(arrival);
        ValueTaskChannel<?, ?> face = arrival.face();
        if (face != null && accepts.isEnded()) {
            face.close();
        } else if (face != null) {
            queue.offer(face, 0);
            accepts.signal();
        }
        pump.pump();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        pump.pump();
        ctx.fireChannelReadComplete();
    }

    /** Not passed on: the handlers before this one have seen it, and Netty's acceptor could only log it. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        requireNonNull(backoff).failed(cause);
    }

    // Beginning and end

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        context = ctx;
        channel.config().setAutoRead(false);
        backoff = new AcceptBackoff(channel, pump);
        loopWatch = new LoopWatch(channel, this::loopIsGone);
        loopWatch.follow();
        channel.closeFuture().addListener(closed -> end());
    }

    /** Without its request: io_uring, told that this is cancelled, would make it again, and not leave. */
    @Override
    public void deregister(ChannelHandlerContext ctx, ChannelPromise promise) {
        leaving = true;
        requireNonNull(backoff).withdrawRead();
        ctx.deregister(promise.addListener(done -> {
            if (!done.isSuccess()) {
                leaving = false;
                pump.run();
            }
        }));
    }

    /** A delay that was set on this event loop would end here. */
    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        leaving = true;
        requireNonNull(loopWatch).leave();
        requireNonNull(backoff).stop();
        ctx.fireChannelUnregistered();
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        ctx.fireChannelRegistered();
        if (leaving) {
            leaving = false;
            requireNonNull(loopWatch).follow();
            pump.pump();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        pump.start();
        ctx.fireChannelActive();
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (closing == null && !promise.isVoid()) {
            closing = promise;
        }
        ctx.close(promise);
    }

    private void end() {
        release();
        if (closing == null) {
            closed.tell(null);
        } else {
            closing.addListener(done -> closed.tell(null));
        }
    }

    private void release() {
        requireNonNull(backoff).stop();
        accepts.end(InboundEnd.CLOSED_HERE);
        queue.sweep(untaken -> ((ValueTaskChannel<?, ?>) untaken).close());
        for (Arrival arrival : arriving) {
            Registration.close(arrival.child());
        }
    }

    /** And calls no listener any more: Netty would log that. */
    private void loopIsGone() {
        release();
        closed.tell(null);
    }

    /** Nobody could accept any more. Does nothing where the channel's end is the reason. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).leave();
        ctx.channel().close();
    }

    /** What {@link ValueTaskServerChannel#toString()} says. From any thread, without a promise that it belongs together. */
    String describe() {
        return "accepts=" + accepts + ", queued=" + queue.size() + ", arriving=" + arriving.size();
    }
}
