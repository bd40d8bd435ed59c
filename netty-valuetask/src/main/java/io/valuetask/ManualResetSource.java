package io.valuetask;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the reusable sources have in common: everything but the result, whose type differs. Use
 * {@link ManualResetValueTaskSource} or {@link ManualResetIntValueTaskSource}.
 *
 * <p>Counterpart of .NET's {@code ManualResetValueTaskSourceCore<TResult>}, and stricter:
 *
 * <ul>
 * <li>Tokens have 56 bits and never wrap; a stale one is always refused.</li>
 * <li>A completer presents the token. The late timeout, cancellation or close of one operation cannot touch the
 * next.</li>
 * <li>The result can be taken once, by one winner; only its success makes the source free.</li>
 * <li>A second completion, a second waiter, a premature or repeated result is refused before anything is
 * changed.</li>
 * <li>A continuation that throws is reported to the thread's uncaught exception handler, not to the
 * completer.</li>
 * </ul>
 *
 * <p><b>Threading.</b> Every method may be called by any thread; lock-free. Continuations run on the completing
 * thread, unless the waiter asked for {@link ValueTaskSourceOnCompletedFlags#USE_SCHEDULING_CONTEXT} or the source
 * {@linkplain #setRunContinuationsAsynchronously runs them asynchronously}. <b>Ownership.</b> A result belongs to the
 * source from a completion that returned true until it is taken; then nothing here refers to it, its failure,
 * continuation, state or thread. A refused result stays the caller's. <b>Allocation.</b> None per operation; a
 * cancelled one creates its exception. Each thread that runs continuations keeps 32 bytes to count how deep.
 */
public abstract sealed class ManualResetSource extends SourceCore
        permits ManualResetValueTaskSource, ManualResetIntValueTaskSource {

    // Written plainly by the winner of COMPLETING, read and cleared by the winner of CONSUMING. Published by the word,
    // see SourceCore.
    private @Nullable Throwable failure;

    // Created by the first owner in ARMING that has a token which can fire, then kept. Registered by an owner in
    // ARMING, closed by the winner of CONSUMING: one party at a time. In between a token that fires may take it
    // back.
    private @Nullable CancellationRegistration registration;

    ManualResetSource() {}

    // The owner's side

    /**
     * Starts the next operation.
     *
     * @return its token, to be handed out with the value task and presented on completion
     * @throws ValueTaskMisuseException if an operation is in progress or its result was not taken
     */
    public final long arm() {
        return start(true);
    }

    /**
     * Starts the next operation, and cancels it when a token fires. If that has happened already, the operation
     * starts as a cancelled one, unless it cannot be cancelled. From its consumption on, the token does not refer
     * to this source any more. The first call creates the registration, which is used for every later operation.
     *
     * @param cancellation whose request {@linkplain #cancel cancels} the operation; costs a comparison if it is
     *        {@link CancellationToken#NONE}
     * @return its token, to be handed out with the value task and presented on completion
     * @throws ValueTaskMisuseException if an operation is in progress or its result was not taken
     */
    public final long arm(CancellationToken cancellation) {
        if (!cancellation.canBeCanceled()) {
            return start(true);
        }
        long token = start(false);
        pend(cancellation);
        return token;
    }

    /**
     * Starts the next operation if the source is free.
     *
     * @return its token, or a negative number if an operation is in progress or its result was not taken
     */
    public final long tryArm() {
        return tryStart(true);
    }

    /**
     * Claims the next operation without issuing its token yet: for an owner that first looks whether it has to
     * wait at all. Until {@link #pend} or {@code succeed} the caller is alone with the source.
     *
     * @return the token to be issued
     * @throws ValueTaskMisuseException if an operation is in progress or its result was not taken
     */
    protected final long begin() {
        return start(false);
    }

    /**
     * Refuses what {@link #begin} would refuse, and claims nothing: for an owner that has nothing to hand out, to whoever
     * must not even ask.
     *
     * @throws ValueTaskMisuseException if an operation is in progress or its result was not taken
     */
    protected final void requireFree() {
        refuseUnlessFree();
    }

    /**
     * As {@link #begin}, for an owner that has another source to turn to.
     *
     * @return the token to be issued, or a negative number if the source is not free
     */
    protected final long tryBegin() {
        return tryStart(false);
    }

    /**
     * Ends what {@link #begin} claimed: the operation is pending. A full fence, so that the owner can look once
     * more: what another thread wrote before it looked for a pending operation in vain is visible after this
     * call, provided that thread put a full fence between its write and its look. Completing is no such fence.
     */
    protected final void pend() {
        leaveArmingPending();
    }

    /**
     * As {@link #pend()}, and cancels the operation when a token fires: the form for an owner that begins, looks
     * whether it has to wait, and registers only then. If the token has fired already, the operation is cancelled
     * when this returns, unless it cannot be cancelled or somebody else completed it.
     *
     * @param cancellation whose request {@linkplain #cancel cancels} the operation; costs a comparison if it is
     *        {@link CancellationToken#NONE}
     */
    protected final void pend(CancellationToken cancellation) {
        if (!cancellation.canBeCanceled()) {
            leaveArmingPending();
            return;
        }
        long token = tokenInArming();
        CancellationRegistration its = registration;
        if (its == null) {
            // Both classes that are permitted here are sources.
            its = new CancellationRegistration((ValueTaskSource<?>) this);
            registration = its;
        }
        // Here, where nobody can complete or consume: a registration made later could outlive its operation. What
        // it is told until the operation is pending is refused, hence the second look.
        its.register(cancellation, token);
        leaveArmingPending();
        if (cancellation.isCancellationRequested()) {
            its.fire(token);
        }
    }

    /**
     * Ends what {@link #begin} claimed without an operation: for an owner who was alone with the source all the time, and
     * hands nothing out. Its token was never issued. The source is free, or back in the pool that it was rented from.
     */
    protected final void withdraw() {
        leaveArmingConsuming();
        endOperation();
    }

    /**
     * The operation that waits for its outcome at this moment. For a producer that does not know the token
     * because it learns of the operation from the source alone.
     *
     * @return the token, or a negative number if nothing is pending
     */
    protected final long pendingToken() {
        long current = wordAcquire();
        return StateWord.phase(current) == StateWord.PENDING ? StateWord.generation(current) : -1;
    }

    // The completing side

    /**
     * Completes the operation with a failure. A {@link CancellationException} makes it
     * {@link ValueTaskSourceStatus#CANCELED}, everything else {@link ValueTaskSourceStatus#FAULTED}.
     *
     * @param token the operation
     * @param cause what {@code getResult} is going to throw, unchanged
     * @throws ValueTaskMisuseException if the operation is complete or not current; nothing has changed then
     */
    public final void completeExceptionally(long token, Throwable cause) {
        requireFirst(tryFailOrRefuse(token, cause), token);
    }

    /**
     * Completes the operation with a failure, unless somebody else completed it.
     *
     * @param token the operation
     * @param cause what {@code getResult} is going to throw, unchanged
     * @return true if this call completed the operation
     */
    public final boolean tryCompleteExceptionally(long token, Throwable cause) {
        return tryFailOrRefuse(token, cause) == 0;
    }

    private long tryFailOrRefuse(long token, Throwable cause) {
        if (cause == null) {
            throw new NullPointerException("cause");
        }
        long refusal = claimCompletion(token);
        if (refusal == 0) {
            publishFailure(cause);
        }
        return refusal;
    }

    /** For the winner of {@link #claimCompletion}. */
    final void publishFailure(Throwable cause) {
        failure = cause;
        publishOutcome(cause instanceof CancellationException ? StateWord.CANCELED : StateWord.FAULTED);
    }

    /**
     * Asks to end the operation early. If it can be cancelled, it completes as {@link ValueTaskSourceStatus#CANCELED},
     * and whoever waits is resumed. A source that must do more to stop its operation overrides this and calls
     * {@link #tryCancel}. An override is called at any time and more than once: for an operation that is over, by two
     * parties at once, and for one that {@link #pend(CancellationToken)} is about to start, if the token fires at that
     * moment. Ask {@code tryCancel} first, and stop the operation only if it answers true.
     *
     * @param token the operation
     * @return true if this call cancelled the operation; false if it has completed, is not current, or cannot be
     *         cancelled
     */
    public boolean cancel(long token) {
        return tryCancel(token);
    }

    /**
     * Completes the operation as cancelled, unless somebody completed it.
     *
     * @param token the operation
     * @return true if this call cancelled the operation
     */
    protected final boolean tryCancel(long token) {
        if (claimCompletion(token) != 0) {
            return false;
        }
        publishOutcome(StateWord.CANCELED);
        return true;
    }

    /**
     * Completes the operation as one that has failed, unless somebody completed it. For a source that keeps its failures
     * elsewhere, such as in a queue, and takes the next one in the step that consumes the operation: {@code take} is
     * called, as for a result, and has to throw it.
     *
     * @param token the operation
     * @return true if this call completed the operation
     */
    protected final boolean tryFault(long token) {
        if (claimCompletion(token) != 0) {
            return false;
        }
        publishOutcome(StateWord.FAULTED);
        return true;
    }

    /** Whether the subclass's {@code take} has to say what came of it. Only the winner of CONSUMING may ask. */
    final boolean isLeftToTake(int outcome) {
        return outcome == StateWord.SUCCEEDED || (outcome == StateWord.FAULTED && failure == null);
    }

    final void requireFirst(long refusal, long token) {
        if (refusal != 0) {
            throw explained(
                    ValueTaskMisuseException.ofCompletion(refusal, describeSource(), token, wordAcquire()));
        }
    }

    /**
     * Whether continuations are kept off the completing thread's stack.
     *
     * @param asynchronously false, as at the beginning: a continuation may run inside the call that completes the
     *        operation. True: never; it runs on the executor that it asked for, otherwise on the one where
     *        {@link java.util.concurrent.CompletableFuture#runAsync(Runnable)} runs, and costs one small object. For
     *        completers that hold a lock or must return soon. Stays as it is from operation to operation; applies to
     *        completions that follow.
     */
    public final void setRunContinuationsAsynchronously(boolean asynchronously) {
        runContinuationsAsynchronously = asynchronously;
    }

    /**
     * Whether continuations are kept off the completing thread's stack.
     *
     * @return what {@link #setRunContinuationsAsynchronously} was told last
     */
    public final boolean isRunContinuationsAsynchronously() {
        return runContinuationsAsynchronously;
    }

    // The waiting side

    /**
     * Where the operation stands. Has no side effects.
     *
     * @param token the operation, as handed out with the value task
     * @return the status; {@link ValueTaskSourceStatus#PENDING} until the outcome can be taken
     * @throws ValueTaskMisuseException if the token is not the current one or its result was taken
     */
    public final ValueTaskSourceStatus getStatus(long token) {
        return status(token);
    }

    /**
     * Registers the one continuation of the operation, unless it has already completed.
     *
     * @param <S> the type of the state
     * @param continuation called once with {@code state} when the operation completes; should not throw
     * @param state handed to the continuation, so that it need not capture anything
     * @param token the operation, as handed out with the value task
     * @param flags a combination of {@link ValueTaskSourceOnCompletedFlags}
     * @return true if the continuation was registered; false if the operation is complete and nothing was
     *         registered
     * @throws ValueTaskMisuseException if the token is not the current one, its result was taken, or another
     *         waiter came first
     */
    public final <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            long token, int flags) {
        return register(continuation, state, token, flags);
    }

    /**
     * Ends a consumption. Only its winner may ask, and must have removed the outcome. A source of a pool goes back to
     * it, and stays in CONSUMING, where nobody can use it, until it is rented again.
     */
    void endOperation() {
        CancellationRegistration its = registration;
        if (its != null) {
            its.close(); // before the next owner can register it
        }
        PoolMembership joined = membership();
        if (joined == null) {
            release();
        } else {
            joined.giveBack(this);
        }
    }

    /** In place of {@link #endOperation}, where somebody may still hold a pooled source: it is not used again. */
    final void retire() {
        PoolMembership joined = membership();
        if (joined != null) {
            joined.retire();
        }
    }

    /** Ends the consumption of an outcome that is not a success. */
    final RuntimeException endOperationAndThrow() {
        Throwable cause = failure;
        failure = null;
        endOperation();
        throw Failures
                .sneaky(cause != null ? cause : new CancellationException("the operation was cancelled"));
    }
}
