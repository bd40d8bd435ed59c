package io.valuetask;

import org.jspecify.annotations.Nullable;

/** Moves and closes as told, and has a null element. */
record CarelessIterator(ValueTask<Boolean> moving, ValueTask<@Nullable Void> closing)
        implements
            AsyncIterator<String> {
    @Override
    public ValueTask<Boolean> moveNext() {
        return moving;
    }

    @Override
    public String current() {
        return null;
    }

    @Override
    public ValueTask<@Nullable Void> close() {
        return closing;
    }
}
