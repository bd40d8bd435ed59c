package io.valuetask;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the two awaiters have in common: the parts of one value task, and how it is registered. */
abstract sealed class AwaiterCore permits ValueTaskAwaiter, IntValueTaskAwaiter {
    // Written by the thread that registers, before it registers; read by the one that takes the result, after
    // the operation completed. The source's word orders the two.
    private @Nullable Object payload;
    private long token = Handle.NO_TASK;

    AwaiterCore() {}

    /** Takes the parts of a handle, see {@link InlineBarrier}. */
    static <S extends @Nullable Object> boolean register(AwaiterCore awaiter, long token,
            @Nullable Object payload, Consumer<? super S> continuation, S state, int flags) {
        if (awaiter.token != Handle.NO_TASK) {
            throw ValueTaskMisuseException.stillHolding(awaiter, token, payload);
        }
        awaiter.payload = payload;
        awaiter.token = token;
        try {
            // Once registered, the continuation may run, on another thread: the awaiter is not touched any more.
            return Handle.onCompleted(token, payload, continuation, state, flags);
        } catch (Throwable refused) {
            if (awaiter.token == token && awaiter.payload == payload) {
                awaiter.clear(); // else a source that calls back first has led to the next one
            }
            throw refused;
        }
    }

    /** As {@link #register}, for a continuation that is to run on {@code executor}. */
    final boolean registerOn(Executor executor, long heldToken, @Nullable Object heldPayload,
            Consumer<?> continuation, @Nullable Object state, int flags) {
        return register(this, heldToken, heldPayload, DispatchedContinuation.DISPATCH,
                DispatchedContinuation.of(executor, continuation, state, flags),
                ValueTaskSourceOnCompletedFlags.NONE);
    }

    final long heldToken() {
        return token;
    }

    final @Nullable Object heldPayload() {
        return payload;
    }

    /** Lets go of what is about to be taken. If that is still pending, it stays held, and taking it says why. */
    final void freeUnlessPending() {
        if (token == Handle.NO_TASK) {
            throw new ValueTaskMisuseException(
                    "this awaiter holds no value task: state=EMPTY; call onCompleted first, and result once");
        }
        boolean pending = false;
        try {
            pending = Handle.status(token, payload) == ValueTaskSourceStatus.PENDING;
        } finally {
            if (!pending) {
                clear(); // also when somebody else took the result: there is nothing left to wait for
            }
        }
    }

    private void clear() {
        payload = null;
        token = Handle.NO_TASK;
    }

    /** Tells what the awaiter holds. Does not consume it. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "["
                + (token == Handle.NO_TASK ? "empty" : "ValueTask[" + Handle.describe(token, payload) + "]")
                + "]";
    }
}
