package io.valuetask;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ValueTaskSource} that is used for one operation after another, without an object per operation.
 *
 * <p>The owner arms it and gets the token of the next operation; hands out a {@link ValueTask} of source and
 * token; and completes it, presenting the token. When the result has been taken, the source can be armed again.
 * Own one as a field, or extend it.
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
 * thread unless the waiter asked for {@link ValueTaskSourceOnCompletedFlags#USE_SCHEDULING_CONTEXT}.
 * <b>Ownership.</b> A result belongs to the source from a completion that returned true until it is taken; then
 * nothing here refers to it, its failure, continuation, state or thread. A refused result stays the caller's.
 * <b>Allocation.</b> None per operation; a cancelled one creates its exception.
 *
 * @param <T> the type of the result
 */
public class ManualResetValueTaskSource<T extends @Nullable Object> extends SourceCore
        implements
            ValueTaskSource<T> {

    // Written plainly by the winner of COMPLETING (or by the owner in ARMING), read and cleared by the winner of
    // CONSUMING. Published by the word, see SourceCore.
    private @Nullable T result;
    private @Nullable Throwable failure;

    /** Creates a source with no operation; {@link #arm} starts the first one. */
    public ManualResetValueTaskSource() {}

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
     * Starts the next operation if the source is free.
     *
     * @return its token, or a negative number if an operation is in progress or its result was not taken
     */
    public final long tryArm() {
        return tryStart(true);
    }

    /**
     * Claims the next operation without issuing its token yet: for an owner that first looks whether it has to
     * wait at all. Until {@link #pend} or {@link #succeed} the caller is alone with the source.
     *
     * @return the token to be issued
     * @throws ValueTaskMisuseException if an operation is in progress or its result was not taken
     */
    protected final long begin() {
        return start(false);
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
     * Ends what {@link #begin} claimed: the operation has succeeded already.
     *
     * @param value the result
     */
    protected final void succeed(T value) {
        result = value;
        leaveArmingSucceeded();
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
     * Completes the operation with a result.
     *
     * @param token the operation
     * @param value the result
     * @throws ValueTaskMisuseException if the operation is complete or not current; nothing has changed then
     */
    public final void complete(long token, T value) {
        requireFirst(tryCompleteOrRefuse(token, value), token);
    }

    /**
     * Completes the operation with a result, unless somebody else did.
     *
     * @param token the operation
     * @param value the result; stays the caller's if this returns false
     * @return true if this call completed the operation
     */
    public final boolean tryComplete(long token, T value) {
        return tryCompleteOrRefuse(token, value) == 0;
    }

    private long tryCompleteOrRefuse(long token, T value) {
        long refusal = claimCompletion(token);
        if (refusal == 0) {
            result = value;
            publishOutcome(StateWord.SUCCEEDED);
        }
        return refusal;
    }

    /**
     * Completes the operation with a failure. A {@link CancellationException} makes it
     * {@link ValueTaskSourceStatus#CANCELED}, everything else {@link ValueTaskSourceStatus#FAULTED}.
     *
     * @param token the operation
     * @param cause what {@link #getResult} is going to throw, unchanged
     * @throws ValueTaskMisuseException if the operation is complete or not current; nothing has changed then
     */
    public final void completeExceptionally(long token, Throwable cause) {
        requireFirst(tryFailOrRefuse(token, cause), token);
    }

    /**
     * Completes the operation with a failure, unless somebody else completed it.
     *
     * @param token the operation
     * @param cause what {@link #getResult} is going to throw, unchanged
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
            failure = cause;
            publishOutcome(cause instanceof CancellationException ? StateWord.CANCELED : StateWord.FAULTED);
        }
        return refusal;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A source that must do more to stop its operation overrides this and calls {@link #tryCancel}.
     */
    @Override
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

    private void requireFirst(long refusal, long token) {
        if (refusal != 0) {
            throw misuse(refusal, token, wordAcquire());
        }
    }

    // The waiting side

    @Override
    public final ValueTaskSourceStatus getStatus(long token) {
        return status(token);
    }

    @Override
    public final <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            long token, int flags) {
        return register(continuation, state, token, flags);
    }

    @Override
    public final T getResult(long token) throws IOException {
        int outcome = consume(token);
        T value = removeResult();
        Throwable cause = failure;
        failure = null;
        if (outcome == StateWord.SUCCEEDED) {
            try {
                value = take(value);
            } finally {
                // Reached by the winner of consume alone, so this frees the source exactly once.
                release();
            }
            return value;
        }
        release();
        throw Failures
                .sneaky(cause != null ? cause : new CancellationException("the operation was cancelled"));
    }

    /** Null is a legal result where {@code T} says so, which the null checker cannot know. */
    @SuppressWarnings("NullAway")
    private T removeResult() {
        T value = result;
        result = null;
        return value;
    }

    /**
     * Called by the winner of {@link #getResult} for an operation that succeeded, before the source is free
     * again: no other consumer and no next operation can run meanwhile. A source that keeps its results
     * elsewhere, such as in a queue, takes the next one here.
     *
     * @param value what the operation was completed with
     * @return what {@code getResult} returns
     * @throws IOException to let {@code getResult} throw it
     */
    protected T take(T value) throws IOException {
        return value;
    }
}
