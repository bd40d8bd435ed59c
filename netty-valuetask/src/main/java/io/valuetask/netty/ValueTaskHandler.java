package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The pipeline handler behind a {@link ValueTaskChannel}. Put it last in the pipeline: what the handlers before it
 * pass on is what {@code read()} returns, and what is written goes through them.
 *
 * <p>Servers usually add it with a {@link ValueTaskChannelInitializer}. A client adds it itself:
 *
 * {@snippet :
 * ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
 * bootstrap.handler(handler).connect(address).sync();
 * ValueTaskChannel<ByteBuf, ByteBuf> channel = handler.channel();
 * }
 *
 * <p>The handler switches {@code AUTO_READ} off and reads ahead within bounds instead: it asks the transport for
 * more while fewer than 64 messages and 64 KiB wait to be read. So the peer is slowed down by TCP when the reader
 * is slow, and a broken connection is noticed while nobody reads. Messages that arrive unasked are queued beyond
 * the bounds. It also switches {@code ALLOW_HALF_CLOSURE} on: when the peer has finished sending, reads answer null
 * and writes go on, until the channel is closed here. {@link ValueTaskChannelOptions} changes all that. A handler that is
 * removed from the pipeline leaves both options as it found them.
 *
 * <p><b>Threading.</b> Called by the pipeline on the handler's executor. <b>Ownership.</b> Every message that
 * reaches the handler belongs to it until it is read; the channel's {@code close()} releases what was not.
 * <b>Allocation.</b> A few objects per channel, none per message.
 *
 * @param <I> the type of the messages that are read
 * @param <O> the type of the messages that are written
 */
public final class ValueTaskHandler<I, O> extends ChannelDuplexHandler {
    private final ValueTaskChannel<I, O> valueTaskChannel;
    private final @Nullable Consumer<? super ValueTaskChannel<I, O>> onActive;

    private final InboundSide<I> inbound;
    private final OutboundSide outbound;
    private final ChannelEnding ending;
    private final UserEvents events;
    private final ValueTaskChannelOptions options;

    /** Written once on the executor, before anybody can have the channel; volatile for who gets it by a race. */
    private volatile @Nullable ChannelHandlerContext context;

    private final Entrance entrance = new Entrance(this);

    // Executor only; made when the handler is added.
    private @Nullable LoopWatch loopWatch;
    /** Before the context is written. */
    private @Nullable ChannelSettings settings;

    /** Creates the handler of one channel. */
    public ValueTaskHandler() {
        this(ValueTaskChannelOptions.DEFAULTS, null);
    }

    /**
     * Creates the handler of one channel.
     *
     * @param onActive called once on the handler's executor when the channel is active; must not block. If it
     *        throws, the channel is closed
     */
    public ValueTaskHandler(@Nullable Consumer<? super ValueTaskChannel<I, O>> onActive) {
        this(ValueTaskChannelOptions.DEFAULTS, onActive);
    }

    /**
     * Creates the handler of one channel.
     *
     * @param options how the channel reads ahead, flushes and closes
     * @param onActive called once on the handler's executor when the channel is active; must not block. If it
     *        throws, the channel is closed
     */
    public ValueTaskHandler(ValueTaskChannelOptions options,
            @Nullable Consumer<? super ValueTaskChannel<I, O>> onActive) {
        this.onActive = onActive;
        this.options = options;
        inbound = new InboundSide<>(this, options);
        outbound = new OutboundSide(this, options);
        ending = new ChannelEnding(this, options.closeDeadline());
        events = new UserEvents(this);
        valueTaskChannel = new ValueTaskChannel<>(this);
    }

    /**
     * The channel as awaitable operations. They can be used once the handler is in a pipeline.
     *
     * @return the same object every time
     */
    public ValueTaskChannel<I, O> channel() {
        return valueTaskChannel;
    }

    // What the operations need to know

    ChannelHandlerContext context() {
        ChannelHandlerContext added = context;
        if (added == null) {
            throw inNoPipeline();
        }
        return added;
    }

    private static IllegalStateException inNoPipeline() {
        return new IllegalStateException(
                "this ValueTaskHandler is in no pipeline yet: add it to one, and use its "
                        + "channel when that is active");
    }

    /** Any thread. */
    boolean isAdded() {
        return context != null;
    }

    EventExecutor executor() {
        return context().executor();
    }

    /**
     * Has the task run later. An executor that keeps to no thread may have no timer; the event loop has one, and runs the
     * task, which goes on to its executor then by itself. Throws what an executor throws that has ended.
     */
    Future<?> schedule(Runnable task, long nanos) {
        try {
            return executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (UnsupportedOperationException noTimer) {
            return nettyChannel().eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS);
        }
    }

    Entrance entrance() {
        return entrance;
    }

    Channel nettyChannel() {
        return context().channel();
    }

    /** Null if nothing may be written any more. Executor only. */
    @Nullable
    ChannelHandlerContext contextIfWritable() {
        ChannelHandlerContext added = context();
        return !ending.acceptsWrites() || added.isRemoved() ? null : added;
    }

    OutboundSide outbound() {
        return outbound;
    }

    ChannelEnding ending() {
        return ending;
    }

    ChannelSettings settings() {
        return requireNonNull(settings);
    }

    InboundSide<I> inbound() {
        context();
        return inbound;
    }

    ReadSource<I> reads() {
        return inbound().reads();
    }

    UserEvents events() {
        context();
        return events;
    }

    ValueTaskChannelOptions options() {
        return options;
    }

    // Ending

    /** Nothing more is read, and what was not is released. Any thread: this is the executor, or it is gone. */
    void endAndSweep(InboundEnd reason) {
        inbound.endAndSweep(reason);
        events.endAndSweep(reason);
    }

    /** The event loop has ended, and may not have told that the channel has. Nobody offers any more. */
    void loopIsGone() {
        ending.closedHere();
        inactive();
    }

    /** Netty tells the pipeline nothing of a channel that is closed while no event loop has it. */
    void closedUnregistered() {
        EventExecutor executor = executor();
        FullQueue.execute(executor, () -> {
            inactive();
            outbound.abandonAll(new ClosedChannelException());
        }, () -> executor.terminationFuture().addListener(terminated -> loopIsGone()));
    }

    private void inactive() {
        outbound.writability().ended();
        InboundEnd end = ending.inactive();
        inbound.ended(end, ending.unread());
        events.end(end);
        ending.tell();
    }

    // The pipeline's events

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (context != null) {
            throw new IllegalStateException(
                    "this ValueTaskHandler was in a pipeline before: make a new one for "
                            + ctx.channel());
        }
        ChannelSettings found = new ChannelSettings(ctx.channel().config());
        settings = found;
        context = ctx; // who sees this sees the settings
        ending.halfClosureIs(found.apply(options.halfClosure()));
        loopWatch = new LoopWatch(ctx.channel(), this::loopIsGone);
        if (ctx.channel().isRegistered()) {
            registered(ctx);
        }
        Predecessor.follow(this, ctx.pipeline());
        boolean late = isLate(ctx);
        boolean over = late && (ending.inputEnded() || !options.halfClosure());
        if (late) {
            inbound.reads().end(InboundEnd.END_OF_STREAM);
        }
        ending.watch();
        if (ctx.channel().isActive()) {
            activate();
        }
        if (over) {
            ending.closeNow();
        }
    }

    /** The peer has finished before, which the pipeline does not tell again; whom this relieves will. */
    private boolean isLate(ChannelHandlerContext ctx) {
        return isInputOver(ctx.channel()) && ctx.pipeline().get(ValueTaskHandler.class) == this;
    }

    private static boolean isInputOver(Channel channel) {
        return channel instanceof DuplexChannel duplex && duplex.isInputShutdown() && channel.isActive();
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        registered(ctx);
        ctx.fireChannelRegistered();
        outbound.flusher().registered(ctx);
        inbound.registered();
    }

    private void registered(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).follow();
        entrance.open(ctx.executor());
        // This registration is new, or older than the handler; or the loop may ask for a read before the handler, on an
        // executor of its own, knows that there is none.
        if (isInputOver(ctx.channel()) || !ctx.channel().eventLoop().inEventLoop()) {
            EpollRegistration.keep(ctx.channel());
        }
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).leave();
        inbound.unregistered();
        ctx.fireChannelUnregistered();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        activate();
        ctx.fireChannelActive();
    }

    private void activate() {
        ShapedReads.ensure(nettyChannel().pipeline());
        if (inbound.pump().start() && onActive != null) {
            try {
                onActive.accept(valueTaskChannel);
            } catch (Throwable failure) {
                BodyFailures.report(valueTaskChannel, failure);
                ending.close();
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ending.received();
        outbound.flusher().turnBegins();
        inbound.received(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ending.batchEnded();
        entrance.batchEnded(ctx.executor(), inbound.takeArrived(), inbound.isFull()); // who waited, here and elsewhere
        outbound.flusher().turnEnds();
        // Here, and not later: outside the transport's read loop it would cost two system calls per message.
        inbound.batchEnded();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            boolean over = ending.inputEnded();
            inbound.reads().end(InboundEnd.END_OF_STREAM);
            if (over) {
                ending.closeNow();
            } else {
                EpollRegistration.keep(ctx.channel());
            }
        } else if (TlsEnd.isOfPeer(event)) {
            ending.peerFinished(options.halfClosure());
            if (!inbound.reads().isEnded()) {
                TlsEnd.endInput(ctx.pipeline());
            }
        } else if (event instanceof ChannelOutputShutdownEvent) {
            ending.refuseWrites(); // somebody else may have shut it down
        }
        events.received(event);
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ending.reported(cause);
        outbound.flusher().turnEnds();
        inbound.failed(ctx, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        outbound.flusher().forget();
        // A write that found the peer gone may be failed by way of another executor, and tells only then why the channel
        // is closed. handlerRemoved comes behind it.
        if (ending.isExplained() || outbound.inFlight().isEmpty()) {
            inactive();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        outbound.writability().changed();
        ctx.fireChannelWritabilityChanged();
    }

    /** Somebody closes the channel as a whole, and not through {@link ValueTaskChannel#close()}. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ending.closedHere();
        ctx.close(promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).leave();
        inbound.openGate(ctx.pipeline());
        if (ctx.channel().isActive()) {
            outbound.flusher().turnEnds();
        }
        Throwable cause;
        if (ctx.channel().isOpen()) {
            cause = new IOException(
                    "the ValueTaskHandler was removed from the pipeline before this was complete: "
                            + "channel=" + ctx.channel());
            outbound.writability().ended();
            endAndSweep(InboundEnd.HANDLER_REMOVED);
            settings().restore(ctx.pipeline(), this);
            ending.tellWhenClosed();
        } else {
            // What arrived before the end can still be read.
            cause = new ClosedChannelException();
            inactive();
        }
        if (!outbound.inFlight().isEmpty()) {
            // R9. Later, when the handlers before this one have failed the writes they hold.
            Runnable abandon = () -> outbound.abandonAll(cause);
            FullQueue.execute(ctx.executor(), abandon, abandon);
        }
    }

    /** What {@link ValueTaskChannel#toString()} says. */
    String describe() {
        ChannelHandlerContext added = context;
        return "ValueTaskChannel[" + (added == null ? "in no pipeline" : added.channel()) + ", " + inbound
                + ", " + events + outbound + ending + "]";
    }
}
