package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The end of one protocol and the beginning of the next, on the same connection. Used once. */
final class Upgrade<R extends @Nullable Object> extends ManualResetValueTaskSource<R> implements PostedTask {
    /*
     *   caller    claims the channel's read, so that nobody else reads; posts itself behind the writes before it
     *   executor  lets the caller change the pipeline. What decoders let go of as they leave is queued behind what waits
     *             adds the next ValueTaskHandler, if there is to be one
     *             passes the queue on to whatever comes next, and from then on all that arrives
     *             leaves the pipeline when the writes that are in flight have left
     *
     * Until it passes on, everything is as before; whatever fails by then leaves the channel as it was, but for a pipeline
     * that was half changed: that channel is closed.
     *
     * On the channel's event loop from end to end: what waits and what arrives would overtake each other on the way between
     * two threads. So a handler with an executor of its own is refused.
     */
    private final ValueTaskHandler<?, ?> from;
    private final Consumer<? super ChannelPipeline> pipeline;
    /** Goes before what waits; ours until it is passed on or released. */
    private final @Nullable Object unread;
    /** What comes next, unless it is no handler of ours. */
    private final @Nullable ValueTaskHandler<?, ?> to;
    private final R outcome;
    private final long token;
    /** By whoever is to do it: the executor; or who finds that it has ended. See UpgradeGoneStress, and its broken twin. */
    private final AtomicBoolean begun = new AtomicBoolean();

    Upgrade(ValueTaskHandler<?, ?> from, Consumer<? super ChannelPipeline> pipeline,
            @Nullable Object unread, @Nullable ValueTaskHandler<?, ?> to, R outcome) {
        this.from = from;
        this.pipeline = pipeline;
        this.unread = unread;
        this.to = to;
        this.outcome = outcome;
        token = arm();
    }

    /** Throws if somebody reads. */
    ValueTask<R> start() {
        try {
            from.reads().claim();
        } catch (Throwable misuse) {
            ReferenceCountUtil.safeRelease(unread);
            throw misuse;
        }
        enter();
        return ValueTask.fromSource(this, token);
    }

    @Override
    public ValueTaskHandler<?, ?> handler() {
        return from;
    }

    @Override
    public void gone(RejectedExecutionException terminated) {
        if (begun.compareAndSet(false, true)) {
            refuse(ChannelOperation.closedBy(terminated));
        }
    }

    private void refuse(Throwable cause) {
        from.reads().unclaim();
        ReferenceCountUtil.safeRelease(unread);
        tryCompleteExceptionally(token, cause);
    }

    @Override
    public void arrived() {
        if (!begun.compareAndSet(false, true)) {
            return;
        }
        ChannelHandlerContext context = from.context();
        Exception cause = context.channel().eventLoop().inEventLoop() ? refusal(context) : hasItsOwn(context);
        if (cause != null) {
            refuse(cause);
            return;
        }
        try {
            pipeline.accept(context.pipeline());
            cause = refusal(context);
            if (cause != null) {
                throw cause; // of the pipeline's own making
            }
            if (to != null) {
                context.pipeline().addLast(to);
            }
        } catch (Throwable failure) {
            refuse(failure);
            from.ending().closeNow();
            return;
        }
        boolean inputOver = from.reads().isEnded();
        from.ending().handedOver(to);
        if (unread != null) {
            context.fireChannelRead(unread);
        }
        from.inbound().passOn(context);
        context.fireChannelReadComplete();
        if (inputOver) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        from.endAndSweep(InboundEnd.HANDED_OVER);
        from.reads().unclaim();
        from.settings().restore(context.pipeline(), from);
        leave(context);
        tryComplete(token, outcome);
    }

    /** Null if the channel can go on with another protocol. */
    private @Nullable IOException refusal(ChannelHandlerContext context) {
        boolean before = from.ending().isHandedOver(); // and has left the pipeline for that
        if (context.isRemoved() && context.channel().isOpen() && !before) {
            return InboundEnd.removed();
        }
        return context.channel().isActive() && !context.isRemoved() && from.ending().acceptsWrites()
                ? null
                : from.ending().refusal();
    }

    private static Exception hasItsOwn(ChannelHandlerContext context) {
        return new UnsupportedOperationException("the ValueTaskHandler of " + context.channel()
                + " runs on an executor of its own, " + context.executor()
                + ": add it to the pipeline without one");
    }

    /** Half of it would be none. */
    @Override
    public boolean cancel(long operation) {
        return false;
    }

    private void leave(ChannelHandlerContext context) {
        OperationList inFlight = from.outbound().inFlight();
        if (inFlight.isEmpty()) {
            context.pipeline().remove(from);
        } else {
            inFlight.add(new Departure(from));
        }
    }

    /** Stands behind the last write of the protocol that ends. */
    private static final class Departure extends ChannelOperation {
        Departure(ValueTaskHandler<?, ?> handler) {
            super(handler);
        }

        @Override
        boolean isBarrier() {
            return true;
        }

        @Override
        void passBarrier() {
            if (!handler.context().isRemoved()) {
                handler.context().pipeline().remove(handler);
            }
        }

        @Override
        void proceed() {
            throw new AssertionError("is not posted: " + this);
        }

        @Override
        void perform(boolean claimed) {
            throw new AssertionError("is not performed: " + this);
        }

        @Override
        void abandon(Throwable cause) {
            // Behind the writes that are abandoned with it.
        }
    }
}
