package io.valuetask.netty;

import io.valuetask.ValueTaskSource;
import io.valuetask.ValueTaskSourceStatus;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Operations that were cancelled before they were started. A source, although {@code ValueTask.canceled()} says the same:
 * where a method answers now a new handle and now a constant one, the compiler has to make the new one.
 */
final class NeverStarted implements ValueTaskSource<@Nullable Object> {
    static final long TOKEN = 0;

    private static final NeverStarted INSTANCE = new NeverStarted();

    private NeverStarted() {}

    @SuppressWarnings("unchecked") // it has no result
    static <T extends @Nullable Object> ValueTaskSource<T> source() {
        return (ValueTaskSource<T>) INSTANCE;
    }

    @Override
    public ValueTaskSourceStatus getStatus(long token) {
        return ValueTaskSourceStatus.CANCELED;
    }

    @Override
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            long token,
            int flags) {
        return false;
    }

    @Override
    public @Nullable Object getResult(long token) {
        throw new CancellationException();
    }

    @Override
    public String toString() {
        return "NeverStarted[CANCELED]";
    }
}
