package io.valuetask;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Completes with the index of the first input that does; see {@link ValueTasks#whenAny}. */
final class AnyOf extends Combinator<Integer> implements IntValueTaskSource {
    /** Plain: written inside before COMPLETING is left, read by the winner of CONSUMING. */
    private int winner;
    /** What is left to whoever learns the index. Written and read as that. */
    private @Nullable ValueTask<?> named;

    AnyOf(ValueTask<?>[] inputs) {
        super(inputs);
    }

    @Override
    boolean isReady(@Nullable ValueTask<?>[] all, int completed) {
        for (int i = 0; i < all.length; i++) {
            ValueTask<?> input = all[i];
            if (input != null && CombinatorInputs.isCompleted(input)) {
                winner = i;
                return true;
            }
        }
        return false;
    }

    @Override
    void conclude(@Nullable ValueTask<?>[] all) {
        named = all[winner];
        all[winner] = null; // its outcome is the caller's
        CombinatorInputs.cancel(all);
    }

    @Override
    void publishConclusion() {
        publishOutcome(StateWord.SUCCEEDED);
    }

    /** The index was taken for nobody: so is the outcome that it names. */
    void discardNamed() {
        ValueTask<?> left = named;
        if (left != null) {
            named = null;
            Trampoline.cancel(CombinatorInputs.TAKE_UNWANTED, left); // which may be such a combination too
        }
    }

    @Override
    protected Integer take(Integer unused) {
        return winner;
    }

    /** Not by way of {@link #getResult}, which would box the index. */
    @Override
    public int getResultAsInt(long token) throws IOException {
        if (consume(token) != StateWord.SUCCEEDED) {
            throw endOperationAndThrow();
        }
        int index = winner;
        endOperation();
        return index;
    }
}
