package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Takes the outcome of an operation that nobody wants any more, as soon as there is one. State of
 * {@link #take(Object)}; a source of ours needs none, since it knows whose turn it is when it resumes the waiter.
 */
final class Discarding {
    /** Registered with a source of ours, which recognizes it and calls {@link #takeOwn} instead. */
    static final Consumer<@Nullable Object> TAKE_OWN = new TakeOwn();

    private static final List<ResultReleaser> RELEASERS = ServiceLoader
            .load(ResultReleaser.class, ResultReleaser.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get).toList();

    private static final VarHandle SOURCE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "source",
            VarHandle.class, Discarding.class, ValueTaskSource.class);

    /** Taken away, by getAndSet, by whoever takes the outcome: a source that calls back twice has no second one. */
    @SuppressWarnings("unused")
    private @Nullable ValueTaskSource<?> source;
    private final long token;

    /** Known by its identity, and never called. */
    private static final class TakeOwn implements Consumer<@Nullable Object> {
        @Override
        public void accept(@Nullable Object unused) {
            throw new AssertionError("a source called what it should have recognized");
        }
    }

    private Discarding(ValueTaskSource<?> source, long token) {
        this.source = source;
        this.token = token;
    }

    static void discard(ValueTaskSource<?> source, long token) {
        if (source instanceof SourceCore) {
            if (!source.onCompleted(TAKE_OWN, null, token, ValueTaskSourceOnCompletedFlags.NONE)) {
                takeUnwanted(source, token);
            }
            return;
        }
        Discarding discarding = new Discarding(source, token);
        if (!source.onCompleted(Discarding::take, discarding, token, ValueTaskSourceOnCompletedFlags.NONE)) {
            discarding.takeOnce();
        }
    }

    /** An operation of the source has ended, and {@link #TAKE_OWN} was its waiter. */
    static void takeOwn(SourceCore core, long token, boolean asynchronously) {
        ValueTaskSource<?> source = (ValueTaskSource<?>) core; // both classes that it permits are
        if (asynchronously) {
            SourceCore.resume(Discarding::take, new Discarding(source, token), null, true);
        } else if (!Trampoline.takeUnwanted(source, token)) {
            Trampoline.run(Discarding::take, new Discarding(source, token));
        }
    }

    private static void take(@Nullable Object discarding) {
        ((Discarding) requireNonNull(discarding)).takeOnce();
    }

    private void takeOnce() {
        ValueTaskSource<?> its = (ValueTaskSource<?>) SOURCE.getAndSet(this, null);
        if (its != null) {
            takeUnwanted(its, token);
        }
    }

    /**
     * Takes the outcome of an operation that has ended, and releases the result.
     *
     * @throws ValueTaskMisuseException if another party has taken the outcome
     */
    static void takeUnwanted(ValueTaskSource<?> source, long token) {
        source.getStatus(token);
        Object result = null;
        try {
            if (source instanceof IntValueTaskSource numbers) {
                numbers.getResultAsInt(token);
            } else {
                result = source.getResult(token);
            }
        } catch (Throwable unwanted) {
            return; // the failure of an operation is as unwanted as its result
        }
        releaseResult(source, result);
    }

    /** Releases what was taken from a source and has no taker. */
    static void releaseResult(ValueTaskSource<?> source, @Nullable Object result) {
        if (source instanceof AnyOf any) {
            any.discardNamed();
        } else {
            release(result);
        }
    }

    static void release(@Nullable Object result) {
        if (result == null) {
            return;
        } else if (result instanceof CombinedResults<?> results) {
            Trampoline.cancel(CombinedResults.RELEASE, results); // which may hold others, and so on
            return;
        }
        try {
            for (ResultReleaser releaser : RELEASERS) {
                if (releaser.release(result)) {
                    return;
                }
            }
            if (result instanceof AutoCloseable closeable) {
                closeable.close();
            }
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }
}
