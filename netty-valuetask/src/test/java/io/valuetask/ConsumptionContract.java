package io.valuetask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The outcome is taken once, by one winner, and only that makes the source free. */
interface ConsumptionContract extends SourceHolder {
    @Test
    default void arm_afterConsumption_reusesTheSource() throws IOException {
        long before = 0;
        for (int i = 0; i < 1_000; i++) {
            long token = source().arm();
            assertThat(token).isEqualTo(before + 1);
            before = token;
            source().complete(token, i);
            assertThat(source().getResult(token)).isEqualTo(i);
        }
    }

    @Test
    default void getResult_whenTaken_isMisuseAndTheSourceStaysFree() {
        long token = source().spend();

        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().getStatus(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryComplete(token, 1)).isFalse();
        assertThat(source().tryArm()).isEqualTo(token + 1);
    }

    @Test
    default void getResult_whenAFailureWasTaken_isMisuseAndNotTheFailureAgain() {
        long token = source().arm();
        source().completeExceptionally(token, new IOException("once"));
        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(IOException.class);

        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
    }

    @Test
    default void getResult_whenPending_isMisuseAndDoesNotFreeTheSource() throws IOException {
        long token = source().arm();
        List<Object> resumed = new ArrayList<>();

        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryArm()).as("still in use").isNegative();
        source().onCompleted(resumed::add, "state", token);
        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryArm()).as("still in use").isNegative();

        source().complete(token, 42);
        assertThat(resumed).containsExactly("state");
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void getResult_withAStaleToken_neitherTakesNorFreesTheNextOperation() throws IOException {
        long stale = source().spend();
        long token = source().arm();
        IOException failure = new IOException("of the current operation");
        assertThatThrownBy(() -> source().getResult(stale)).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryArm()).isNegative();

        source().completeExceptionally(token, failure);

        assertThatThrownBy(() -> source().getResult(stale)).as("not the other operation's failure")
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryArm()).isNegative();
        assertThatThrownBy(() -> source().getResult(token)).isSameAs(failure);
    }

    @Test
    default void arm_whenNotFree_isRefusedAndTheOperationGoesOn() throws IOException {
        long token = source().arm();
        List<Object> resumed = new ArrayList<>();
        source().onCompleted(resumed::add, "state", token);
        assertSourceIsBusy();
        source().complete(token, 42);
        assertSourceIsBusy();

        assertThat(resumed).containsExactly("state");
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void begin_untilItEnds_issuesNoToken() throws IOException {
        long token = source().begin();
        assertThatThrownBy(() -> source().getStatus(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().onCompleted(state -> {}, "state", token))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryComplete(token, 1)).isFalse();
        assertThat(source().cancel(token)).isFalse();
        assertSourceIsBusy();

        source().pend();

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
        source().complete(token, 42);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void succeed_afterBegin_isCompleteAtOnce() throws IOException {
        for (int i = 0; i < 3; i++) {
            long token = source().tryBegin();
            source().succeed(i);
            assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.SUCCEEDED);
            assertThat(source().tryComplete(token, 99)).isFalse();
            assertThat(source().onCompleted(state -> {}, "state", token)).isFalse();
            assertThat(source().getResult(token)).isEqualTo(i);
        }
    }

    @Test
    default void withdraw_afterBegin_issuesNoTokenAndFreesTheSource() throws IOException {
        for (int i = 0; i < 3; i++) {
            long withdrawn = source().begin();
            source().withdraw();
            assertThatThrownBy(() -> source().getStatus(withdrawn))
                    .isInstanceOf(ValueTaskMisuseException.class);
            assertThatThrownBy(() -> source().getResult(withdrawn))
                    .isInstanceOf(ValueTaskMisuseException.class);
            assertThat(source().tryComplete(withdrawn, 99)).isFalse();

            long token = source().arm();
            assertThat(token).isGreaterThan(withdrawn);
            source().complete(token, i);
            assertThat(source().getResult(token)).isEqualTo(i);
        }
    }

    @Test
    default void pendSucceedAndWithdraw_withoutBegin_areBugsOfTheOwnerAndChangeNothing() throws IOException {
        assertThatThrownBy(() -> source().pend()).isInstanceOf(AssertionError.class);
        long token = source().arm();
        assertThatThrownBy(() -> source().succeed(1)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> source().withdraw()).isInstanceOf(AssertionError.class);
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);

        source().complete(token, 42);
        assertThatThrownBy(() -> source().succeed(666)).isInstanceOf(AssertionError.class);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void lookingAtIt_inEveryState_consumesNothing() throws IOException {
        look();
        long token = source().arm();
        look();
        source().onCompleted(state -> {}, "state", token);
        look();
        source().complete(token, 42);
        look();
        assertThat(source().getResult(token)).isEqualTo(42);
        look();
        assertThat(source().tryArm()).isEqualTo(token + 1);
    }

    private void assertSourceIsBusy() {
        assertThat(source().tryArm()).isNegative();
        assertThat(source().tryBegin()).isNegative();
        assertThatThrownBy(() -> source().arm()).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().begin()).isInstanceOf(ValueTaskMisuseException.class);
    }

    private void look() {
        long before = source().core().wordAcquire();
        assertThat(source().core().toString()).contains("current=", "state=", "waiter=");
        assertThat(source().core().hashCode()).isEqualTo(source().core().hashCode());
        assertThat(source().core()).isEqualTo(source().core());
        assertThat(source().core().wordAcquire()).isEqualTo(before);
    }
}
