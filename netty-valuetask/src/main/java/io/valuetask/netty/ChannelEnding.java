package io.valuetask.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNullElse;

/**
 * How a channel ends: what {@code close()} and {@code shutdownOutput()} wait for, and why it ended. Executor only, unless
 * said.
 */
final class ChannelEnding implements PostedTask {
    /*
     * What comes first is the reason:
     *
     *   close() here, or channel.close() through the pipeline     -- Local
     *   the peer's FIN, as ChannelInputShutdownEvent              -- Remote, and so is close_notify of TLS
     *   the same, right behind an IOException                     -- Failed: so the transports report a reset
     *   a write that failed with what the channel was closed for  -- Failed
     *   a message that nobody awaits could not be sent            -- Failed
     *   the channel is inactive without any of these:
     *     right behind an exception                               -- Failed: a handler closed it for that
     *     after a write of a handler that failed it               -- Failed: the transport says so to whoever writes later
     *     where the transport tells a FIN by an event             -- Local: a handler closed it from where it stands
     *     while its event loop ends                               -- Local
     *     where it has no such event, but closes                  -- Remote
     *
     * Right behind an exception is what the event loop has come to before its next tasks: where the channel is open then,
     * and not about to close, it went on. A batch of reads that is over tells that, too, and so does the next message.
     *
     * It is told when the channel is inactive, and not when Netty's closeFuture is done: a write that fails with the
     * reason fails after that future.
     */

    private final ValueTaskHandler<?, ?> handler;
    private final Duration deadline;

    /** Any thread may ask; told where the channel ends, on the executor if that is alive. */
    private final EndSignal<CloseReason> ended = new EndSignal<>();

    /** Written on the executor. Volatile: read by whoever finds that the executor is gone. */
    private volatile @Nullable CloseReason reason;

    /** {@code close()} has begun: nothing more is accepted. */
    private boolean closing;
    private boolean outputShutDown;
    /** Another protocol has taken over: what is closed here is closed there. */
    private boolean handedOver;
    private @Nullable ValueTaskHandler<?, ?> successor;
    /** The last thing the pipeline reported, if it is a failure, and nothing has shown since that the channel went on. */
    private @Nullable Throwable lastFailure;
    /** Only writes have failed with what broke the connection: whoever reads is to learn that it is no end. */
    private @Nullable Throwable unread;
    /** The transport tells the peer's FIN by an event, and does not close the channel for it. */
    private boolean halfClosure;
    /** The transport does not know that the peer has finished, so that it is closed from here. */
    private boolean endsWithInput;

    ChannelEnding(ValueTaskHandler<?, ?> handler, Duration deadline) {
        this.handler = handler;
        this.deadline = deadline;
    }

    // What happened, as the pipeline tells it

    void halfClosureIs(boolean allowed) {
        halfClosure = allowed;
    }

    void received() {
        lastFailure = null;
    }

    /** The batch of reads is over. Where a failure has closed the channel, it stays known until that is told. */
    void batchEnded() {
        if (lastFailure != null) {
            forgetIfItWentOn(lastFailure);
        }
    }

    void reported(Throwable cause) {
        lastFailure = cause;
        unread = null;
        // By way of the event loop, which comes to nothing else before it has told what follows from it.
        EventLoop loop = Registration.loopOf(handler.nettyChannel());
        if (loop != null) {
            FullQueue.execute(loop, () -> wentOn(loop, cause), () -> {});
        }
    }

    /** On that loop. */
    private void wentOn(EventLoop loop, Throwable cause) {
        EventExecutor executor = handler.executor();
        if (executor == loop) {
            forgetIfItWentOn(cause);
        } else {
            FullQueue.execute(executor, () -> forgetIfItWentOn(cause), () -> {});
        }
    }

    private void forgetIfItWentOn(Throwable cause) {
        Channel channel = handler.nettyChannel();
        if (lastFailure == cause && channel.isOpen() && !IoUringTransport.isClosing(channel)) {
            lastFailure = null;
        }
    }

    /**
     * Netty has failed a write. If it was the transport that could not go on, Netty has closed the channel before it
     * tells so: to what was being written by the cause itself, to the others by a ClosedChannelException with that cause.
     */
    void writeFailed(Throwable cause) {
        if (reason != null || handler.nettyChannel().isActive()) {
            return;
        }
        Throwable why = cause instanceof ClosedChannelException ? cause.getCause() : cause;
        if (why instanceof IOException) {
            broken(why);
        }
    }

    /** A write has met it, and then no read does. */
    private void broken(Throwable cause) {
        because(new CloseReason.Failed(cause));
        unread = cause;
    }

    /** What broke the connection and was not reported to reads; null if nothing did. For {@link #inactive}'s caller. */
    @Nullable
    Throwable unread() {
        return unread;
    }

    /** A message that nobody awaits could not be sent. */
    void sendFailed(Throwable cause) {
        if (!(cause instanceof ClosedChannelException)) {
            because(new CloseReason.Failed(cause));
        }
    }

    /**
     * No more input. Answers whether the other half ends, too: after a reset, which the transports report as the end of
     * one half only; and where it is TLS that has ended and the channel is not to outlive that.
     */
    boolean inputEnded() {
        IOException met = IoUringTransport.metByWrite(handler.nettyChannel());
        if (met != null && lastFailure == null) {
            broken(met);
        }
        boolean reset = met != null || lastFailure instanceof IOException;
        because(reset ? failed() : CloseReason.Remote.INSTANCE);
        if (reset) {
            brokenOff();
        }
        return reset || endsWithInput;
    }

    /** It says so in TLS: the connection below is whole, whatever was reported before. */
    void peerFinished(boolean goesOn) {
        endsWithInput = !goesOn;
        lastFailure = null;
        because(CloseReason.Remote.INSTANCE);
    }

    void closedHere() {
        because(requireNonNullElse(failed(), CloseReason.Local.INSTANCE));
    }

    boolean isExplained() {
        return reason != null || lastFailure != null;
    }

    /** The channel is closed. Answers how reads end; {@link #tell} comes next. */
    InboundEnd inactive() {
        because(failed());
        if (reason == null) {
            askTransport();
        }
        boolean byPeer = !halfClosure && !loopEnds();
        because(byPeer ? CloseReason.Remote.INSTANCE : CloseReason.Local.INSTANCE);
        brokenOff();
        return reason instanceof CloseReason.Local ? InboundEnd.CLOSED_HERE : InboundEnd.END_OF_STREAM;
    }

    /** Reads that come after the one which was told of the failure must not take this for the end of the stream. */
    private void brokenOff() {
        Throwable cause = lastFailure == null ? unread : lastFailure;
        if (cause != null) {
            handler.reads().brokenBy(cause);
        }
    }

    /** It closes its channels then, behind the pipeline's back: what the peer still had to say is unknown. */
    private boolean loopEnds() {
        EventLoop loop = Registration.loopOf(handler.nettyChannel());
        return loop != null && loop.isShuttingDown();
    }

    private CloseReason.@Nullable Failed failed() {
        Throwable cause = lastFailure;
        return cause == null ? null : new CloseReason.Failed(cause);
    }

    /** A write that was not ours has perhaps failed. Netty tells that to its promise, and to writes that come too late. */
    private void askTransport() {
        Channel channel = handler.nettyChannel();
        if (channel.isOpen() || !channel.eventLoop().inEventLoop()) {
            return; // no answer, or not for a handler on an executor of its own
        }
        ChannelPromise late = channel.newPromise();
        channel.unsafe().write(Unpooled.EMPTY_BUFFER, late);
        if (late.cause() instanceof ClosedChannelException closed
                && closed.getCause() instanceof IOException why) {
            broken(why);
        }
    }

    private void because(@Nullable CloseReason first) {
        if (reason == null) {
            reason = first;
        }
    }

    // closed(), any thread

    /** An executor that ends before its channel is closed tells nobody that it was; nor does one that the channel has left. */
    void watch() {
        Channel channel = handler.nettyChannel();
        channel.closeFuture().addListener(closed -> {
            EventExecutor executor = handler.executor();
            if (executor.isShuttingDown()) {
                executor.terminationFuture().addListener(terminated -> handler.loopIsGone());
            } else if (!channel.isRegistered()) {
                handler.closedUnregistered();
            }
        });
    }

    ValueTask<CloseReason> closed() {
        lookAtTheExecutor();
        return ended.await();
    }

    /** For a party that {@linkplain #forget goes} before the channel does; told where the channel ends, or at once. */
    void onClosed(Consumer<CloseReason> party) {
        lookAtTheExecutor();
        ended.onEnd(party);
    }

    void forget(Consumer<CloseReason> party) {
        ended.forget(party);
    }

    private void lookAtTheExecutor() {
        if (handler.nettyChannel().closeFuture().isDone() && handler.executor().isTerminated()) {
            tell(); // an event loop that has ended tells nobody either
        }
    }

    /** Ends the waiting for the end. Any thread: this is the executor, or it is gone. */
    void tell() {
        if (successor != null) {
            successor.ending().ended.onEnd(ended::tell); // it knows how
            return;
        }
        ended.tell(requireNonNullElse(reason, CloseReason.Local.INSTANCE));
    }

    /** The handler has left the pipeline, and is not going to hear how the channel ends. */
    void tellWhenClosed() {
        if (successor != null) {
            tell();
        } else {
            handler.nettyChannel().closeFuture().addListener(closed -> tell());
        }
    }

    // close(), any thread

    void close() {
        enter();
    }

    @Override
    public ValueTaskHandler<?, ?> handler() {
        return handler;
    }

    /** The executor closed the channel when it ended. Nobody offers any more, so this thread may sweep. */
    @Override
    public void gone(RejectedExecutionException terminated) {
        handler.endAndSweep(InboundEnd.CLOSED_HERE);
        tell();
    }

    @Override
    public void arrived() {
        if (handedOver) {
            if (successor != null) {
                successor.ending().close();
            }
            return;
        }
        if (closing) {
            return;
        }
        // First of all: the reader that is told of the end here runs at once, and may write or close.
        closing = true;
        because(CloseReason.Local.INSTANCE);
        OutboundSide outbound = handler.outbound();
        handler.endAndSweep(InboundEnd.CLOSED_HERE);
        outbound.writability().ended();
        ChannelHandlerContext added = handler.context();
        if (!added.isRemoved()) {
            outbound.flusher().flush(added);
        }
        if (outbound.inFlight().isEmpty()) {
            closeNow();
        } else {
            drain(new DrainBarrier(handler));
        }
    }

    private void drain(DrainBarrier barrier) {
        handler.outbound().inFlight().add(barrier);
        try {
            var timer = handler.schedule(barrier, deadline.toNanos());
            handler.nettyChannel().closeFuture().addListener(closed -> timer.cancel(false));
        } catch (RejectedExecutionException terminated) {
            closeNow(); // no time is left
        }
    }

    void closeNow() {
        ChannelHandlerContext added = handler.context();
        if (added.isRemoved()) {
            added.channel().close();
        } else {
            added.close();
        }
    }

    // shutdownOutput()

    /** Any thread. */
    ValueTask<@Nullable Void> shutdownOutput() {
        ShutdownOperation operation = new ShutdownOperation(handler);
        if (!operation.tryClaim()) {
            throw new AssertionError("a new operation is not free: " + operation);
        }
        operation.start();
        return ValueTask.fromSource(operation, operation.token());
    }

    /** What was accepted may leave; nothing more is accepted. */
    void refuseWrites() {
        outputShutDown = true;
        handler.outbound().writability().ended();
    }

    boolean isHandedOver() {
        return handedOver;
    }

    boolean acceptsWrites() {
        return !closing && !outputShutDown && !handedOver;
    }

    /** Another protocol has taken over; null if its handlers are not ours. */
    void handedOver(@Nullable ValueTaskHandler<?, ?> to) {
        handedOver = true;
        successor = to;
        handler.outbound().writability().ended();
    }

    /** Why a write is not accepted. */
    IOException refusal() {
        if (handedOver) {
            return InboundEnd.handedOver();
        }
        return outputShutDown && !closing && handler.nettyChannel().isOpen()
                ? new ChannelOutputShutdownException("the output of this channel was shut down before: "
                        + handler.nettyChannel())
                : new ClosedChannelException();
    }

    /** For messages to people. */
    @Override
    public String toString() {
        CloseReason known = reason;
        String end = known == null ? "" : ", ending=" + known;
        return outputShutDown ? end + ", output shut down" : end;
    }
}
