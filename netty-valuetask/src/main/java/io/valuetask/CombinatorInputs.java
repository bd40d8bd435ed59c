package io.valuetask;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a {@link Combinator} does to its inputs. A null in the array is an input that was taken. */
final class CombinatorInputs {
    /** For an outcome that was to be taken by somebody else. */
    static final Consumer<ValueTask<?>> TAKE_UNWANTED = CombinatorInputs::takeUnwanted;

    private CombinatorInputs() {}

    // Before anything is registered

    /**
     * Refuses what could not be awaited, while nothing has changed yet.
     *
     * @throws ValueTaskMisuseException if an input was consumed, has a waiter, or is there twice
     */
    static void check(ValueTask<?>[] inputs) {
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] == null) {
                throw new NullPointerException("tasks[" + i + "]");
            }
            checkCanBeAwaited(inputs[i]);
        }
        checkDistinct(inputs);
    }

    private static void checkCanBeAwaited(ValueTask<?> input) {
        if (input.token() >= 0 && input.payload() instanceof SourceCore source) {
            source.checkWaiterPermitted(input.token());
        } else {
            input.status();
        }
    }

    /** A handle without a source may be awaited twice; one of a source may not. */
    private static void checkDistinct(ValueTask<?>[] inputs) {
        // A hash table with open addressing. An entry is an index plus one.
        int mask = 4 * Integer.highestOneBit(inputs.length | 1) - 1;
        int[] table = new int[mask + 1];
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].token() < 0) {
                continue;
            }
            int at = inputs[i].hashCode() & mask;
            for (; table[at] != 0; at = (at + 1) & mask) {
                int earlier = table[at] - 1;
                if (inputs[i].equals(inputs[earlier])) {
                    throw ValueTaskMisuseException.givenTwice(inputs[i], earlier, i);
                }
            }
            table[at] = i + 1;
        }
    }

    // When the combined operation ends

    /** Whether there is an outcome to take. Whoever then takes it learns what went wrong, if something did. */
    static boolean isCompleted(ValueTask<?> input) {
        try {
            return input.isCompleted();
        } catch (Throwable takenByAnother) {
            return true;
        }
    }

    /** Cancels every input that can be. */
    static void cancel(@Nullable ValueTask<?>[] inputs) {
        for (ValueTask<?> input : inputs) {
            if (input != null) {
                cancel(input);
            }
        }
    }

    private static void cancel(ValueTask<?> input) {
        try {
            if (input.token() >= 0) {
                Handle.source(input.payload()).cancel(input.token());
            } else if (input.payload() instanceof CompletableFuture<?> future) {
                future.cancel(true);
            }
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }

    /** Takes the outcomes that nobody gets, and frees their sources. What is pending stays. */
    static void takeCompleted(@Nullable ValueTask<?>[] inputs, int from, int to) {
        for (int i = from; i < to; i++) {
            ValueTask<?> input = inputs[i];
            if (input != null && isCompleted(input)) {
                inputs[i] = null;
                takeUnwanted(input);
            }
        }
    }

    /** Takes the outcome of an input that has ended, for nobody. */
    private static void takeUnwanted(ValueTask<?> input) {
        try {
            if (input.token() >= 0) {
                Discarding.takeUnwanted(Handle.source(input.payload()), input.token());
            } else if (input.token() == Handle.RESULT) {
                Discarding.release(input.payload());
            }
        } catch (ValueTaskMisuseException takenByAnother) {
            Failures.report(takenByAnother);
        }
    }

    /** Releases what was taken from an input. The result of a future may have other takers, and stays theirs. */
    static void release(ValueTask<?> input, @Nullable Object result) {
        if (input.token() >= 0) {
            Discarding.releaseResult(Handle.source(input.payload()), result);
        } else if (input.token() != Handle.STAGE) {
            Discarding.release(result);
        }
    }
}
