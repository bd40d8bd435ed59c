package io.valuetask;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A place to keep one value task across a suspension without allocating: what .NET's awaiter struct is inside
 * its compiler-made state machine, is here a field of your hand-made one.
 *
 * <p>A {@link ValueTask} that is stored in a field has to be an object. An awaiter is one object for all the
 * operations of one kind: hand it the value task, and let the continuation take the result out of it.
 *
 * {@snippet :
 * final class Echo {
 *     private final ValueTaskAwaiter<ByteBuf> reading = new ValueTaskAwaiter<>();
 *
 *     void next() {
 *         if (!reading.onCompleted(channel.read(), Echo::onRead, this)) {
 *             onRead();
 *         }
 *     }
 *
 *     void onRead() {
 *         ByteBuf message = reading.result();
 *         ...
 *     }
 * }
 * }
 *
 * <p><b>Threading.</b> Belongs to one state machine and is not for concurrent use. What the registering thread
 * stored is visible to the continuation, whichever thread runs it. <b>Ownership.</b> Holds the value task from
 * {@code onCompleted} to {@code result}, then nothing. <b>Allocation.</b> None after its creation.
 *
 * @param <T> the type of the result
 */
public final class ValueTaskAwaiter<T extends @Nullable Object> {
    // Written by the thread that registers, before it registers; read by the one that takes the result, after
    // the operation completed. The source's word orders the two.
    private @Nullable Object payload;
    private long token = ValueTask.NO_TASK;

    /** Creates an awaiter that holds nothing. */
    public ValueTaskAwaiter() {}

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
    public <S extends @Nullable Object> boolean onCompleted(ValueTask<T> task,
            Consumer<? super S> continuation,
            S state) {
        return register(task.token(), task.payload(), continuation, state,
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
    public <S extends @Nullable Object> boolean onCompleted(ValueTask<T> task,
            Consumer<? super S> continuation,
            S state, int flags) {
        // The parts and not the handle, so that it need not exist. See register.
        return register(task.token(), task.payload(), continuation, state, flags);
    }

    private boolean register(long ofTask, @Nullable Object inTask, Consumer<?> continuation,
            @Nullable Object state, int flags) {
        if (token != ValueTask.NO_TASK) {
            throw new ValueTaskMisuseException("this awaiter still holds a value task: held=" + this
                    + ", offered=" + new ValueTask<>(ofTask, inTask)
                    + "; take its result first, or use a second awaiter");
        }
        payload = inTask;
        token = ofTask;
        try {
            // Once registered, the continuation may run, on another thread: nothing of this is touched any more.
            if (inTask instanceof SourceCore ours && ofTask >= 0) {
                return ours.register(continuation, state, ofTask, flags);
            }
            return registerElsewhere(ofTask, inTask, continuation, state, flags);
        } catch (Throwable refused) {
            clear();
            throw refused;
        }
    }

    @SuppressWarnings("unchecked")
    private static boolean registerElsewhere(long token, @Nullable Object payload, Consumer<?> continuation,
            @Nullable Object state, int flags) {
        return token >= 0
                ? ValueTask.sourceOf(payload).onCompleted((Consumer<@Nullable Object>) continuation, state,
                        token,
                        flags)
                : ValueTask.immediateOnCompleted(token, payload, continuation, state, flags);
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
    public T result() throws IOException {
        long ofTask = token;
        Object inTask = payload;
        if (ofTask >= 0) {
            ValueTaskSource<T> source = ValueTask.sourceOf(inTask);
            if (source.getStatus(ofTask) != ValueTaskSourceStatus.PENDING) {
                clear();
            }
            return source.getResult(ofTask);
        } else if (ofTask == ValueTask.NO_TASK) {
            throw new ValueTaskMisuseException(
                    "this awaiter holds no value task: state=EMPTY; call onCompleted first, and result once");
        }
        if (ValueTask.immediateStatus(ofTask, inTask) != ValueTaskSourceStatus.PENDING) {
            clear();
        }
        return ValueTask.immediateResult(ofTask, inTask);
    }

    private void clear() {
        payload = null;
        token = ValueTask.NO_TASK;
    }

    /** Tells what the awaiter holds. Does not consume it. */
    @Override
    public String toString() {
        return token == ValueTask.NO_TASK
                ? "ValueTaskAwaiter[empty]"
                : "ValueTaskAwaiter[" + new ValueTask<>(token, payload) + "]";
    }
}
