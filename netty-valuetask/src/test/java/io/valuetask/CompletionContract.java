package io.valuetask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How an operation ends: once, by the first completer, with an outcome that nobody changes afterwards. */
interface CompletionContract extends SourceHolder {
    @Test
    default void complete_whenPending_resultIsAvailableSynchronously() throws IOException {
        long token = source().arm();
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);

        source().complete(token, 42);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.SUCCEEDED);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void complete_whenAwaited_resumesOnce() throws IOException {
        long token = source().arm();
        List<Object> resumed = new ArrayList<>();
        assertThat(source().onCompleted(resumed::add, "state", token)).isTrue();
        assertThat(resumed).isEmpty();

        source().complete(token, 42);

        assertThat(resumed).containsExactly("state");
        assertThat(source().tryComplete(token, 43)).isFalse();
        assertThat(resumed).hasSize(1);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void complete_whenAwaited_publishesTheOutcomeBeforeItResumes() throws IOException {
        List<Object> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long token = source().arm();
            source().onCompleted(subject -> {
                seen.add(subject.getStatus(token));
                try {
                    seen.add(subject.getResult(token));
                } catch (IOException impossible) {
                    throw new AssertionError(impossible);
                }
            }, source(), token);
            source().complete(token, i);
        }
        assertThat(seen).containsExactly(ValueTaskSourceStatus.SUCCEEDED, 0, ValueTaskSourceStatus.SUCCEEDED,
                1,
                ValueTaskSourceStatus.SUCCEEDED, 2);
    }

    @Test
    default void complete_whenTheContinuationStartsTheNextOperation_leavesThatOneAlone() throws IOException {
        long first = source().arm();
        long[] second = new long[1];
        source().onCompleted(subject -> {
            try {
                subject.getResult(first);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
            second[0] = subject.arm();
        }, source(), first);

        source().complete(first, 1);

        assertThat(source().getStatus(second[0])).isEqualTo(ValueTaskSourceStatus.PENDING);
        source().complete(second[0], 2);
        assertThat(source().getResult(second[0])).isEqualTo(2);
    }

    @Test
    default void completeExceptionally_beforeOnCompleted_throwsTheSameException() {
        IOException failure = new IOException("reset by peer");
        long token = source().arm();

        source().completeExceptionally(token, failure);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.FAULTED);
        assertThatThrownBy(() -> source().getResult(token)).isSameAs(failure);
    }

    @Test
    default void completeExceptionally_afterOnCompleted_resumesAndThrowsTheSameException() {
        Error failure = new Error("not even an exception");
        long token = source().arm();
        List<Object> resumed = new ArrayList<>();
        source().onCompleted(resumed::add, "state", token);

        source().completeExceptionally(token, failure);

        assertThat(resumed).containsExactly("state");
        assertThatThrownBy(() -> source().getResult(token)).isSameAs(failure);
    }

    @Test
    default void completeExceptionally_withCancellation_isCanceledAndThrowsTheSameException() {
        CancellationException failure = new CancellationException("mine");
        long token = source().arm();

        source().completeExceptionally(token, failure);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.CANCELED);
        assertThatThrownBy(() -> source().getResult(token)).isSameAs(failure);
    }

    @Test
    default void completeExceptionally_withNull_isRefusedBeforeAnythingChanges() {
        long token = source().arm();

        assertThatThrownBy(() -> source().completeExceptionally(token, null))
                .isInstanceOf(NullPointerException.class).hasMessage("cause");
        assertThatThrownBy(() -> source().tryCompleteExceptionally(token, null))
                .isInstanceOf(NullPointerException.class);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
    }

    @Test
    default void tryForms_whenPending_winAndSaySo() throws IOException {
        long token = source().arm();
        assertThat(source().tryComplete(token, 42)).isTrue();
        assertThat(source().getResult(token)).isEqualTo(42);

        long next = source().arm();
        IOException failure = new IOException("of the operation");
        assertThat(source().tryCompleteExceptionally(next, failure)).isTrue();
        assertThatThrownBy(() -> source().getResult(next)).isSameAs(failure);
    }

    @Test
    default void pendingToken_isTheOperationOnlyWhileItIsPending() throws IOException {
        assertThat(source().core().pendingToken()).isNegative();
        long token = source().begin();
        assertThat(source().core().pendingToken()).as("not issued yet").isNegative();
        source().pend();
        assertThat(source().core().pendingToken()).isEqualTo(token);
        source().onCompleted(state -> {}, "state", token);
        assertThat(source().core().pendingToken()).isEqualTo(token);
        source().complete(token, 42);
        assertThat(source().core().pendingToken()).isNegative();
        source().getResult(token);
        assertThat(source().core().pendingToken()).isNegative();
    }

    @Test
    default void cancel_whenPending_winsAndLaterCompletionLoses() {
        long token = source().arm();
        List<Object> resumed = new ArrayList<>();
        source().onCompleted(resumed::add, "state", token);

        assertThat(source().cancel(token)).isTrue();

        assertThat(resumed).containsExactly("state");
        assertThat(source().tryComplete(token, 1)).isFalse();
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.CANCELED);
        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(CancellationException.class);
        assertThat(source().tryArm()).as("free again").isPositive();
    }

    @Test
    default void cancel_whenNotPending_returnsFalseAndChangesNothing() throws IOException {
        assertThat(source().cancel(1)).as("never issued").isFalse();
        long token = source().arm();
        source().complete(token, 42);
        assertThat(source().cancel(token)).as("complete").isFalse();
        assertThat(source().getResult(token)).isEqualTo(42);
        assertThat(source().cancel(token)).as("consumed").isFalse();
        long next = source().arm();
        assertThat(source().cancel(token)).as("stale").isFalse();
        assertThat(source().getStatus(next)).isEqualTo(ValueTaskSourceStatus.PENDING);
    }

    @Test
    default void anyCompletion_whenSucceeded_isRefusedAndLeavesTheResult() throws IOException {
        long token = source().arm();
        source().complete(token, 42);

        assertSecondCompletionIsRefused(token);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.SUCCEEDED);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void anyCompletion_whenFaulted_isRefusedAndLeavesTheFailure() {
        IOException failure = new IOException("first");
        long token = source().arm();
        source().completeExceptionally(token, failure);

        assertSecondCompletionIsRefused(token);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.FAULTED);
        assertThatThrownBy(() -> source().getResult(token)).isSameAs(failure);
    }

    @Test
    default void anyCompletion_whenCompletedTwiceInALaterOperation_isRefusedAgain() throws IOException {
        source().spend();
        long token = source().arm();
        source().complete(token, 7);

        assertSecondCompletionIsRefused(token);

        assertThat(source().getResult(token)).isEqualTo(7);
    }

    private void assertSecondCompletionIsRefused(long token) {
        assertThatThrownBy(() -> source().complete(token, 1)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().completeExceptionally(token, new IllegalStateException("second")))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryComplete(token, 1)).isFalse();
        assertThat(source().tryCompleteExceptionally(token, new IllegalStateException("second"))).isFalse();
        assertThat(source().cancel(token)).isFalse();
    }
}
