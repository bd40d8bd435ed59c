package io.valuetask;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future that {@link ValueTask#toCompletableFuture()} makes of a source and its token. */
final class SourceFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private final ValueTaskSource<T> source;
    private final long token;

    private SourceFuture(ValueTaskSource<T> source, long token) {
        this.source = source;
        this.token = token;
    }

    static <T extends @Nullable Object> CompletableFuture<T> of(ValueTaskSource<T> source, long token) {
        SourceFuture<T> future = new SourceFuture<>(source, token);
        if (!source.onCompleted(SourceFuture::takeOutcome, future, token,
                ValueTaskSourceOnCompletedFlags.NONE)) {
            future.takeOutcome();
        }
        return future;
    }

    private void takeOutcome() {
        try {
            complete(source.getResult(token));
        } catch (Throwable failure) {
            completeExceptionally(failure);
        }
    }

    /** A result that is already on its way is not thrown away: then the future completes with it. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return isCancelled();
        }
        try {
            return source.cancel(token) || isCancelled();
        } catch (ValueTaskMisuseException takenMeanwhile) {
            return isCancelled();
        }
    }

    /** Dependents are plain futures: cancelling one of them is no business of the source. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
