package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The end of one protocol and the beginning of the next, on the same connection. Used once. */
final class Upgrade<R extends @Nullable Object> extends ManualResetValueTaskSource<R> implements PostedTask {
    /*
     *   caller    claims the channel's read, so that nobody else reads; posts itself behind the writes before it
     *   executor  lets the caller change the pipeline. What decoders let go of as they leave is queued behind what waits
     *             adds the next ValueTaskHandler, if there is to be one; what ends that waits for our writes, see Predecessor
     *             passes the queue on to whatever comes next, and from then on all that arrives
     *             leaves the pipeline when the writes that are in flight have left
     *
     * Until it passes on, everything is as before; whatever fails by then leaves the channel as it was, but for a pipeline
     * that was half changed: that channel is closed.
     *
     * A handler with an executor of its own has three steps, each a task behind what was on its way before: the executor
     * begins; the event loop changes the pipeline, since what a decoder lets go of must come before what arrives next; and
     * the executor passes on, and goes on doing so. The handler stays, as what is on its way to it would be overtaken by
     * what would not have to go there any more.
     *
     * By whoever is to do a step, or finds that nobody will: begun: step -> step + 1, by CAS. See UpgradeGoneStress, and its
     * broken twin.
     */
    private static final int BEGIN = 0;
    private static final int CHANGE = 1;
    private static final int PASS_ON = 2;
    private static final int GONE = -1;

    private final ValueTaskHandler<?, ?> from;
    private final Consumer<? super ChannelPipeline> pipeline;
    /** Goes before what waits; ours until it is passed on or released. */
    private final @Nullable Object unread;
    /** What comes next, unless it is no handler of ours. */
    private final @Nullable ValueTaskHandler<?, ?> to;
    private final R outcome;
    private final long token;
    private final AtomicInteger begun = new AtomicInteger(BEGIN);

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
        if (begun.compareAndSet(BEGIN, GONE)) {
            refuse(FullQueue.failure(from.executor(), terminated));
        }
    }

    private boolean begins(int step) {
        return begun.compareAndSet(step, step + 1);
    }

    private void refuse(Throwable cause) {
        from.reads().unclaim();
        ReferenceCountUtil.safeRelease(unread);
        tryCompleteExceptionally(token, cause);
    }

    @Override
    public void arrived() {
        if (!begins(BEGIN)) {
            return;
        }
        ChannelHandlerContext context = from.context();
        EventExecutor loop = context.channel().eventLoop();
        IOException cause = refusal(context);
        if (cause != null) {
            refuse(cause);
        } else if (loop.inEventLoop()) {
            passOn(context, change(context));
        } else {
            hop(CHANGE, loop, () -> passOnElsewhere(context, change(context)),
                    ended -> passOnElsewhere(context, ended));
        }
    }

    private void passOnElsewhere(ChannelHandlerContext context, @Nullable Throwable failure) {
        hop(PASS_ON, context.executor(), () -> passOn(context, failure), ended -> {
            refuse(ended);
            from.ending().closeNow();
        });
    }

    /** Has the executor do the step; or if it has ended, this thread or one of Netty's the other. */
    private void hop(int step, EventExecutor executor, Runnable next, Consumer<Throwable> otherwise) {
        Consumer<RejectedExecutionException> lost = terminated -> {
            if (begins(step)) {
                otherwise.accept(FullQueue.failure(executor, terminated));
            }
        };
        try {
            executor.execute(() -> {
                if (!executor.inEventLoop()) {
                    FullQueue.again(() -> hop(step, executor, next, otherwise));
                } else if (begins(step)) {
                    next.run();
                }
            });
            if (executor.isShutdown()) {
                executor.terminationFuture().addListener(
                        ended -> lost.accept(PostedTask.hasEnded(executor))); // see PostedTask
            }
        } catch (Throwable thrown) {
            RejectedExecutionException rejected = FullQueue.rejection(thrown);
            if (FullQueue.isWhy(executor)) {
                FullQueue.again(() -> hop(step, executor, next, otherwise));
            } else {
                lost.accept(rejected);
            }
        }
    }

    /** On the event loop. Answers what that throws. */
    private @Nullable Throwable change(ChannelHandlerContext context) {
        try {
            pipeline.accept(context.pipeline());
            return null;
        } catch (Throwable failure) {
            return failure;
        }
    }

    /** Answers what that throws. */
    @SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
    private @Nullable Throwable addNext(ChannelHandlerContext context) {
        try {
            if (to != null && isElsewhere(context)) {
                context.pipeline().addLast(context.executor(), to);
            } else if (to != null) {
                context.pipeline().addLast(to);
            }
            return null;
        } catch (Throwable failure) {
            return failure;
        }
    }

    private static boolean isElsewhere(ChannelHandlerContext context) {
        return context.executor() != context.channel().eventLoop();
    }

    private void passOn(ChannelHandlerContext context, @Nullable Throwable failure) {
        Throwable cause = failure == null ? refusal(context) : failure; // of the pipeline's own making
        if (cause == null) {
            cause = addNext(context);
        }
        if (cause != null) {
            refuse(cause);
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
        if (!isElsewhere(context)) {
            leave(context);
        }
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
