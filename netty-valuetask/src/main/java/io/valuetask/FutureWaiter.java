package io.valuetask;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A continuation that waits for somebody else's future, with all that it asked for. */
final class FutureWaiter {
    private final Consumer<@Nullable Object> continuation;
    private final @Nullable Object state;
    private final @Nullable Executor executor;

    // A future that is complete by the time it is registered with calls back within that call, which has to answer false
    // then. The flags are the registrant's: another thread that completes the future looks at the thread alone.
    private final Thread registrant = Thread.currentThread();
    private boolean registering = true;
    private boolean wasComplete;

    private FutureWaiter(Consumer<@Nullable Object> continuation, @Nullable Object state,
            @Nullable Executor executor) {
        this.continuation = continuation;
        this.state = state;
        this.executor = executor;
    }

    /** False if the future was complete. */
    @SuppressWarnings("FutureReturnValueIgnored")
    static boolean register(CompletableFuture<?> future, Consumer<?> continuation, @Nullable Object state,
            int flags) {
        FutureWaiter waiter = of(continuation, state, flags);
        future.whenComplete((value, failure) -> waiter.completed());
        waiter.registering = false;
        return !waiter.wasComplete;
    }

    @SuppressWarnings("unchecked")
    private static FutureWaiter of(Consumer<?> continuation, @Nullable Object state, int flags) {
        ContextualContinuation inContext = ContextualContinuation.capture(flags, continuation, state);
        Executor executor = SourceCore.requestedExecutor(flags);
        return inContext == null
                ? new FutureWaiter((Consumer<@Nullable Object>) continuation, state, executor)
                : new FutureWaiter((Consumer<@Nullable Object>) (Consumer<?>) ContextualContinuation.RUN,
                        inContext, executor);
    }

    private void completed() {
        if (Thread.currentThread() == registrant && registering) {
            wasComplete = true;
        } else {
            SourceCore.resume(continuation, state, executor, false);
        }
    }
}
