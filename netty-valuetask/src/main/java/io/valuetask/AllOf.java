package io.valuetask;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Completes when all inputs have; see {@link ValueTasks#whenAll}. */
final class AllOf<T extends @Nullable Object> extends Combinator<List<T>> {
    /** In the place of a result, where a source has called back too often, and an input is still pending. */
    private static final Object PENDING = new Object();

    // Plain: written inside before COMPLETING is left, taken by the winner of CONSUMING.
    private @Nullable List<T> results;
    private @Nullable Throwable failure;

    AllOf(ValueTask<?>[] inputs) {
        super(inputs);
    }

    @Override
    boolean isReady(@Nullable ValueTask<?>[] all, int completed) {
        return completed >= all.length; // more, if a source calls back too often
    }

    @Override
    void conclude(@Nullable ValueTask<?>[] all) {
        @Nullable
        Object[] taken = new @Nullable Object[all.length];
        Throwable failed = null;
        for (int i = 0; i < all.length; i++) {
            ValueTask<?> input = Objects.requireNonNull(all[i]);
            boolean completed = CombinatorInputs.isCompleted(input);
            try {
                taken[i] = input.result();
            } catch (Throwable thrown) {
                failed = first(failed, thrown);
                if (completed) {
                    all[i] = null; // nothing to release
                } else {
                    taken[i] = PENDING; // and stays, to be taken when it has completed
                }
            }
        }
        if (failed == null) {
            results = CombinedResults.of(taken, all);
            Arrays.fill(all, null);
        } else {
            failure = failed;
            releaseTaken(all, taken);
        }
    }

    /**
     * The first failure; what was cancelled matters only if nothing failed. The others are not added to it: an exception
     * is its operation's, which may have thrown it to others before and do so again, and would grow with each time.
     */
    private static Throwable first(@Nullable Throwable first, Throwable next) {
        if (first == null
                || (first instanceof CancellationException && !(next instanceof CancellationException))) {
            return next;
        }
        return first;
    }

    private static void releaseTaken(@Nullable ValueTask<?>[] all, @Nullable Object[] taken) {
        for (int i = 0; i < all.length; i++) {
            ValueTask<?> succeeded = all[i];
            if (succeeded != null && taken[i] != PENDING) {
                all[i] = null;
                CombinatorInputs.release(succeeded, taken[i]);
            }
        }
    }

    @Override
    void publishConclusion() {
        Throwable failed = failure;
        if (failed != null) {
            failure = null;
            publishFailure(failed);
        } else {
            publishOutcome(StateWord.SUCCEEDED);
        }
    }

    @Override
    protected List<T> take(@Nullable List<T> unused) {
        List<T> all = Objects.requireNonNull(results);
        results = null;
        return all;
    }
}
