package io.valuetask;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What becomes of moves, of emits and of elements when the consumer wants no more. */
class AsyncIteratorCloseTest {
    private final AsyncIteratorSource<Element> iterator = new AsyncIteratorSource<>();

    /** Counts its releases. */
    private static final class Element implements AutoCloseable {
        int releases;

        @Override
        public void close() {
            releases++;
        }
    }

    @Test
    void close_whenNothingHappened_cancelsEachMove() throws Exception {
        assertThat(iterator.isClosed()).isFalse();

        iterator.close().result();

        assertThat(iterator.isClosed()).isTrue();
        assertCanceled(iterator.moveNext());
        assertCanceled(iterator.moveNext());
    }

    @Test
    void close_whenAMoveIsPending_cancelsIt() throws Exception {
        ValueTask<Boolean> move = iterator.moveNext();
        List<String> resumed = new ArrayList<>();
        move.onCompleted(resumed::add, "consumer");

        iterator.close().result();

        assertThat(resumed).containsExactly("consumer");
        assertCanceled(move);
    }

    @Test
    void close_whenAnElementWasNotTaken_releasesItAndCancelsTheEmit() throws Exception {
        Element element = new Element();
        ValueTask<Void> emitted = iterator.emit(element);

        iterator.close().result();

        assertThat(element.releases).isEqualTo(1);
        assertCanceled(emitted);
        assertCanceled(iterator.moveNext());
    }

    @Test
    void close_betweenTheAnswerAndItsTaking_releasesTheElementAndTheTakerIsCancelled() throws Exception {
        Element element = new Element();
        ValueTask<Boolean> move = iterator.moveNext();
        iterator.emit(element);
        assertThat(move.isCompleted()).isTrue();

        iterator.close().result();

        assertThat(element.releases).isEqualTo(1);
        assertThatThrownBy(move::result).isInstanceOf(CancellationException.class);
        assertCanceled(iterator.moveNext());
    }

    @Test
    void close_whenTheElementWasTaken_leavesItToTheConsumerAndCancelsTheEmit() throws Exception {
        Element element = new Element();
        ValueTask<Void> emitted = iterator.emit(element);
        iterator.moveNext().result();

        iterator.close().result();

        assertThat(iterator.current()).isSameAs(element);
        assertThat(element.releases).isZero();
        assertCanceled(emitted);
        assertCanceled(iterator.moveNext());
        assertThatThrownBy(iterator::current).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("end=CLOSED");
        assertThat(element.releases).isZero();
    }

    @Test
    void close_theSecondTime_changesNothing() throws Exception {
        Element element = new Element();
        iterator.emit(element);
        iterator.close().result();

        iterator.close().result();

        assertThat(element.releases).isEqualTo(1);
    }

    @Test
    void close_afterTheEnd_cancelsLaterMovesAndTheLastEmit() throws Exception {
        ValueTask<Void> last = iterator.emit(new Element());
        iterator.complete();
        iterator.moveNext().result();

        iterator.close().result();

        assertCanceled(last);
        assertCanceled(iterator.moveNext());
    }

    @Test
    void close_whenAFailureWasNotSeen_cancelsTheMove() throws Exception {
        iterator.completeExceptionally(new IOException());

        iterator.close().result();

        assertCanceled(iterator.moveNext());
    }

    @Test
    void emit_afterClose_isCancelledAndTheElementReleased() throws Exception {
        iterator.close().result();
        for (int i = 0; i < 3; i++) {
            Element element = new Element();

            ValueTask<Void> emitted = iterator.emit(element);

            assertThat(element.releases).isEqualTo(1);
            assertCanceled(emitted);
        }
        assertCanceled(iterator.requested());
    }

    @Test
    void tryEmit_afterClose_isFalseAndTheElementStaysTheProducers() throws Exception {
        iterator.close().result();
        Element element = new Element();

        assertThat(iterator.tryEmit(element)).isFalse();

        assertThat(element.releases).isZero();
    }

    @Test
    void emit_thatIsRefused_leavesTheElementToTheProducer() {
        Element element = new Element();
        iterator.tryEmit(new Element());

        assertThatThrownBy(() -> iterator.emit(element)).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(iterator.tryEmit(element)).isFalse();

        assertThat(element.releases).isZero();
    }

    @Test
    void complete_afterClose_isFalse() throws Exception {
        iterator.close().result();

        assertThat(iterator.complete()).isFalse();
        assertThat(iterator.completeExceptionally(new IOException())).isFalse();

        assertCanceled(iterator.moveNext());
    }

    @Test
    void close_whileTheProducerWaitsForARequest_cancelsTheWait() throws Exception {
        ValueTask<Void> requested = iterator.requested();

        iterator.close().result();

        assertCanceled(requested);
    }

    @Test
    void close_insideTheContinuationOfAMove_reachesTheProducerInItsEmit() throws Exception {
        Element element = new Element();
        ValueTask<Boolean> move = iterator.moveNext();
        move.onCompleted(state -> iterator.close(), "closer");

        ValueTask<Void> emitted = iterator.emit(element);

        assertCanceled(emitted);
        assertThat(element.releases).isEqualTo(1);
        assertThatThrownBy(move::result).isInstanceOf(CancellationException.class);
    }

    @Test
    void moveNext_letsGoOfTheElement() throws Exception {
        WeakReference<Element> taken = takeOne();
        ValueTask<Boolean> move = iterator.moveNext();

        for (int i = 0; i < 50 && !taken.refersTo(null); i++) {
            System.gc();
        }

        assertThat(taken.refersTo(null)).isTrue();
        assertThat(move.isCompleted()).isFalse();
    }

    private WeakReference<Element> takeOne() throws IOException {
        iterator.emit(new Element());
        iterator.moveNext().result();
        return new WeakReference<>(iterator.current());
    }

    private static void assertCanceled(ValueTask<?> task) {
        assertThat(task.isCanceled()).isTrue();
        assertThatThrownBy(task::result).isInstanceOf(CancellationException.class)
                .hasMessage("the consumer has closed the iterator");
    }
}
