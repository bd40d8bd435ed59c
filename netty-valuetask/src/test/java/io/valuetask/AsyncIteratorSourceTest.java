package io.valuetask;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The two sides step by step, on one thread: who waits for what, in which order, and what is refused. */
class AsyncIteratorSourceTest {
    private final AsyncIteratorSource<String> iterator = new AsyncIteratorSource<>();

    // Elements

    @Test
    void emit_whenAMoveIsPending_completesItAndWaitsForTheNextRequest() throws Exception {
        ValueTask<Boolean> first = iterator.moveNext();
        assertThat(first.isCompleted()).isFalse();

        ValueTask<Void> emitted = iterator.emit("a");

        assertThat(first.result()).isTrue();
        assertThat(iterator.current()).isEqualTo("a").isEqualTo(iterator.current());
        assertThat(emitted.isCompleted()).as("the consumer has not asked for more").isFalse();
        ValueTask<Boolean> second = iterator.moveNext();
        assertThat(emitted.isCompletedSuccessfully()).isTrue();
        emitted.result();
        assertThat(second.isCompleted()).isFalse();
        iterator.emit("b");
        assertThat(second.result()).isTrue();
        assertThat(iterator.current()).isEqualTo("b");
    }

    @Test
    void moveNext_whenAnElementIsThere_isCompleteAtOnce() throws Exception {
        ValueTask<Void> emitted = iterator.emit("a");

        ValueTask<Boolean> move = iterator.moveNext();

        assertThat(move.isCompletedSuccessfully()).isTrue();
        assertThat(emitted.isCompleted()).as("asked for this element, not for the next").isFalse();
        assertThat(move.result()).isTrue();
        assertThat(iterator.current()).isEqualTo("a");
        assertThat(emitted.isCompleted()).isFalse();
    }

    @Test
    void requested_beforeTheFirstMove_waitsForIt() throws Exception {
        ValueTask<Void> requested = iterator.requested();
        assertThat(requested.isCompleted()).isFalse();

        ValueTask<Boolean> move = iterator.moveNext();

        requested.result();
        iterator.requested().result();
        iterator.emit("a");
        assertThat(move.result()).isTrue();
    }

    @Test
    void requested_whileAnElementIsInFlight_waitsUntilTheOneAfterItIsAskedFor() throws Exception {
        assertThat(iterator.tryEmit("a")).isTrue();
        ValueTask<Void> requested = iterator.requested();
        iterator.moveNext().result();
        assertThat(requested.isCompleted()).isFalse();

        iterator.moveNext();

        assertThat(requested.isCompletedSuccessfully()).isTrue();
    }

    @Test
    void tryEmit_untilTheConsumerAsksForTheNextElement_isFalse() throws Exception {
        assertThat(iterator.tryEmit("a")).as("nothing is in flight").isTrue();
        assertThat(iterator.tryEmit("b")).as("not taken").isFalse();
        iterator.moveNext().result();
        assertThat(iterator.tryEmit("b")).as("taken, and no more was asked for").isFalse();
        assertThat(iterator.current()).isEqualTo("a");

        ValueTask<Boolean> move = iterator.moveNext();

        assertThat(iterator.tryEmit("b")).isTrue();
        assertThat(move.result()).isTrue();
        assertThat(iterator.current()).isEqualTo("b");
    }

    // The end

    @Test
    void complete_whenAMoveIsPending_endsIt() throws Exception {
        ValueTask<Boolean> move = iterator.moveNext();

        assertThat(iterator.complete()).isTrue();

        assertThat(move.result()).isFalse();
        assertThat(iterator.moveNext().result()).as("asked again").isFalse();
        assertThat(iterator.isClosed()).isFalse();
    }

    @Test
    void complete_whenAnElementIsInFlight_comesAfterIt() throws Exception {
        ValueTask<Void> emitted = iterator.emit("last");

        assertThat(iterator.complete()).isTrue();

        assertThat(iterator.moveNext().result()).isTrue();
        assertThat(iterator.current()).isEqualTo("last");
        assertThat(emitted.isCompleted()).isFalse();
        assertThat(iterator.moveNext().result()).isFalse();
        emitted.result();
    }

    @Test
    void completeExceptionally_whenAMoveIsPending_failsItAndEachLaterOne() {
        IOException failure = new IOException("broken");
        ValueTask<Boolean> move = iterator.moveNext();

        assertThat(iterator.completeExceptionally(failure)).isTrue();

        assertThat(move.isFaulted()).isTrue();
        assertThatThrownBy(move::result).isSameAs(failure);
        assertThatThrownBy(iterator.moveNext()::result).as("asked again").isSameAs(failure);
    }

    @Test
    void completeExceptionally_whenAnElementIsInFlight_comesAfterIt() throws Exception {
        IOException failure = new IOException("broken");
        iterator.emit("last");

        iterator.completeExceptionally(failure);

        assertThat(iterator.moveNext().result()).isTrue();
        assertThat(iterator.current()).isEqualTo("last");
        assertThatThrownBy(iterator.moveNext()::result).isSameAs(failure);
    }

    @Test
    void completeExceptionally_withACancellation_cancelsTheMove() {
        ValueTask<Boolean> move = iterator.moveNext();

        iterator.completeExceptionally(new CancellationException("mine"));

        assertThat(move.isCanceled()).isTrue();
        assertThatThrownBy(move::result).hasMessage("mine");
    }

    @Test
    void complete_theSecondTime_isFalseAndTheFirstEndStays() throws Exception {
        assertThat(iterator.complete()).isTrue();

        assertThat(iterator.complete()).isFalse();
        assertThat(iterator.completeExceptionally(new IOException())).isFalse();

        assertThat(iterator.moveNext().result()).isFalse();
    }

    // Cancelled waits

    @Test
    void moveNext_whenItsWaitTimesOut_losesNoElement() throws Exception {
        assertThatThrownBy(() -> iterator.moveNext().await(Duration.ZERO))
                .isInstanceOf(TimeoutException.class);
        ValueTask<Void> emitted = iterator.emit("a");
        assertThat(emitted.isCompleted()).as("what was asked for is this element").isFalse();

        assertThat(iterator.moveNext().await(Duration.ZERO)).isTrue();
        assertThat(iterator.current()).isEqualTo("a");
        assertThat(emitted.isCompleted()).isFalse();

        assertThatThrownBy(() -> iterator.moveNext().await(Duration.ZERO))
                .isInstanceOf(TimeoutException.class);
        emitted.result();
        iterator.complete();
        assertThat(iterator.moveNext().result()).isFalse();
    }

    @Test
    void moveNext_whenTheAnswerWonOverItsCancellation_hasTheElement() throws Exception {
        var future = iterator.moveNext().toCompletableFuture();
        iterator.emit("a");

        assertThat(future.cancel(true)).isFalse();

        assertThat(future.join()).isTrue();
        assertThat(iterator.current()).isEqualTo("a");
    }

    @Test
    void emit_whenItsWaitTimesOut_leavesTheElementInFlight() throws Exception {
        assertThatThrownBy(() -> iterator.emit("a").await(Duration.ZERO))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> iterator.emit("b")).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("has not asked").hasMessageContaining("slot=FULL, end=OPEN")
                .hasMessageContaining("requested()");

        ValueTask<Void> requested = iterator.requested();
        assertThat(iterator.moveNext().result()).isTrue();
        assertThat(iterator.current()).isEqualTo("a");
        iterator.moveNext();

        requested.result();
        iterator.emit("b");
    }

    // Misuse

    @Test
    void moveNext_whileOneIsPendingOrNotTaken_isMisuseAndTheFirstIsUntouched() throws Exception {
        ValueTask<Boolean> first = iterator.moveNext();
        assertThatThrownBy(iterator::moveNext).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("still in progress")
                .hasMessageContaining("AsyncIteratorSource.moveNext");
        iterator.emit("a");
        assertThatThrownBy(iterator::moveNext).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(first.result()).isTrue();
        assertThat(iterator.current()).isEqualTo("a");
    }

    @Test
    void emit_whileOneIsPendingOrNotTaken_isMisuseAndTheFirstIsUntouched() throws Exception {
        ValueTask<Void> first = iterator.emit("a");
        assertThatThrownBy(() -> iterator.emit("b")).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("AsyncIteratorSource.emit");
        assertThatThrownBy(iterator::requested).isInstanceOf(ValueTaskMisuseException.class);
        iterator.moveNext().result();
        iterator.moveNext();
        assertThatThrownBy(() -> iterator.emit("b")).as("asked for, but the first was not awaited")
                .isInstanceOf(ValueTaskMisuseException.class);

        first.result();
        iterator.emit("b");
    }

    @Test
    void emit_thatIsRefused_leavesTheSourceOfTheWaitsFree() throws Exception {
        iterator.tryEmit("a");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> iterator.emit("b")).isInstanceOf(ValueTaskMisuseException.class)
                    .hasMessageContaining("slot=FULL");
        }
        iterator.moveNext().result();
        assertThatThrownBy(() -> iterator.emit("b")).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("slot=TAKEN");
        iterator.moveNext();
        assertThat(iterator.emit("b").isCompleted()).isFalse();
    }

    @Test
    void emit_afterTheEnd_isMisuse() {
        iterator.complete();

        assertThatThrownBy(() -> iterator.emit("late")).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("was completed before").hasMessageContaining("end=ENDED");
        assertThat(iterator.tryEmit("late")).isFalse();
    }

    @Test
    void emit_ofNull_isRefusedAndNothingHasChanged() throws Exception {
        assertThatThrownBy(() -> iterator.emit(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> iterator.tryEmit(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> iterator.completeExceptionally(null))
                .isInstanceOf(NullPointerException.class);

        iterator.emit("a");
        assertThat(iterator.moveNext().result()).isTrue();
    }

    @Test
    void current_whenThereIsNone_isMisuseThatTellsTheState() throws Exception {
        assertNoCurrent("slot=EMPTY, end=OPEN");
        ValueTask<Boolean> move = iterator.moveNext();
        assertNoCurrent("slot=WANTED, end=OPEN");
        iterator.emit("a");
        assertNoCurrent("slot=FULL, end=OPEN");
        move.result();
        assertThat(iterator.current()).isEqualTo("a");
        move = iterator.moveNext();
        assertNoCurrent("slot=WANTED, end=OPEN");
        iterator.complete();
        assertThat(move.result()).isFalse();
        assertNoCurrent("slot=WANTED, end=ENDED");
    }

    private void assertNoCurrent(String state) {
        assertThatThrownBy(iterator::current).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("no current element").hasMessageContaining(state)
                .hasMessageContaining("await moveNext()");
    }
}
