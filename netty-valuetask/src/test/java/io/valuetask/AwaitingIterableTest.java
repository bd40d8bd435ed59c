package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AwaitingIterableTest {
    private final AsyncIteratorSource<String> source = new AsyncIteratorSource<>();

    @Test
    void loop_overWhatIsThere_seesEachElementInOrder() {
        List<String> seen = new ArrayList<>();
        for (String element : AsyncIterator.of("a", "b", "c").iterable()) {
            seen.add(element);
        }
        assertThat(seen).containsExactly("a", "b", "c");
    }

    @ParameterizedTest
    @EnumSource(BackgroundCall.Kind.class)
    void loop_whenThereIsNoElementYet_waitsForIt(BackgroundCall.Kind kind) throws Throwable {
        BackgroundCall<List<String>> loop = BackgroundCall.start(kind, () -> {
            List<String> seen = new ArrayList<>();
            source.iterable().forEach(seen::add);
            return seen;
        });
        loop.awaitParked();
        ValueTask<Void> emitted = source.emit("a");
        emitted.await();
        source.emit("b").await();
        source.complete();

        assertThat(loop.result()).containsExactly("a", "b");
    }

    @Test
    void iterator_askedTwice_isMisuse() {
        AwaitingIterable<String> view = source.iterable();
        view.iterator();

        assertThatThrownBy(view::iterator).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("looped over before").hasMessageContaining("slot=EMPTY");
    }

    @Test
    void hasNext_askedTwice_movesOnce() {
        Iterator<String> loop = AsyncIterator.of("a", "b").iterable().iterator();

        assertThat(loop.hasNext()).isTrue();
        assertThat(loop.hasNext()).isTrue();
        assertThat(loop.next()).isEqualTo("a");
        assertThat(loop.next()).as("without hasNext").isEqualTo("b");
        assertThat(loop.hasNext()).isFalse();
        assertThat(loop.hasNext()).isFalse();
        assertThatThrownBy(loop::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void break_withoutTry_leavesTheIteratorWhereItIs() throws Exception {
        AsyncIterator<String> iterator = AsyncIterator.of("a", "b", "c");
        for (String element : iterator.iterable()) {
            assertThat(element).isEqualTo("a");
            break;
        }

        assertThat(iterator.current()).isEqualTo("a");
        assertThat(iterator.iterable()).containsExactly("b", "c");
    }

    @Test
    void break_insideTry_closesTheIteratorAndTheProducerLearnsIt() {
        ValueTask<Void> emitted = source.emit("a");
        try (var each = source.iterable()) {
            for (String element : each) {
                assertThat(element).isEqualTo("a");
                break;
            }
        }

        assertThat(source.isClosed()).isTrue();
        assertThat(emitted.isCanceled()).isTrue();
    }

    @Test
    void loop_whenTheSequenceFails_throwsTheIoExceptionInsideAnUncheckedOne() {
        IOException failure = new IOException("broken");
        source.completeExceptionally(failure);
        Iterator<String> loop = source.iterable().iterator();

        assertThatThrownBy(loop::hasNext).isInstanceOf(UncheckedIOException.class).hasCause(failure);
    }

    @Test
    void loop_whenTheSequenceFailsOtherwise_throwsTheFailureItself() {
        IllegalStateException failure = new IllegalStateException("broken");
        source.completeExceptionally(failure);
        Iterator<String> loop = source.iterable().iterator();

        assertThatThrownBy(loop::next).isSameAs(failure);
    }

    @ParameterizedTest
    @EnumSource(BackgroundCall.Kind.class)
    void loop_whenInterrupted_isCancelledAndStaysInterruptedAndLosesNoElement(BackgroundCall.Kind kind)
            throws Throwable {
        BackgroundCall<Boolean> loop = BackgroundCall.start(kind, () -> {
            Iterator<String> elements = source.iterable().iterator();
            assertThatThrownBy(elements::hasNext).isInstanceOf(CancellationException.class)
                    .hasMessageContaining("interrupted in moveNext")
                    .hasCauseInstanceOf(InterruptedException.class);
            return Thread.currentThread().isInterrupted();
        });
        loop.awaitParked();
        loop.thread().interrupt();
        assertThat(loop.result()).isTrue();

        source.emit("a");
        source.complete();
        assertThat(source.iterable()).containsExactly("a");
    }

    @Test
    void close_whenTheIteratorFailsToClose_throwsItUnchecked() {
        IOException failure = new IOException("not closed");
        AwaitingIterable<String> view = closing(ValueTask.failed(failure)).iterable();

        assertThatThrownBy(view::close).isInstanceOf(UncheckedIOException.class).hasCause(failure);
    }

    @Test
    void close_whenTheIteratorTakesItsTime_waitsForIt() throws Throwable {
        ManualResetValueTaskSource<@Nullable Void> closed = new ManualResetValueTaskSource<>();
        long token = closed.arm();
        BackgroundCall<Object> close = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
            closing(ValueTask.fromSource(closed, token)).iterable().close();
            return "closed";
        });
        close.awaitParked();

        closed.complete(token, null);

        assertThat(close.result()).isEqualTo("closed");
    }

    @Test
    void close_whenInterrupted_isCancelledAndStaysInterrupted() throws Throwable {
        ManualResetValueTaskSource<@Nullable Void> closed = new ManualResetValueTaskSource<>();
        long token = closed.arm();
        BackgroundCall<Boolean> close = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
            assertThatThrownBy(closing(ValueTask.fromSource(closed, token)).iterable()::close)
                    .isInstanceOf(CancellationException.class).hasMessageContaining("interrupted in close");
            return Thread.currentThread().isInterrupted();
        });
        close.awaitParked();

        close.thread().interrupt();

        assertThat(close.result()).isTrue();
    }

    /** An iterator of which only the end matters. */
    private static AsyncIterator<String> closing(ValueTask<@Nullable Void> closing) {
        return new AsyncIterator<>() {
            @Override
            public ValueTask<Boolean> moveNext() {
                return ValueTask.completed(false);
            }

            @Override
            public String current() {
                throw new AssertionError("there is none");
            }

            @Override
            public ValueTask<@Nullable Void> close() {
                return closing;
            }
        };
    }
}
