package io.valuetask;

import java.io.IOException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every misuse says what happened, with the numbers and the way out. The texts are those of the package page. */
interface MisuseMessageContract extends SourceHolder {
    /** Where another party has had a part in it, as long as the switch is off. */
    String HINT = "; -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken";

    @Test
    default void message_ofArmingWhatIsPending_saysSo() {
        source().arm();

        assertMessage(() -> source().arm(),
                "an operation of this source is still in progress or its result was not taken: token=1, current=1, "
                        + "state=PENDING, waiter=NONE, source=%s; await it before you start the next operation"
                        + HINT);
    }

    @Test
    default void message_ofASecondWaiter_saysSo() {
        long token = source().arm();
        source().onCompleted(state -> {}, "state", token);

        assertMessage(() -> source().onCompleted(state -> {}, "state", token),
                "this value task already has a waiter: token=1, current=1, state=PENDING, waiter=REGISTERED, "
                        + "source=%s; let one party await it, or share it with toCompletableFuture()" + HINT);
    }

    @Test
    default void message_ofASecondResult_saysSo() {
        long token = source().spend();

        assertMessage(() -> source().getResult(token),
                "the result of this value task was already taken: token=1, current=1, state=IDLE, waiter=NONE, "
                        + "source=%s; await a value task once, or keep it with toCompletableFuture()" + HINT);
    }

    @Test
    default void message_ofAStaleToken_saysSo() {
        long stale = source().spend();
        source().arm();

        assertMessage(() -> source().getStatus(stale),
                "this value task belongs to an earlier operation: token=1, current=2, state=PENDING, waiter=NONE, "
                        + "source=%s; await a value task once, or keep it with toCompletableFuture()" + HINT);
    }

    @Test
    default void message_ofAPrematureResult_saysSo() {
        long token = source().arm();

        assertMessage(() -> source().getResult(token),
                "the operation has not completed: token=1, current=1, state=PENDING, waiter=NONE, source=%s; "
                        + "await it, or check isCompleted() first" + HINT);
    }

    @Test
    default void message_ofAnUnknownToken_saysSo() {
        source().arm();

        assertMessage(() -> source().getStatus(43),
                "this token was never issued: token=43, current=1, state=PENDING, waiter=NONE, source=%s; "
                        + "use the token that arming the source returned");
    }

    @Test
    default void message_ofASecondCompletion_saysSo() {
        long token = source().arm();
        source().completeExceptionally(token, new IOException("first"));

        assertMessage(() -> source().complete(token, 1),
                "the operation was completed before: token=1, current=1, state=FAULTED, waiter=NONE, source=%s; "
                        + "complete an operation once, and use the try... form where completers may race"
                        + HINT);
    }

    @Test
    default void message_ofAnExhaustedSource_saysSo() {
        source().core().startAtGeneration(StateWord.MAX_GENERATION);

        assertMessage(() -> source().arm(),
                "this source has used up all its tokens: token=72057594037927935, current=72057594037927935, "
                        + "state=IDLE, waiter=NONE, source=%s; make a new source");
    }

    private void assertMessage(ThrowingCallable misuse, String message) {
        assertThatThrownBy(misuse).isInstanceOf(ValueTaskMisuseException.class)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message.formatted(source().core().describeSource()));
    }

    @Test
    default void message_ofALateCompletion_advisesTheCompleter() {
        long token = source().spend();

        assertMessage(() -> source().complete(token, 1),
                "this completion is for an operation whose result was already taken: token=1, current=1, state=IDLE, "
                        + "waiter=NONE, source=%s; complete an operation once, and use the try... form where completers "
                        + "may race" + HINT);
        source().arm();
        assertMessage(() -> source().completeExceptionally(token, new IOException("late")),
                "this completion is for an earlier operation: token=1, current=2, state=PENDING, waiter=NONE, "
                        + "source=%s; complete an operation once, and use the try... form where completers may race"
                        + HINT);
    }
}
