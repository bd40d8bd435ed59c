package io.valuetask;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The source of numbers that are known already: the token is the number. So an {@link IntValueTask} is two words like
 * its twin, and has one kind less to tell apart. It cannot be consumed: whoever holds a number may look at it twice.
 */
final class ImmediateInt implements IntValueTaskSource {
    static final ImmediateInt INSTANCE = new ImmediateInt();

    private ImmediateInt() {}

    /** Not negative, as that would be no token. */
    static long token(int result) {
        return Integer.toUnsignedLong(result);
    }

    @Override
    public ValueTaskSourceStatus getStatus(long token) {
        return ValueTaskSourceStatus.SUCCEEDED;
    }

    @Override
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            long token,
            int flags) {
        if (continuation == null) {
            throw new NullPointerException("continuation");
        }
        return false;
    }

    @Override
    public int getResultAsInt(long token) {
        return (int) token;
    }

    @Override
    public String toString() {
        return "none, the token is the result";
    }
}
