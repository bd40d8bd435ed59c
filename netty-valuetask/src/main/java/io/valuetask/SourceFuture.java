package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The future that {@link ValueTask#toCompletableFuture()} makes of a source and its token. */
final class SourceFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    /*
     * Two may complete this: takeOutcome(), which the source calls once, and somebody who imposes an outcome of his own:
     * a timeout, a cancel(). He asks the source to cancel the operation, so that its result is not lost, and only the
     * answer tells him whether he is the one. Meanwhile the operation may end as cancelled, by him or by its owner:
     *
     *   null    -> Imposed                  // who imposes, before he asks; whoever comes later is refused
     *   Imposed -> CancellationException    // takeOutcome() meanwhile: the operation was cancelled. By whom, he who
     *                                       // asks is going to know. He completes this.
     *   Imposed -> REFUSED                  // he was refused: takeOutcome() completes this
     *
     * A result or a failure that takeOutcome() finds completes this at once: he who asks is refused then.
     *
     * See ImposeVsCancelStress, and its broken twin.
     */
    private static final VarHandle IMPOSED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "imposed", VarHandle.class, SourceFuture.class, Object.class);

    private static final VarHandle SOURCE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "source",
            VarHandle.class, SourceFuture.class, ValueTaskSource.class);

    private static final Object REFUSED = new Object();

    /**
     * Set before the source knows of this. Taken away, by getAndSet, by whoever takes the outcome: a source that calls back
     * twice has no second result, and this may be kept for longer than a connection lives. Read by those who impose.
     */
    private volatile @Nullable ValueTaskSource<T> source;
    private final long token;

    /** See above; by CAS, any thread. */
    @SuppressWarnings("unused")
    private volatile @Nullable Object imposed;

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

    @SuppressWarnings("unchecked")
    private void takeOutcome() {
        ValueTaskSource<T> its = (ValueTaskSource<T>) SOURCE.getAndSet(this, null);
        if (its == null) {
            return; // by a source that calls back twice
        }
        try {
            T result = its.getResult(token);
            if (!super.complete(result)) {
                Discarding.releaseResult(its, result); // whoever completed this otherwise cannot take it
            }
        } catch (CancellationException canceled) {
            Object asking = imposed;
            if (!(asking instanceof Imposed) || !IMPOSED.compareAndSet(this, asking, canceled)) {
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
        return impose(new Imposed<>(null, Objects.requireNonNull(failure, "failure")));
    }

    /** A result that is already on its way is not thrown away: then the future completes with it. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return completeExceptionally(new CancellationException()) || isCancelled();
    }

    /** The inherited one would leave the operation alone. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        Objects.requireNonNull(supplier, "supplier");
        executor.execute(() -> {
            if (isDone()) {
                return;
            }
            try {
                complete(supplier.get());
            } catch (Throwable failure) {
                completeExceptionally(failure);
            }
        });
        return this;
    }

    private boolean impose(Imposed<T> outcome) {
        if (isDone() || !IMPOSED.compareAndSet(this, null, outcome)) {
            return false;
        }
        ValueTaskSource<T> its = source;
        if (its != null && cancelOperation(its)) {
            return apply(outcome);
        }
        if (!IMPOSED.compareAndSet(this, outcome, REFUSED)) {
            super.completeExceptionally((CancellationException) imposed); // its owner cancelled it
        }
        return false;
    }

    /** False if the outcome is on its way, and is going to be taken. */
    private boolean cancelOperation(ValueTaskSource<T> its) {
        try {
            return its.cancel(token) || cannotBeCanceled(its);
        } catch (ValueTaskMisuseException takenMeanwhile) {
            return false;
        } catch (Throwable failure) {
            // The source has not said that it did it. If it did, takeOutcome() relies on impose() to end this.
            Failures.report(failure);
            return false;
        }
    }

    /** Ours refuse only while the outcome is on its way. Others may have nothing to say, and keep nobody waiting. */
    private boolean cannotBeCanceled(ValueTaskSource<T> its) {
        return !(its instanceof SourceCore)
                && its.getStatus(token) == ValueTaskSourceStatus.PENDING;
    }

    private boolean apply(Imposed<T> outcome) {
        Throwable failure = outcome.failure();
        return failure != null ? super.completeExceptionally(failure) : super.complete(outcome.value());
    }

    /** What this failed with, unchanged. Only if it has failed. */
    Throwable failureNow() {
        return handle((value, failure) -> failure).join();
    }

    /** Dependents are plain futures: cancelling one of them is no business of the source. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
