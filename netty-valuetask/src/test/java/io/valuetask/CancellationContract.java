package io.valuetask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A token cancels the operation that it was given to while that is pending, and never another one. */
interface CancellationContract extends SourceHolder {
    int MANY = 100_000;

    @Test
    default void request_whilePending_cancelsAndResumesOnce() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        List<Object> resumed = new ArrayList<>();
        long token = source().arm(cancellation.token());
        source().onCompleted(resumed::add, "state", token);
        assertThat(cancellation.registrations()).isEqualTo(1);

        assertThat(cancellation.cancel()).isTrue();

        assertThat(resumed).containsExactly("state");
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.CANCELED);
        assertThat(source().tryComplete(token, 42)).as("the late completer is told so").isFalse();
        assertCanceledAndFree(token);
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    default void arm_whenRequestedBefore_startsACancelledOperation() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        cancellation.cancel();

        long token = source().arm(cancellation.token());

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.CANCELED);
        assertThat(source().onCompleted(state -> {}, "state", token)).isFalse();
        assertCanceledAndFree(token);
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    default void arm_withNone_startsAnOrdinaryOperation() throws IOException {
        long token = source().arm(CancellationToken.NONE);
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);

        source().complete(token, 42);

        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void arm_whenBusy_isRefusedAndRegistersNothing() {
        CancellationTokenSource first = new CancellationTokenSource();
        CancellationTokenSource second = new CancellationTokenSource();
        long token = source().arm(first.token());

        assertThatThrownBy(() -> source().arm(second.token())).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(second.registrations()).isZero();
        second.cancel();
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
        first.cancel();

        assertCanceledAndFree(token);
    }

    @Test
    default void arm_withoutAToken_isRefusedBeforeAnythingChanges() {
        assertThatThrownBy(() -> source().arm(null)).isInstanceOf(NullPointerException.class);

        assertThat(source().tryArm()).isEqualTo(1);
    }

    @Test
    default void arm_withTheTokenOfAClosedSource_isNeverCancelled() throws IOException {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        cancellation.close();
        for (int i = 0; i < 3; i++) {
            long token = source().arm(cancellation.token());
            assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
            source().complete(token, i);
            assertThat(source().getResult(token)).isEqualTo(i);
        }
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    default void pend_withAToken_isCancelledByIt() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        long token = source().begin();
        assertThat(cancellation.registrations()).as("nothing before it is pending").isZero();

        source().pend(cancellation.token());
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
        cancellation.cancel();

        assertCanceledAndFree(token);
    }

    @Test
    default void pend_whenRequestedSinceItBegan_isCancelled() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        long token = source().begin();
        cancellation.cancel();

        source().pend(cancellation.token());

        assertCanceledAndFree(token);
    }

    @Test
    default void pend_withNone_isAnOrdinaryOperation() throws IOException {
        long token = source().begin();
        source().pend(CancellationToken.NONE);

        source().complete(token, 42);

        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void pend_withoutBegin_isAnErrorAndRegistersNothing() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        source().arm();

        assertThatThrownBy(() -> source().pend(cancellation.token())).isInstanceOf(AssertionError.class)
                .hasMessageContaining("ARMING expected");

        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    default void request_whenCompleteButNotTaken_leavesTheOutcome() throws IOException {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        long token = source().arm(cancellation.token());
        source().complete(token, 42);

        cancellation.cancel();

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.SUCCEEDED);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void request_inTheContinuationOfACompletion_leavesTheOutcome() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        List<Object> taken = new ArrayList<>();
        long token = source().arm(cancellation.token());
        source().onCompleted(subject -> {
            assertThat(cancellation.cancel()).isTrue();
            taken.add(take(subject, token));
        }, source(), token);

        source().complete(token, 42);

        assertThat(taken).containsExactly(42);
        assertThat(source().tryArm()).isPositive();
    }

    @Test
    default void request_betweenOperations_touchesNothing() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        long first = source().arm(cancellation.token());
        source().complete(first, 1);
        take(source(), first);
        assertThat(cancellation.registrations()).isZero();

        cancellation.cancel();

        long second = source().arm();
        assertThat(source().getStatus(second)).isEqualTo(ValueTaskSourceStatus.PENDING);
    }

    @Test
    default void requestOfTheOldToken_whenTheNextOperationIsPending_touchesNothing() {
        CancellationTokenSource old = new CancellationTokenSource();
        CancellationTokenSource current = new CancellationTokenSource();
        long first = source().arm(old.token());
        source().complete(first, 1);
        take(source(), first);
        long second = source().arm(current.token());

        old.cancel();
        assertThat(source().getStatus(second)).isEqualTo(ValueTaskSourceStatus.PENDING);
        current.cancel();

        assertCanceledAndFree(second);
    }

    @Test
    default void everyOutcome_whenTaken_endsTheRegistration() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        long succeeded = source().arm(cancellation.token());
        source().complete(succeeded, 1);
        take(source(), succeeded);
        assertThat(cancellation.registrations()).as("succeeded").isZero();

        long failed = source().arm(cancellation.token());
        source().completeExceptionally(failed, new IOException("of the operation"));
        assertThatThrownBy(() -> source().getResult(failed)).hasMessage("of the operation");
        assertThat(cancellation.registrations()).as("failed").isZero();

        long canceled = source().arm(cancellation.token());
        source().cancel(canceled);
        assertThatThrownBy(() -> source().getResult(canceled)).isInstanceOf(CancellationException.class);
        assertThat(cancellation.registrations()).as("cancelled by another party").isZero();
    }

    @Test
    default void refusedConsumption_whilePending_keepsTheRegistration() {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        long token = source().arm(cancellation.token());

        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().getResult(token + 1)).isInstanceOf(ValueTaskMisuseException.class);
        cancellation.cancel();

        assertCanceledAndFree(token);
    }

    @Test
    default void continuationOfACancellation_armsWithTheSameTokenAndWithAnother_eachIsAsItsTokenSays() {
        CancellationTokenSource fired = new CancellationTokenSource();
        CancellationTokenSource other = new CancellationTokenSource();
        List<Object> seen = new ArrayList<>();
        long first = source().arm(fired.token());
        source().onCompleted(subject -> {
            seen.add(take(subject, first));
            long second = subject.arm(fired.token());
            seen.add(subject.getStatus(second));
            seen.add(take(subject, second));
            seen.add(subject.getStatus(subject.arm(other.token())));
        }, source(), first);

        fired.cancel();

        assertThat(seen).containsExactly("canceled", ValueTaskSourceStatus.CANCELED, "canceled",
                ValueTaskSourceStatus.PENDING);
        other.cancel();
        assertCanceledAndFree(3);
    }

    @Test
    default void manyOperations_onOneToken_leaveNothingInItsList() throws IOException {
        CancellationTokenSource cancellation = new CancellationTokenSource();
        for (int i = 0; i < MANY; i++) {
            long token = source().arm(cancellation.token());
            source().complete(token, i);
            assertThat(source().getResult(token)).isEqualTo(i);
        }
        assertThat(cancellation.registrations()).isZero();
    }

    private void assertCanceledAndFree(long token) {
        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(CancellationException.class);
        assertThat(source().tryArm()).isEqualTo(token + 1);
    }

    private static Object take(SourceSubject subject, long token) {
        try {
            return subject.getResult(token);
        } catch (CancellationException canceled) {
            return "canceled";
        } catch (IOException unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
