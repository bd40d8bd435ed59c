package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
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
 * and writes go on, until the channel is closed here.
 *
 * <p><b>Threading.</b> Called by the pipeline on the handler's executor. <b>Ownership.</b> Every message that
 * reaches the handler belongs to it until it is read; the channel's {@code close()} releases what was not.
 * <b>Allocation.</b> A few objects per channel, none per message.
 *
 * @param <I> the type of the messages that are read
 * @param <O> the type of the messages that are written
 */
public final class ValueTaskHandler<I, O> extends ChannelInboundHandlerAdapter {
    /** How long {@code close()} waits for accepted writes to leave. */
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);
    private static final int POOLED_WRITES = 8;
    private static final int POOLED_FLUSHES = 2;

    private final ValueTaskChannel<I, O> face;
    private final @Nullable Consumer<? super ValueTaskChannel<I, O>> onActive;
    private final Duration closeDeadline;

    private final InboundQueue queue = new InboundQueue();
    private final ReadSource<I> reads = new ReadSource<>(this, queue);
    private final ReadPump pump = new ReadPump(this, queue);
    private final OperationRing<WriteOperation> writes = new OperationRing<>(this, POOLED_WRITES,
            WriteOperation::new);
    private final OperationRing<FlushOperation> flushes = new OperationRing<>(this, POOLED_FLUSHES,
            FlushOperation::new);

    /** Written once on the executor, before anybody can have the channel; volatile for who gets it by a race. */
    private volatile @Nullable ChannelHandlerContext context;

    // Executor only.
    private final OperationList inFlight = new OperationList();
    /** Those in the list, oldest first. */
    private final ArrayDeque<FlushOperation> pendingFlushes = new ArrayDeque<>(2);
    private @Nullable Throwable unflushedFailure;
    private @Nullable LoopWatch loopWatch;
    private boolean closing;
    /** The last thing the transport reported is that it cannot read. */
    private boolean readFailed;

    /** Creates the handler of one channel. */
    public ValueTaskHandler() {
        this(null);
    }

    /**
     * Creates the handler of one channel.
     *
     * @param onActive called once on the handler's executor when the channel is active; must not block. If it
     *        throws, the channel is closed
     */
    public ValueTaskHandler(@Nullable Consumer<? super ValueTaskChannel<I, O>> onActive) {
        this(onActive, CLOSE_DEADLINE);
    }

    /** For tests, which should not take ten seconds each. */
    ValueTaskHandler(@Nullable Consumer<? super ValueTaskChannel<I, O>> onActive, Duration closeDeadline) {
        this.onActive = onActive;
        this.closeDeadline = closeDeadline;
        face = new ValueTaskChannel<>(this);
    }

    /**
     * The channel as awaitable operations. They can be used once the handler is in a pipeline.
     *
     * @return the same object every time
     */
    public ValueTaskChannel<I, O> channel() {
        return face;
    }

    // What the operations need to know

    private ChannelHandlerContext context() {
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

    EventExecutor executor() {
        return context().executor();
    }

    Channel nettyChannel() {
        return context().channel();
    }

    /** Null if nothing may be written any more. Executor only. */
    @Nullable
    ChannelHandlerContext contextIfWritable() {
        ChannelHandlerContext added = context();
        return closing || added.isRemoved() ? null : added;
    }

    OperationList inFlight() {
        return inFlight;
    }

    ArrayDeque<FlushOperation> pendingFlushes() {
        return pendingFlushes;
    }

    /** Executor only. */
    void unflushedWriteFailed(WriteOperation write, Throwable cause) {
        if (write.linked) {
            // Flushes only, not the writes between: thousands of writes may fail at once.
            for (FlushOperation flush : pendingFlushes) {
                if (flush.sequence > write.sequence) {
                    flush.writeFailed(cause);
                    return;
                }
            }
        }
        unflushedFailure = cause;
    }

    /** Executor only. */
    @Nullable
    Throwable takeUnflushedFailure() {
        Throwable failure = unflushedFailure;
        unflushedFailure = null;
        return failure;
    }

    // The operations, from any thread

    ReadSource<I> reads() {
        context();
        return reads;
    }

    WriteOperation write(Object message, boolean flush) {
        if (message == null) {
            throw new NullPointerException("message");
        }
        if (context == null) {
            ReferenceCountUtil.release(message);
            throw inNoPipeline();
        }
        WriteOperation operation = writes.claim().with(message, flush);
        operation.start();
        return operation;
    }

    FlushOperation flush() {
        context();
        FlushOperation operation = flushes.claim();
        operation.start();
        return operation;
    }

    ValueTask<@Nullable Void> closed() {
        Channel channel = nettyChannel();
        if (channel.closeFuture().isDone()) {
            return ValueTask.completed();
        }
        ManualResetValueTaskSource<@Nullable Void> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        channel.closeFuture().addListener(closed -> source.tryComplete(token, null));
        if (channel.closeFuture().isDone()) {
            // Closed meanwhile, and a loop that has ended since notifies no listener that came later.
            source.tryComplete(token, null);
        }
        return ValueTask.fromSource(source, token);
    }

    ValueTask<@Nullable Void> close() {
        ValueTask<@Nullable Void> closed = closed();
        EventExecutor executor = executor();
        if (executor.inEventLoop()) {
            beginClose();
        } else {
            try {
                executor.execute(this::beginClose);
                if (executor.isShutdown()) {
                    // The task may be neither run nor refused, see ChannelOperation.
                    executor.terminationFuture().addListener(ended -> endAndSweep(InboundEnd.CLOSED_HERE));
                }
            } catch (RejectedExecutionException terminated) {
                // The executor closed the channel when it ended; nobody offers any more, so this thread may sweep.
                endAndSweep(InboundEnd.CLOSED_HERE);
            }
        }
        return closed;
    }

    // Closing, on the executor

    private void beginClose() {
        if (closing) {
            return;
        }
        // First of all: the reader that is told of the end here runs at once, and may write or close.
        closing = true;
        endAndSweep(InboundEnd.CLOSED_HERE);
        ChannelHandlerContext added = context();
        if (!added.isRemoved()) {
            added.flush();
        }
        if (inFlight.isEmpty()) {
            closeNow();
        } else {
            DrainBarrier barrier = new DrainBarrier(this);
            inFlight.add(barrier);
            var deadline = executor().schedule(barrier, closeDeadline.toNanos(), TimeUnit.NANOSECONDS);
            added.channel().closeFuture().addListener(closed -> deadline.cancel(false));
        }
    }

    void closeNow() {
        ChannelHandlerContext added = context();
        if (added.isRemoved()) {
            added.channel().close();
        } else {
            added.close();
        }
    }

    private void endAndSweep(InboundEnd reason) {
        reads.end(reason);
        queue.sweep(this::discard);
    }

    /** Must not throw: others wait behind this element, and the channel for being closed. */
    private void discard(Object element) {
        if (element instanceof InboundFailure unread) {
            BodyFailures.reportUnread(face, unread.cause());
        } else {
            ReferenceCountUtil.safeRelease(element);
        }
    }

    // What the pump needs to know, on the executor

    void requestRead() {
        context().read();
    }

    boolean isInputEnded() {
        return reads.isEnded();
    }

    /** The reader has taken a message. Reader only, any thread. */
    void taken() {
        pump.taken();
    }

    // The pipeline's events

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (context != null) {
            throw new IllegalStateException(
                    "this ValueTaskHandler was in a pipeline before: make a new one for "
                            + ctx.channel());
        }
        context = ctx;
        ctx.channel().config().setAutoRead(false);
        // Without it the transport closes the channel at the peer's FIN, and what was read ahead of the FIN could
        // not be answered any more. Channels that have no half-closure ignore the option.
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        loopWatch = new LoopWatch(ctx.channel());
        if (ctx.channel().isRegistered()) {
            loopWatch.follow();
        }
        if (ctx.channel().isActive()) {
            activate();
        }
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).follow();
        ctx.fireChannelRegistered();
        // A read that was pending on another event loop was forgotten there.
        pump.run();
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).leave();
        ctx.fireChannelUnregistered();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        activate();
        ctx.fireChannelActive();
    }

    private void activate() {
        if (pump.start() && onActive != null) {
            try {
                onActive.accept(face);
            } catch (Throwable failure) {
                BodyFailures.report(face, failure);
                close();
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        readFailed = false;
        if (reads.isEnded()) {
            ReferenceCountUtil.release(message);
        } else {
            queue.offer(message, MessageSize.of(message));
            reads.signal();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        readFailed = false;
        // Here, and not later: outside the transport's read loop it would cost two system calls per message.
        pump.run();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            reads.end(InboundEnd.END_OF_STREAM);
            if (readFailed) {
                // A reset, which the transports report as the end of one half only.
                closeNow();
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        readFailed = cause instanceof IOException;
        if (reads.isEnded()) {
            BodyFailures.reportUnread(face, cause);
        } else {
            queue.offer(new InboundFailure(cause), 0);
            reads.signal();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        reads.end(InboundEnd.END_OF_STREAM);
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        requireNonNull(loopWatch).leave();
        Throwable cause;
        if (ctx.channel().isOpen()) {
            cause = new IOException(
                    "the ValueTaskHandler was removed from the pipeline before this was complete: "
                            + "channel=" + ctx.channel());
            endAndSweep(InboundEnd.HANDLER_REMOVED);
        } else {
            // What arrived before the end can still be read.
            cause = new ClosedChannelException();
            reads.end(InboundEnd.END_OF_STREAM);
        }
        if (!inFlight.isEmpty()) {
            try {
                // R9. Later, when the handlers before this one have failed the writes they hold.
                ctx.executor().execute(() -> abandonAll(cause));
            } catch (RejectedExecutionException terminated) {
                abandonAll(cause);
            }
        }
    }

    private void abandonAll(Throwable cause) {
        for (ChannelOperation left = inFlight.oldest(), next; left != null; left = next) {
            next = left.next; // where nothing can be posted any more, this one leaves the list at once
            left.abandon(cause);
        }
        inFlight.passBarriers();
    }

    /** What {@link ValueTaskChannel#toString()} says. */
    String describe() {
        ChannelHandlerContext added = context;
        return "ValueTaskChannel[" + (added == null ? "in no pipeline" : added.channel()) + ", reads=" + reads
                + ", queued=" + queue + ", inFlight=" + inFlight.size() + ", unpooled=" + writes.overflows()
                + "]";
    }
}
