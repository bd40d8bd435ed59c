package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * One write: what the caller awaits, what Netty completes, and the task between the two.
 */
final class WriteOperation extends MessageCarrier {
    /*
     * Two state machines meet here. The source's word says where the value task stands, see StateWord; `progress`
     * says where the write stands:
     *
     *         IDLE -> STARTED     // executor: the caller is on it, perform() runs at once
     *         IDLE -> POSTED      // caller: the task is on its way to the executor
     *       POSTED -> STARTED     // executor: run()
     *       POSTED -> DROPPED     // canceller that won the word: never reaches the pipeline; run() releases it
     *                             // or reject(): there may be no run() any more, so the rejecter releases it
     *      STARTED -> SUCCEEDED   // Netty, inside our frame: the frame publishes        (R1)
     *                             // or inside a flush of ours: recorded, the Flusher publishes
     *      STARTED -> FAILED      // same; published by a task of its own                (R8)
     *      STARTED -> SUCCESS_DUE // Netty, anywhere else: posts run(), which publishes  (R8)
     *      STARTED -> FAILURE_DUE // same
     *      SUCCESS_DUE -> SUCCEEDED, FAILURE_DUE -> FAILED // executor: run()
     *    SUCCEEDED -> IDLE        // executor, before it publishes: the next caller may come at once
     *
     * A write that FAILED or DROPPED, or that was cancelled or listened to, is retired and stays as it is.
     *
     * See WriteDropStress, WriteRejectStress and WriteOutcomeStress, and their broken twins.
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

    /** Any thread, by CAS; release stores where the state has one owner. */
    private volatile int progress = IDLE;

    // Written by the claimer, read by the executor; the word or the task queue orders the two.
    private boolean flush;
    /** Nobody awaits this one, or has its token. */
    private boolean unawaited;

    /** Any thread, by CAS from null, before the CAS of progress that makes it count. */
    @SuppressWarnings("unused")
    private volatile @Nullable Throwable cause;
    /** Executor only: our frame is on the stack, and will look at progress when the pipeline returns. */
    private boolean inFrame;
    /** Executor only: the next in the Flusher's list of writes to publish. */
    @Nullable
    WriteOperation nextRecorded;

    WriteOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    /** The message belongs to the operation from here on. Only between the claim and the start. */
    WriteOperation with(Object messageToWrite, boolean flushToo, boolean behindOthers) {
        load(messageToWrite, behindOthers);
        flush = flushToo;
        return this;
    }

    /** Nobody is going to await it; a failure is told to the next operation. Only between the claim and the start. */
    WriteOperation unawaited() {
        unawaited = true;
        return this;
    }

    /** As {@link #unawaited()}, but the batch is told. */
    WriteOperation partOf(BatchOperation whole) {
        join(whole);
        return unawaited();
    }

    @Override
    boolean isAwaited() {
        return !unawaited;
    }

    @Override
    void aboutToPost(boolean fromLoop) {
        depart(fromLoop);
        // Licence: nobody but the claimer knows the operation, until it is posted or the token is out.
        PROGRESS.setRelease(this, POSTED);
    }

    // On the executor

    /** The task: a posted write starts, or a completion that came outside our frame is published. */
    @Override
    void proceed() {
        switch (progress) {
            case POSTED, DROPPED -> perform(false);
            case SUCCESS_DUE -> {
                progress = SUCCEEDED;
                publishSuccess();
            }
            case FAILURE_DUE -> {
                progress = FAILED;
                handler.ending().writeFailed(requireNonNull(cause)); // perhaps not known here yet
                reportToFlush();
                publishFailure();
            }
            case FAILED -> publishFailure();
            default -> throw new AssertionError("run: " + this);
        }
    }

    @Override
    void perform(boolean claimed) {
        if (claimed) {
            // Licence: nobody but the claimer knows the operation, and Netty gets it from this thread.
            PROGRESS.setRelease(this, STARTED);
            runFrame(unload(), true);
            return;
        }
        Flusher flusher = handler.outbound().flusher();
        if (PROGRESS.compareAndSet(this, POSTED, STARTED)) {
            boolean outermost = flusher.gather();
            runFrame(unload(), false);
            if (outermost) {
                flusher.publish();
            }
        } else {
            releaseDropped();
        }
        handler.outbound().writability().changed();
    }

    /** R1. */
    private void runFrame(Object written, boolean claimed) {
        inFrame = true;
        try {
            passOn(written, handler.outbound().flusher(), !claimed);
        } catch (Throwable failure) {
            failOnce(failure);
        } finally {
            inFrame = false;
        }
        stopTravelling(); // not before: the channel counts it now, or it is gone
        leaveFrame(claimed);
    }

    private void passOn(Object written, Flusher flusher, boolean byTask) {
        ChannelHandlerContext context = handler.contextIfWritable();
        if (context == null) {
            ReferenceCountUtil.safeRelease(written);
            failOnce(handler.ending().refusal());
            return;
        }
        handler.outbound().lookAtPath(this, context);
        if (flush) {
            int bytes = MessageSize.of(written);
            context.write(written, this);
            flusher.written(context, bytes, byTask);
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
                    succeedAtOnce();
                } else {
                    handler.outbound().flusher().record(this); // behind older ones that this flush completed
                }
            }
            case FAILED -> {
                reportToFlush();
                if (claimed && !unawaited) {
                    pend();
                }
                publishLater();
            }
            default -> {
                handler.outbound().inFlight().add(this);
                if (claimed && !unawaited) {
                    pend();
                }
            }
        }
    }

    void publishSuccess() {
        OperationList inFlight = handler.outbound().inFlight();
        inFlight.remove(this);
        rest();
        end(null);
        inFlight.passBarriers();
    }

    private void publishFailure() {
        OperationList inFlight = handler.outbound().inFlight();
        inFlight.remove(this);
        end(requireNonNull(cause));
        inFlight.passBarriers();
    }

    private void succeedAtOnce() {
        if (unawaited) {
            unawaited = false;
            withdraw();
        } else {
            succeed(null);
        }
    }

    /** The outcome, for the one who waits or for nobody. */
    private void end(@Nullable Throwable failure) {
        long operation = token();
        if (!unawaited) {
            if (failure == null) {
                tryComplete(operation, null);
            } else {
                tryCompleteExceptionally(operation, failure);
            }
            return;
        }
        unawaited = false;
        if (failure != null && handler.executor().inEventLoop()) {
            handler.ending().sendFailed(failure);
        }
        withdraw(); // it never was pending
    }

    /** R6, unless somebody may still look at this very write. */
    private void rest() {
        join(null);
        handler.outbound().lookAtPath(this, handler.context()); // it may have passed who came since
        if (!isRetired()) {
            // Licence: a completed write has no other transition, and the word that is published next orders this
            // before the next claim.
            PROGRESS.setRelease(this, IDLE);
        }
    }

    /** A flush that waits for this is to say that it has not left; or else the next one that is to know. */
    private void reportToFlush() {
        Throwable failure = cause;
        if (failure != null) {
            handler.outbound().failRemaindersBehind(this, failure);
        }
        if (failure == null || isToldToBatch(failure) || handler.outbound().failFlushBehind(this, failure)) {
            return;
        }
        if (unawaited) {
            handler.outbound().sendFailed(failure);
        } else if (!flush) {
            handler.outbound().unflushedWriteFailed(failure);
        }
    }

    /** R8. */
    private void publishLater() {
        try {
            handler.executor().execute(this);
        } catch (Throwable thrown) {
            FullQueue.rejection(thrown);
            if (FullQueue.isWhy(handler.executor())) {
                FullQueue.again(this::publishLater);
            } else if (handler.executor().inEventLoop()) {
                proceed(); // its last pass over its tasks: flushes may wait behind this
            } else {
                endWithoutExecutor();
            }
        }
    }

    /** The executor is gone and its list with it; the waiter is what counts. */
    private void endWithoutExecutor() {
        switch (progress) {
            case SUCCESS_DUE -> end(null);
            case FAILURE_DUE, FAILED -> failWithoutExecutor(requireNonNull(cause));
            default -> {} // this was not on its way to be published
        }
    }

    private void failWithoutExecutor(Throwable failure) {
        if (unawaited) {
            handler.outbound().sendFailed(failure);
        }
        end(failure);
    }

    @Override
    void abandon(Throwable reason) {
        giveUp(reason);
    }

    // Any thread

    @Override
    void reject(RejectedExecutionException terminated) {
        retire();
        boolean dropped = PROGRESS.compareAndSet(this, POSTED, DROPPED);
        if (progress == DROPPED) {
            releaseDropped(); // whoever dropped it: the executor may never come for it
        }
        if (dropped) {
            failWithoutExecutor(FullQueue.failure(handler.executor(), terminated));
        } else if (!FullQueue.isWhy(handler.executor())) {
            endWithoutExecutor();
        } else if (isToBePublished()) {
            FullQueue.again(this::publishLater); // it is in the list of an executor that lives
        }
    }

    private boolean isToBePublished() {
        int now = progress;
        return now == SUCCESS_DUE || now == FAILURE_DUE || now == FAILED;
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
        if (handler.executor().inEventLoop()) {
            handler.ending().writeFailed(failure);
        }
        return complete(FAILED, FAILURE_DUE);
    }

    private boolean complete(int inside, int outside) {
        boolean onExecutor = handler.executor().inEventLoop();
        boolean gathered = onExecutor && !inFrame && inside == SUCCEEDED
                && handler.outbound().flusher().isGathering();
        boolean recorded = gathered || (onExecutor && inFrame);
        if (!PROGRESS.compareAndSet(this, STARTED, recorded ? inside : outside)) {
            return false;
        }
        if (gathered) {
            handler.outbound().flusher().record(this);
        }
        notifyListeners(); // R7
        if (!recorded) {
            publishLater();
        }
        return true;
    }

    /** R6: done unless on its way. */
    @Override
    public boolean isDone() {
        int now = progress;
        return now != POSTED && now != STARTED && !isGivenUp();
    }

    @Override
    public boolean isSuccess() {
        int now = progress;
        return now == SUCCEEDED || now == SUCCESS_DUE || now == IDLE;
    }

    @Override
    public @Nullable Throwable cause() {
        int now = progress;
        return (now == FAILED || now == FAILURE_DUE) && !isGivenUp() ? cause : null;
    }
}
