package io.valuetask;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ValueTaskSource} that is used for one operation after another, without an object per operation.
 *
 * <p>The owner arms it and gets the token of the next operation; hands out a {@link ValueTask} of source and
 * token; and completes it, presenting the token. When the result has been taken, the source can be armed again.
 * Own one as a field, or extend it. What it refuses is listed in {@link ManualResetSource}.
 *
 * <p><b>Threading.</b> Every method may be called by any thread; lock-free. <b>Ownership.</b> A result belongs to the
 * source from a completion that returned true until it is taken. A refused result stays the caller's.
 * <b>Allocation.</b> None per operation; a cancelled one creates its exception.
 *
 * @param <T> the type of the result
 */
public non-sealed class ManualResetValueTaskSource<T extends @Nullable Object> extends ManualResetSource
        implements
            ValueTaskSource<T> {

    // Written plainly by the winner of COMPLETING (or by the owner in ARMING), read and cleared by the winner of
    // CONSUMING. Published by the word, see SourceCore.
    private @Nullable T result;

    /** Creates a source with no operation; {@link #arm} starts the first one. */
    public ManualResetValueTaskSource() {}

    /**
     * Ends what {@link #begin} claimed: the operation has succeeded already.
     *
     * @param value the result
     */
    protected final void succeed(T value) {
        tokenInArming(); // or throws, and has written nothing
        result = value;
        leaveArmingSucceeded();
    }

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

    @Override
    public final T getResult(long token) throws IOException {
        int outcome = consume(token);
        T value = removeResult();
        if (!isLeftToTake(outcome)) {
            throw endOperationAndThrow();
        }
        try {
            return take(value);
        } finally {
            // Reached by the winner of consume alone, so this frees the source exactly once.
            endOperation();
        }
    }

    /** Null is a legal result where {@code T} says so, which the null checker cannot know. */
    @SuppressWarnings("NullAway")
    private T removeResult() {
        T value = result;
        result = null;
        return value;
    }

    /**
     * Called by the winner of {@link #getResult} for an operation that succeeded, or for which {@link #tryFault}
     * was called, before the source is free again: no other consumer and no next operation can run meanwhile. A
     * source that keeps its results elsewhere, such as in a queue, takes the next one here.
     *
     * @param value what the operation was completed with
     * @return what {@code getResult} returns
     * @throws IOException to let {@code getResult} throw it
     */
    protected T take(T value) throws IOException {
        return value;
    }
}
