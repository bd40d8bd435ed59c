package io.valuetask.interop;

import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The Netty future of an operation. To cancel it asks the operation first, and in the call: a listener would do so later, on
 * its executor, and a message that arrives in between would have no taker, though the future says that it was cancelled.
 */
final class OperationFuture<T extends @Nullable Object> extends DefaultPromise<T> {
    private final CompletableFuture<T> operation;

    OperationFuture(EventExecutor executor, CompletableFuture<T> operation) {
        super(executor);
        this.operation = operation;
    }

    /** Where the operation refuses, its outcome is on its way, and completes this. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (!isCancellable() || !operation.cancel(mayInterruptIfRunning)) {
            return false;
        }
        // The operation may have told this already, inside its cancel().
        return super.cancel(mayInterruptIfRunning) || isCancelled();
    }
}
