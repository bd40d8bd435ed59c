package io.valuetask;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The results of {@link ValueTasks#whenAll}: a list that nobody changes, and that knows what to do with its elements if
 * it is not taken itself.
 */
final class CombinedResults<T extends @Nullable Object> extends AbstractList<T> implements RandomAccess {
    static final Consumer<CombinedResults<?>> RELEASE = CombinedResults::release;

    private final @Nullable Object[] elements;

    /** The inputs whose results are not simply released, at their places; null if there are none. */
    private final @Nullable ValueTask<?> @Nullable [] special;

    private CombinedResults(@Nullable Object[] elements, @Nullable ValueTask<?> @Nullable [] special) {
        this.elements = elements;
        this.special = special;
    }

    /** Keeps the results, and of the inputs no more than needed. */
    static <T extends @Nullable Object> CombinedResults<T> of(@Nullable Object[] results,
            @Nullable ValueTask<?>[] inputs) {
        @Nullable
        ValueTask<?>[] special = null;
        for (int i = 0; i < inputs.length; i++) {
            ValueTask<?> input = Objects.requireNonNull(inputs[i]);
            if (input.token() == Handle.STAGE || input.payload() instanceof AnyOf) {
                if (special == null) {
                    special = new @Nullable ValueTask<?>[inputs.length];
                }
                special[i] = input;
            }
        }
        return new CombinedResults<>(results, special);
    }

    private void release() {
        for (int i = 0; i < elements.length; i++) {
            ValueTask<?> input = special == null ? null : special[i];
            if (input != null) {
                CombinatorInputs.release(input, elements[i]);
            } else {
                Discarding.release(elements[i]);
            }
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // a T where the input says so
    public T get(int index) {
        return (T) elements[index];
    }

    @Override
    public int size() {
        return elements.length;
    }
}
