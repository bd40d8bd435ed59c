package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A producer and a consumer that both wait, on threads of their own. */
@Timeout(120)
class AsyncIteratorLoopTest {
    private static final int ELEMENTS = 100_000;

    private final AsyncIteratorSource<Integer> numbers = new AsyncIteratorSource<>();

    @ParameterizedTest
    @CsvSource({"VIRTUAL, VIRTUAL", "VIRTUAL, PLATFORM", "PLATFORM, VIRTUAL", "PLATFORM, PLATFORM"})
    void forLoop_overAHundredThousandElements_seesEachOnceAndInOrder(Kind consumerKind, Kind producerKind)
            throws Throwable {
        BackgroundCall<Integer> consumer = BackgroundCall.start(consumerKind, () -> {
            int next = 0;
            try (var each = numbers.iterable()) {
                for (int number : each) {
                    if (number != next++) {
                        throw new AssertionError(number + " came where " + (next - 1) + " was due");
                    }
                }
            }
            return next;
        });
        BackgroundCall<Integer> producer = BackgroundCall.start(producerKind, this::emitAll);

        assertThat(producer.result()).isEqualTo(ELEMENTS);
        assertThat(consumer.result()).isEqualTo(ELEMENTS);
    }

    private int emitAll() throws Exception {
        for (int i = 0; i < ELEMENTS; i++) {
            numbers.emit(i).await();
        }
        numbers.complete();
        return ELEMENTS;
    }

    @Test
    void requestedAndTryEmit_inAProducersLoop_bringEachElementOnceAndInOrder() throws Throwable {
        BackgroundCall<Integer> producer = BackgroundCall.start(Kind.VIRTUAL, () -> {
            for (int i = 0; i < ELEMENTS; i++) {
                numbers.requested().await();
                if (!numbers.tryEmit(i)) {
                    throw new AssertionError("asked for, and refused: " + i + " " + numbers);
                }
            }
            numbers.complete();
            return ELEMENTS;
        });
        BackgroundCall<Long> consumer = BackgroundCall.start(Kind.VIRTUAL, () -> {
            long sum = 0;
            while (numbers.moveNext().await()) {
                sum = sum * 31 + numbers.current();
            }
            return sum;
        });

        assertThat(producer.result()).isEqualTo(ELEMENTS);
        assertThat(consumer.result())
                .isEqualTo(IntStream.range(0, ELEMENTS).asLongStream().reduce(0, (sum, i) -> sum * 31 + i));
    }

    @Test
    void moves_thatKeepBeingCancelled_loseNoElement() throws Throwable {
        BackgroundCall<Integer> producer = BackgroundCall.start(Kind.PLATFORM, this::emitAll);
        BackgroundCall<Integer> consumer = BackgroundCall.start(Kind.PLATFORM, () -> {
            int next = 0;
            for (;;) {
                try {
                    if (!numbers.moveNext().await(Duration.ofNanos(next & 0x3FF))) {
                        return next;
                    }
                } catch (TimeoutException again) {
                    continue;
                }
                if (numbers.current() != next++) {
                    throw new AssertionError(numbers.current() + " came where " + (next - 1) + " was due");
                }
            }
        });

        assertThat(producer.result()).isEqualTo(ELEMENTS);
        assertThat(consumer.result()).isEqualTo(ELEMENTS);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void failure_inTheMiddle_reachesTheLoopAfterTheElementsBeforeIt(Kind kind) throws Throwable {
        IOException failure = new IOException("in the middle");
        AtomicInteger seen = new AtomicInteger();
        BackgroundCall<Object> consumer = BackgroundCall.start(kind, () -> {
            numbers.iterable().forEach(number -> seen.incrementAndGet());
            return null;
        });
        BackgroundCall<Boolean> producer = BackgroundCall.start(kind, () -> {
            for (int i = 0; i < 999; i++) {
                numbers.emit(i).await();
            }
            numbers.emit(999).discard();
            return numbers.completeExceptionally(failure);
        });

        assertThat(producer.result()).isTrue();
        assertThatThrownBy(consumer::result).isInstanceOf(UncheckedIOException.class).hasCause(failure);
        assertThat(seen).hasValue(1000);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void close_inTheMiddle_endsTheProducerAndEachElementIsTakenOrReleasedOnce(Kind kind) throws Throwable {
        AsyncIteratorSource<AutoCloseable> elements = new AsyncIteratorSource<>();
        AtomicInteger released = new AtomicInteger();
        BackgroundCall<Integer> producer = BackgroundCall.start(kind, () -> {
            int emitted = 0;
            try {
                for (;;) {
                    emitted++;
                    elements.emit(released::incrementAndGet).await();
                }
            } catch (CancellationException closed) {
                return emitted;
            }
        });
        BackgroundCall<Integer> consumer = BackgroundCall.start(kind, () -> {
            int taken = 0;
            try (var each = elements.iterable()) {
                for (AutoCloseable element : each) {
                    element.close();
                    if (++taken == 500) {
                        break;
                    }
                }
            }
            return taken;
        });

        assertThat(consumer.result()).isEqualTo(500);
        assertThat(producer.result()).isEqualTo(released.get()).isEqualTo(500);
        assertThat(elements.isClosed()).isTrue();
    }
}
