package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future that {@link ValueTask#toCompletableFuture()} makes of a source and its token. */
final class SourceFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private static final VarHandle IMPOSED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "imposed",
            VarHandle.class, SourceFuture.class, Imposed.class);

    private final ValueTaskSource<T> source;
    private final long token;

    /** What somebody other than the source completed this with, by CAS from null; any thread. */
    @SuppressWarnings("unused")
    private volatile @Nullable Imposed<T> imposed;

    /** A value or, where that is not null, a failure. */
    private record Imposed<T extends @Nullable Object>(T value, @Nullable Throwable failure) {}

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
            super.complete(source.getResult(token));
        } catch (CancellationException canceled) {
            Imposed<T> instead = imposed;
            if (instead != null) {
                apply(instead);
            } else {
                super.completeExceptionally(canceled);
            }
        } catch (Throwable failure) {
            super.completeExceptionally(failure);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Cancels the operation, so that its result is not lost; a result that is already on its way wins.
     */
    @Override
    public boolean complete(T value) {
        return impose(new Imposed<>(value, null));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Cancels the operation, as a timeout should; a result that is already on its way wins.
     */
    @Override
    @SuppressWarnings("NullAway") // a value is not looked at when there is a failure
    public boolean completeExceptionally(Throwable failure) {
        if (failure == null) {
            throw new NullPointerException("failure");
        }
        return impose(new Imposed<>(null, failure));
    }

    private boolean impose(Imposed<T> outcome) {
        if (isDone() || !IMPOSED.compareAndSet(this, null, outcome)) {
            return false;
        }
        boolean canceled;
        try {
            canceled = source.cancel(token);
        } catch (ValueTaskMisuseException takenMeanwhile) {
            return false;
        }
        // Only a foreign source may refuse to be cancelled and yet have nothing to say.
        if (!canceled && source instanceof SourceCore) {
            return false;
        }
        return apply(outcome) || canceled;
    }

    private boolean apply(Imposed<T> outcome) {
        Throwable failure = outcome.failure();
        return failure != null ? super.completeExceptionally(failure) : super.complete(outcome.value());
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
