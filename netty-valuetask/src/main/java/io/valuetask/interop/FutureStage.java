package io.valuetask.interop;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A Netty future, seen as a {@link CompletableFuture}: its listener, so that the two are one object. */
final class FutureStage<T extends @Nullable Object> extends CompletableFuture<T>
        implements
            GenericFutureListener<Future<T>> {
    private final Future<? extends T> future;

    private FutureStage(Future<? extends T> future) {
        this.future = future;
    }

    @SuppressWarnings("unchecked") // a listener only reads
    static <T extends @Nullable Object> CompletableFuture<T> of(Future<? extends T> future) {
        FutureStage<T> stage = new FutureStage<>(future);
        ((Future<T>) future).addListener(stage);
        return stage;
    }

    @Override
    public void operationComplete(Future<T> done) {
        if (done.isSuccess()) {
            complete(done.getNow());
        } else {
            completeExceptionally(done.cause()); // a cancellation stays one
        }
    }

    /** Cancels the operation itself. Where that is not possible any more, its outcome is on its way. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return (future.cancel(mayInterruptIfRunning) && super.cancel(mayInterruptIfRunning)) || isCancelled();
    }

    /** Dependents are plain futures: to cancel one of them is no business of Netty's. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
