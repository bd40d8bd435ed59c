package io.valuetask;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@code int} twin of {@link ValueTaskAwaiter}: a place to keep one {@link IntValueTask} across a suspension without
 * allocating and without a box.
 *
 * <p><b>Threading.</b> Belongs to one state machine and is not for concurrent use. <b>Ownership.</b> Holds the value
 * task from {@code onCompleted} to {@code result}, then nothing. <b>Allocation.</b> None after its creation.
 */
public final class IntValueTaskAwaiter extends AwaiterCore {
    /** Creates an awaiter that holds nothing. */
    public IntValueTaskAwaiter() {}

    /**
     * Keeps a value task and registers a continuation for it, unless its operation has already completed.
     *
     * @param <S> the type of the state
     * @param task the value task; from here on the awaiter consumes it
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, has another waiter, or this awaiter still
     *         holds one
     */
    public <S extends @Nullable Object> boolean onCompleted(IntValueTask task,
            Consumer<? super S> continuation,
            S state) {
        return InlineBarrier.register(this, task.token(), task.payload(), continuation, state,
                ValueTaskSourceOnCompletedFlags.NONE);
    }

    /**
     * Keeps a value task and registers a continuation for it, unless its operation has already completed.
     *
     * @param <S> the type of the state
     * @param task the value task; from here on the awaiter consumes it
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation
     * @param flags a combination of {@link ValueTaskSourceOnCompletedFlags}
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, has another waiter, or this awaiter still
     *         holds one
     */
    public <S extends @Nullable Object> boolean onCompleted(IntValueTask task,
            Consumer<? super S> continuation,
            S state, int flags) {
        return InlineBarrier.register(this, task.token(), task.payload(), continuation, state, flags);
    }

    /**
     * Keeps a value task and registers a continuation that runs on an executor, unless the operation has already
     * completed. Costs one small object.
     *
     * @param <S> the type of the state
     * @param task the value task; from here on the awaiter consumes it
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation
     * @param executor where the continuation runs
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, has another waiter, or this awaiter still
     *         holds one
     */
    public <S extends @Nullable Object> boolean onCompleted(IntValueTask task,
            Consumer<? super S> continuation, S state, Executor executor) {
        return onCompleted(task, continuation, state, executor, ValueTaskSourceOnCompletedFlags.NONE);
    }

    /**
     * Keeps a value task and registers a continuation that runs on an executor, in the context of the caller if that is
     * asked for, unless the operation has already completed.
     *
     * @param <S> the type of the state
     * @param task the value task; from here on the awaiter consumes it
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation
     * @param executor where the continuation runs
     * @param flags {@link ValueTaskSourceOnCompletedFlags#FLOW_EXECUTION_CONTEXT} or none; the executor is chosen already
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, has another waiter, or this awaiter still
     *         holds one
     */
    public <S extends @Nullable Object> boolean onCompleted(IntValueTask task,
            Consumer<? super S> continuation, S state, Executor executor, int flags) {
        return registerOn(executor, task.token(), task.payload(), continuation, state, flags);
    }

    /**
     * Takes the outcome of the operation, and frees the awaiter. Never blocks.
     *
     * @return the result
     * @throws ValueTaskMisuseException if the awaiter holds nothing, or the operation is pending; a pending one
     *         stays held
     * @throws IOException the operation's own failure, unchanged, where it is one; any other failure is thrown
     *         unchanged too
     */
    public int result() throws IOException {
        return InlineBarrier.resultAsInt(this);
    }

    /** Behind the barrier. */
    int takeResult() throws IOException {
        long token = heldToken();
        Object payload = heldPayload();
        freeUnlessPending();
        return IntValueTask.result(token, payload);
    }
}
