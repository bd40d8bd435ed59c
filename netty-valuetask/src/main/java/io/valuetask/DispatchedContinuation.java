package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A continuation that has to change threads: what is handed to the executor, and all that it costs. */
final class DispatchedContinuation implements Runnable {
    static final Consumer<DispatchedContinuation> DISPATCH = DispatchedContinuation::dispatch;

    /** Where continuations run that must not run inline and asked for no executor. */
    static final Executor ASYNCHRONOUS = new CompletableFuture<Void>().defaultExecutor();

    private static final VarHandle EXECUTOR = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "executor", VarHandle.class, DispatchedContinuation.class, Executor.class);

    /**
     * Set before this is published. Whoever takes it away, by getAndSet, runs the continuation: the thread that the
     * executor chose or, when the executor failed, the one that dispatched. So it runs once, also where an executor fails
     * after it has run or accepted it.
     */
    private @Nullable Executor executor;
    // Cleared by whoever takes the executor away: some executors keep what they have run.
    private @Nullable Consumer<@Nullable Object> continuation;
    private @Nullable Object state;

    @SuppressWarnings("unchecked")
    private DispatchedContinuation(Executor executor, Consumer<?> continuation, @Nullable Object state) {
        this.executor = executor;
        this.continuation = (Consumer<@Nullable Object>) continuation;
        this.state = state;
    }

    static DispatchedContinuation of(Executor executor, Consumer<?> continuation, @Nullable Object state) {
        return new DispatchedContinuation(Objects.requireNonNull(executor, "executor"),
                Objects.requireNonNull(continuation, "continuation"), state);
    }

    /** With the context of this thread, if the flags ask for it. */
    static DispatchedContinuation of(Executor executor, Consumer<?> continuation, @Nullable Object state,
            int flags) {
        ContextualContinuation inContext = ContextualContinuation.capture(flags,
                Objects.requireNonNull(continuation, "continuation"), state);
        return inContext == null
                ? of(executor, continuation, state)
                : of(executor, ContextualContinuation.RUN, inContext);
    }

    private void dispatch() {
        dispatch(false);
    }

    /**
     * Hands this to its executor. To lose the continuation would hang it for ever: if the executor is gone, it runs here
     * or, if the completer must return soon, asynchronously; here only if even that fails.
     */
    void dispatch(boolean asynchronously) {
        // Licence: handed over, with all that was written before, by the state word; or called by its own creator.
        Executor wanted = executor;
        if (wanted == null) {
            return; // by a source that calls back twice
        }
        if (!submit(wanted) && !(asynchronously && wanted != ASYNCHRONOUS && submit(ASYNCHRONOUS))) {
            run();
        }
    }

    private boolean submit(Executor to) {
        try {
            to.execute(this);
            return true;
        } catch (RejectedExecutionException terminated) {
            return false;
        } catch (Throwable failure) {
            // No memory for a thread, perhaps. Somebody should hear of it.
            Failures.report(failure);
            return false;
        }
    }

    @Override
    public void run() {
        if (EXECUTOR.getAndSet(this, null) != null) {
            Consumer<@Nullable Object> resumed = Objects.requireNonNull(continuation);
            Object itsState = state;
            continuation = null;
            state = null;
            Trampoline.run(resumed, itsState);
        }
    }
}
