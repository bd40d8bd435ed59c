package io.valuetask;

import org.jspecify.annotations.Nullable;

/**
 * A value task or its source was used against its rules: awaited twice, asked for a result it does not have
 * yet, presented with the token of another operation.
 *
 * <p>The exception is thrown at the place of the mistake and has no effect on anybody else: a waiter that
 * registered rightly keeps its continuation, its state and its result. The message tells what happened, the
 * token that was presented, the source's current token, its state, and what to do instead. The package page
 * lists all messages.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> Holds no reference to the source or to a result.
 * <b>Allocation.</b> Only misuse pays for it.
 */
public final class ValueTaskMisuseException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ValueTaskMisuseException(String message) {
        super(message);
    }

    /** For a refusal of {@link StateWord}: one sentence each, with the numbers and the way out. */
    static ValueTaskMisuseException of(long refusal, String source, long token, long word) {
        return new ValueTaskMisuseException(
                what(refusal) + ": token=" + token + ", " + StateWord.describe(word) + ", source=" + source
                        + "; " + advice(refusal));
    }

    /**
     * For an awaiter that is offered a second value task. It takes the handle apart, since a handle that is passed
     * to a call has to exist in the heap; and it stands here, since the compiler does not inline the methods of an
     * exception, which keeps its caller small enough to be inlined itself.
     */
    static ValueTaskMisuseException stillHolding(ValueTaskAwaiter<?> awaiter, long offeredToken,
            @Nullable Object offeredPayload) {
        return new ValueTaskMisuseException(
                "this awaiter still holds a value task: held=" + awaiter + ", offered="
                        + new ValueTask<>(offeredToken, offeredPayload)
                        + "; take its result first, or use a second awaiter");
    }

    private static String what(long refusal) {
        if (refusal == StateWord.REFUSED_BUSY) {
            return "an operation of this source is still in progress or its result was not taken";
        } else if (refusal == StateWord.REFUSED_EXHAUSTED) {
            return "this source has used up all its tokens";
        } else if (refusal == StateWord.REFUSED_STALE) {
            return "this value task belongs to an earlier operation";
        } else if (refusal == StateWord.REFUSED_UNKNOWN) {
            return "this token was never issued";
        } else if (refusal == StateWord.REFUSED_CONSUMED) {
            return "the result of this value task was already taken";
        } else if (refusal == StateWord.REFUSED_PENDING) {
            return "the operation has not completed";
        } else if (refusal == StateWord.REFUSED_SECOND_WAITER) {
            return "this value task already has a waiter";
        } else if (refusal == StateWord.REFUSED_COMPLETED) {
            return "the operation was completed before";
        }
        throw new AssertionError("refusal=" + refusal);
    }

    private static String advice(long refusal) {
        if (refusal == StateWord.REFUSED_BUSY) {
            return "await it before you start the next operation";
        } else if (refusal == StateWord.REFUSED_EXHAUSTED) {
            return "make a new source";
        } else if (refusal == StateWord.REFUSED_STALE || refusal == StateWord.REFUSED_CONSUMED) {
            return "await a value task once, or keep it with toCompletableFuture()";
        } else if (refusal == StateWord.REFUSED_UNKNOWN) {
            return "use the token that arming the source returned";
        } else if (refusal == StateWord.REFUSED_PENDING) {
            return "await it, or check isCompleted() first";
        } else if (refusal == StateWord.REFUSED_SECOND_WAITER) {
            return "let one party await it, or share it with toCompletableFuture()";
        } else if (refusal == StateWord.REFUSED_COMPLETED) {
            return "use the try... form where completers may race";
        }
        throw new AssertionError("refusal=" + refusal);
    }
}
