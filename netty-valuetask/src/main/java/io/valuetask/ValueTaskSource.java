package io.valuetask;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind a {@link ValueTask}: an object that runs one operation after another and answers for each
 * by its token. Counterpart of .NET's {@code IValueTaskSource<TResult>}.
 *
 * <p>The one who waits asks in this order: {@link #getStatus}; if pending, {@link #onCompleted}; once complete,
 * {@link #getResult}, exactly once. Prefer to extend or own a {@link ManualResetValueTaskSource}, which
 * enforces all of it.
 *
 * <p><b>Threading.</b> All methods may be called by any thread; whatever {@code getResult} returns must have been
 * published before the continuation runs. <b>Ownership.</b> The result passes to the caller of
 * {@code getResult}. <b>Allocation.</b> A source is meant to be reused, so that an operation allocates nothing.
 *
 * @param <T> the type of the result
 */
public interface ValueTaskSource<T extends @Nullable Object> {
    /**
     * Where the operation stands. Has no side effects.
     *
     * @param token the operation, as handed out with the value task
     * @return the status; {@link ValueTaskSourceStatus#PENDING} until the outcome can be taken
     * @throws ValueTaskMisuseException if the token is not the current one or its result was taken
     */
    ValueTaskSourceStatus getStatus(long token);

    /**
     * Registers the one continuation of the operation, unless it has already completed.
     *
     * <p>This is where we differ from .NET: there a late registration is queued, here it is answered
     * {@code false} and the caller goes on itself. No forced hop, no growing stack.
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
    <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state, long token,
            int flags);

    /**
     * Takes the outcome and ends the operation. Never blocks.
     *
     * @param token the operation, as handed out with the value task
     * @return the result
     * @throws ValueTaskMisuseException if the operation is still pending, the token is not the current one, or
     *         its result was taken
     * @throws IOException the failure of the operation, unchanged, where it is one; any other failure is thrown
     *         unchanged too, checked or not
     */
    T getResult(long token) throws IOException;

    /**
     * Asks to end the operation early. If it can be cancelled, it completes as
     * {@link ValueTaskSourceStatus#CANCELED}, and whoever waits is resumed. What this throws is reported to the thread's
     * uncaught exception handler by those who wait, and counts as false.
     *
     * @param token the operation, as handed out with the value task
     * @return true if this call cancelled the operation; false if it has completed, is not current, or cannot be
     *         cancelled
     */
    default boolean cancel(long token) {
        return false;
    }
}
