package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * One write: what the caller awaits, what Netty completes, and the task between the two.
 */
final class WriteOperation extends ReusablePromise {
    /*
     * Two state machines meet here. The source's word says where the value task stands, see StateWord; `progress`
     * says where the write stands:
     *
     *         IDLE -> STARTED     // executor: the caller is on it, perform() runs at once
     *         IDLE -> POSTED      // caller: the task is on its way to the executor
     *       POSTED -> STARTED     // executor: run()
     *       POSTED -> DROPPED     // canceller that won the word: never reaches the pipeline; run() releases it
     *                             // or reject(): there is no run() any more, the rejecter releases it
     *      STARTED -> SUCCEEDED   // Netty, inside our frame: the frame publishes        (R1)
     *      STARTED -> FAILED      // same; published by a task of its own                (R8)
     *      STARTED -> SUCCESS_DUE // Netty, anywhere else: posts run(), which publishes  (R8)
     *      STARTED -> FAILURE_DUE // same
     *      SUCCESS_DUE -> SUCCEEDED, FAILURE_DUE -> FAILED // executor: run()
     *    SUCCEEDED -> IDLE        // executor, before it publishes: the next caller may come at once
     *
     * A write that FAILED or DROPPED, or that was cancelled or listened to, is retired and stays as it is.
     */
    private static final int IDLE = 0;
    private static final int POSTED = 1;
    private static final int STARTED = 2;
    private static final int SUCCEEDED = 3;
    private static final int FAILED = 4;
    private static final int SUCCESS_DUE = 5;
    private static final int FAILURE_DUE = 6;
    private static final int DROPPED = 7;

    private static final VarHandle PROGRESS = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "progress",
            VarHandle.class, WriteOperation.class, int.class);
    private static final VarHandle CAUSE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "cause",
            VarHandle.class, WriteOperation.class, Throwable.class);
    private static final VarHandle LISTENERS = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "listeners", VarHandle.class, WriteOperation.class, PromiseListeners.class);

    /** Any thread, by CAS; release stores where the state has one owner. */
    private volatile int progress = IDLE;
    /** Any thread, by CAS from null; a write with listeners is retired. */
    private volatile @Nullable PromiseListeners listeners;

    // Written by the claimer, read and cleared by the executor; the word or the task queue orders the two.
    private @Nullable Object message;
    private boolean flush;

    /** Any thread, by CAS from null, before the CAS of progress that makes it count. */
    @SuppressWarnings("unused")
    private volatile @Nullable Throwable cause;
    /** Executor only: our frame is on the stack, and will look at progress when the pipeline returns. */
    private boolean inFrame;

    WriteOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    /** The message belongs to the operation from here on. Only between the claim and the start. */
    WriteOperation with(Object messageToWrite, boolean flushToo) {
        message = messageToWrite;
        flush = flushToo;
        return this;
    }

    @Override
    void aboutToPost() {
        progress = POSTED;
    }

    // On the executor

    /** The task: a posted write starts, or a completion that came outside our frame is published. */
    @Override
    public void run() {
        switch (progress) {
            case POSTED, DROPPED -> perform(false);
            case SUCCESS_DUE -> {
                progress = SUCCEEDED;
                publishSuccess();
            }
            case FAILURE_DUE -> {
                progress = FAILED;
                reportToFlush();
                publishFailure();
            }
            case FAILED -> publishFailure();
            default -> throw new AssertionError("run: " + this);
        }
    }

    @Override
    void perform(boolean claimed) {
        Object written = message;
        message = null;
        if (!claimed && !PROGRESS.compareAndSet(this, POSTED, STARTED)) {
            ReferenceCountUtil.safeRelease(written); // DROPPED
            return;
        }
        if (claimed) {
            // Licence: nobody but the claimer knows the operation, and Netty gets it from this thread.
            PROGRESS.setRelease(this, STARTED);
        }
        inFrame = true;
        try {
            send(written);
        } catch (Throwable failure) {
            failOnce(failure);
        } finally {
            inFrame = false;
        }
        leaveFrame(claimed);
    }

    private void send(@Nullable Object written) {
        ChannelHandlerContext context = handler.contextIfWritable();
        if (context == null) {
            ReferenceCountUtil.safeRelease(written);
            failOnce(new ClosedChannelException());
        } else if (flush) {
            context.writeAndFlush(written, this);
        } else {
            context.write(written, this);
        }
    }

    /** R1: the pipeline has returned, nobody in it looks at the promise any more. */
    private void leaveFrame(boolean claimed) {
        switch (progress) {
            case SUCCEEDED -> {
                if (claimed) {
                    rest();
                    succeed(null);
                } else {
                    publishSuccess();
                }
            }
            case FAILED -> {
                reportToFlush();
                if (claimed) {
                    pend();
                }
                publishLater();
            }
            default -> {
                handler.inFlight().add(this);
                if (claimed) {
                    pend();
                }
            }
        }
    }

    private void publishSuccess() {
        OperationList inFlight = handler.inFlight();
        inFlight.remove(this);
        rest();
        tryComplete(token(), null);
        inFlight.passBarriers();
    }

    private void publishFailure() {
        OperationList inFlight = handler.inFlight();
        inFlight.remove(this);
        tryCompleteExceptionally(token(), requireNonNull(cause));
        inFlight.passBarriers();
    }

    /** R6, unless somebody may still look at this very write. */
    private void rest() {
        if (!isRetired()) {
            // Licence: a completed write has no other transition, and the word that is published next orders this
            // before the next claim.
            PROGRESS.setRelease(this, IDLE);
        }
    }

    /** The next flush is to say that something written before it has not left. */
    private void reportToFlush() {
        Throwable failure = cause;
        if (!flush && failure != null) {
            handler.unflushedWriteFailed(this, failure);
        }
    }

    /** R8. */
    private void publishLater() {
        try {
            handler.executor().execute(this);
        } catch (RejectedExecutionException terminated) {
            if (handler.executor().inEventLoop()) {
                run(); // its last pass over its tasks: flushes may wait behind this
            } else if (isSuccess()) {
                // The executor is gone and its list with it; the waiter is what counts.
                tryComplete(token(), null);
            } else {
                Throwable failure = cause;
                tryCompleteExceptionally(token(), failure != null ? failure : terminated);
            }
        }
    }

    @Override
    void abandon(Throwable reason) {
        retire();
        failOnce(reason);
    }

    // Any thread

    @Override
    void reject(RejectedExecutionException terminated) {
        retire();
        boolean dropped = PROGRESS.compareAndSet(this, POSTED, DROPPED);
        // The executor will not come for it, whoever dropped the write. If it came before, this is null.
        Object unwritten = message;
        message = null;
        ReferenceCountUtil.safeRelease(unwritten);
        if (dropped) {
            ClosedChannelException closed = new ClosedChannelException();
            closed.initCause(terminated);
            tryCompleteExceptionally(token(), closed);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A write that is still on its way to the executor is dropped, and its message released. After that the
     * pipeline has it: the waiter is let go, and the message may or may not be sent.
     */
    @Override
    public boolean cancel(long operation) {
        if (operation != token()) {
            return false;
        }
        retire();
        if (!tryCancel(operation)) {
            return false;
        }
        // Only now: whoever has not won might drop the write of a later generation. The winner cannot, since
        // a retired operation is not claimed again.
        PROGRESS.compareAndSet(this, POSTED, DROPPED);
        return true;
    }

    @Override
    boolean succeedOnce() {
        return complete(SUCCEEDED, SUCCESS_DUE);
    }

    @Override
    boolean failOnce(Throwable failure) {
        // R4, and before the state changes: once it is done, the next claim must find the operation retired.
        if (progress != STARTED) {
            return false;
        }
        retire();
        CAUSE.compareAndSet(this, null, failure);
        return complete(FAILED, FAILURE_DUE);
    }

    private boolean complete(int inside, int outside) {
        boolean recorded = handler.executor().inEventLoop() && inFrame;
        if (!PROGRESS.compareAndSet(this, STARTED, recorded ? inside : outside)) {
            return false;
        }
        PromiseListeners registered = listeners;
        if (registered != null) {
            registered.notifyAll(this); // R7
        }
        if (!recorded) {
            publishLater();
        }
        return true;
    }

    @Override
    void addOrNotify(GenericFutureListener<? extends Future<? super Void>> listener) {
        retire(); // R3
        PromiseListeners all = listeners;
        if (all == null) {
            LISTENERS.compareAndSet(this, null, new PromiseListeners());
            all = requireNonNull(listeners);
        }
        all.push(listener);
        // The push and the completion are both CASes: whoever comes second finds the other.
        if (isDone()) {
            all.notifyAll(this);
        }
    }

    @Override
    void forget(GenericFutureListener<? extends Future<? super Void>> listener) {
        PromiseListeners all = listeners;
        if (all != null) {
            all.remove(listener);
        }
    }

    /** R6: done unless on its way. */
    @Override
    public boolean isDone() {
        int now = progress;
        return now != POSTED && now != STARTED;
    }

    @Override
    public boolean isSuccess() {
        int now = progress;
        return now == SUCCEEDED || now == SUCCESS_DUE || now == IDLE;
    }

    @Override
    public @Nullable Throwable cause() {
        int now = progress;
        return now == FAILED || now == FAILURE_DUE ? cause : null;
    }
}
