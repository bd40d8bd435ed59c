package io.valuetask;

import org.jspecify.annotations.Nullable;

/**
 * A value task or its source was used against its rules: awaited twice, asked for a result it does not have
 * yet, presented with the token of another operation.
 *
 * <p>The exception is thrown at the place of the mistake and has no effect on anybody else: a waiter that
 * registered rightly keeps its continuation, its state and its result. The message tells what happened, on what, and
 * what to do instead; that of a source also the token that was presented, the source's current token, its state and
 * its waiter. The package page lists all messages, and how to have the stack traces of the other parties suppressed in
 * it.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> Holds no reference to the source or to a result.
 * <b>Allocation.</b> Only misuse pays for it.
 */
public final class ValueTaskMisuseException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private static final String HINT = OperationTrace.ON
            ? ""
            : "; -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken";

    ValueTaskMisuseException(String message) {
        super(message);
        MisuseEvent.commit(message);
    }

    /** For a refusal of {@link StateWord}: one sentence each, with the numbers and the way out. */
    static ValueTaskMisuseException of(long refusal, String source, long token, long word) {
        return new ValueTaskMisuseException(
                what(refusal) + ": token=" + token + ", " + StateWord.describe(word) + ", source=" + source
                        + "; " + advice(refusal) + hint(refusal));
    }

    /** As {@link #of}, for who completes. */
    static ValueTaskMisuseException ofCompletion(long refusal, String source, long token, long word) {
        String what = what(refusal);
        if (refusal == StateWord.REFUSED_STALE) {
            what = "this completion is for an earlier operation";
        } else if (refusal == StateWord.REFUSED_CONSUMED) {
            what = "this completion is for an operation whose result was already taken";
        }
        String advice = refusal == StateWord.REFUSED_UNKNOWN
                ? advice(refusal)
                : "complete an operation once, and use the try... form where completers may race";
        return new ValueTaskMisuseException(
                what + ": token=" + token + ", " + StateWord.describe(word) + ", source=" + source + "; "
                        + advice + hint(refusal));
    }

    /** For a source that is armed by somebody who kept it after the operation it was rented for. */
    static ValueTaskMisuseException notRented(String source, long word) {
        return new ValueTaskMisuseException(
                "this source went back to its pool when the result was taken: " + StateWord.describe(word)
                        + ", source=" + source + "; rent one for each operation" + HINT);
    }

    /** For a combination that names one operation twice. */
    static ValueTaskMisuseException givenTwice(ValueTask<?> task, int first, int second) {
        return new ValueTaskMisuseException(
                "the same value task was given twice: tasks[" + first + "] and tasks["
                        + second + "] are " + task + "; give each one once, or share it with preserve()");
    }

    /**
     * For an awaiter that is offered a second value task. It takes the handle apart, since a handle that is passed
     * to a call has to exist in the heap; and it stands here, since the compiler does not inline the methods of an
     * exception, which keeps its caller small enough to be inlined itself.
     */
    static ValueTaskMisuseException stillHolding(AwaiterCore awaiter, long offeredToken,
            @Nullable Object offeredPayload) {
        return new ValueTaskMisuseException(
                "this awaiter still holds a value task: held=" + awaiter + ", offered="
                        + "ValueTask[" + Handle.describe(offeredToken, offeredPayload) + "]"
                        + "; take its result first, or use a second awaiter");
    }

    /** For a registration that is registered before it was closed. */
    static ValueTaskMisuseException stillRegistered(CancellationRegistration registration,
            long offeredOperation) {
        return new ValueTaskMisuseException(
                "this registration is still registered: held=" + registration + ", offered="
                        + offeredOperation
                        + "; close it when its operation is consumed, or use a second one");
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

    /** Where another party has had a part in it. */
    private static String hint(long refusal) {
        return refusal == StateWord.REFUSED_UNKNOWN || refusal == StateWord.REFUSED_EXHAUSTED ? "" : HINT;
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
        }
        throw new AssertionError("refusal=" + refusal);
    }
}
