package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class InboundQueueTest {
    private final InboundQueue queue = new InboundQueue(64, 64 * 1024);

    private void offer(int from, int to) {
        for (int i = from; i < to; i++) {
            queue.offer(i, 0);
        }
    }

    private List<Object> pollAll() {
        List<Object> polled = new ArrayList<>();
        for (Object element; (element = queue.poll()) != null;) {
            polled.add(element);
        }
        return polled;
    }

    private List<Object> sweep() {
        List<Object> swept = new ArrayList<>();
        queue.sweep(swept::add);
        return swept;
    }

    private static Object[] numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toArray();
    }

    @Test
    void poll_whenEmpty_isNull() {
        assertThat(queue.peek()).isNull();
        assertThat(queue.poll()).isNull();
        assertThat(queue.size()).isZero();
        assertThat(sweep()).isEmpty();
    }

    /** Below, at and above the capacity of the first ring, of a later one, and of the largest. */
    @ParameterizedTest
    @ValueSource(ints = {1, 14, 15, 16, 17, 31, 47, 48, 100, 1024, 5000})
    void poll_afterThatManyOffers_keepsTheOrder(int count) {
        offer(0, count);
        assertThat(queue.size()).isEqualTo(count);

        assertThat(pollAll()).containsExactly(numbers(0, count));
        assertThat(queue.peek()).isNull();
        assertThat(queue.size()).isZero();
    }

    @Test
    void poll_whenOffersAndPollsAlternate_keepsTheOrderAcrossRings() {
        int offered = 0;
        int polled = 0;
        for (int round = 0; round < 3000; round++) {
            int burst = round * 7 % 23;
            offer(offered, offered + burst);
            offered += burst;
            for (int i = round * 5 % 19; i > 0 && polled < offered; i--) {
                assertThat(queue.poll()).isEqualTo(polled++);
            }
            assertThat(queue.size()).isEqualTo(offered - polled);
            assertThat(queue.peek() == null).isEqualTo(offered == polled);
        }
        assertThat(pollAll()).containsExactly(numbers(polled, offered));
    }

    @Test
    void sweep_takesWhatWasNotPolled() {
        offer(0, 100);
        for (int i = 0; i < 40; i++) {
            queue.poll();
        }

        assertThat(sweep()).containsExactlyInAnyOrder(numbers(40, 100));
        assertThat(queue.poll()).isNull();
        assertThat(sweep()).isEmpty();
    }

    @Test
    void isFull_atSixtyFourMessages_isTrue() {
        offer(0, 63);
        assertThat(queue.isFull()).isFalse();
        offer(63, 64);
        assertThat(queue.isFull()).isTrue();
        queue.poll();
        assertThat(queue.isFull()).isFalse();
    }

    @Test
    void isFull_atSixtyFourKibibytes_isTrue() {
        ByteBuf half = Unpooled.wrappedBuffer(new byte[32 * 1024]);
        queue.offer(half, MessageSize.of(half));
        assertThat(queue.isFull()).isFalse();
        queue.offer(half, MessageSize.of(half));
        assertThat(queue.isFull()).isTrue();
        assertThat(queue.bytes()).isEqualTo(64 * 1024);
        queue.poll();
        assertThat(queue.isFull()).isFalse();
        assertThat(queue.bytes()).isEqualTo(32 * 1024);
    }

    @Test
    void shouldResume_whenHalfTheMessagesAreTaken_isTrueOnce() {
        offer(0, 64);
        assertThat(queue.pause()).isTrue();
        for (int i = 0; i < 31; i++) {
            queue.poll();
            assertThat(queue.shouldResume()).as("after %s", i + 1).isFalse();
        }
        queue.poll();
        assertThat(queue.isPaused()).isTrue();
        assertThat(queue.shouldResume()).isTrue();
        assertThat(queue.isPaused()).isFalse();
        assertThat(queue.shouldResume()).isFalse();
    }

    @Test
    void shouldResume_whenFewLargeMessagesFillIt_waitsForTheBytes() {
        ByteBuf quarter = Unpooled.wrappedBuffer(new byte[16 * 1024]);
        for (int i = 0; i < 4; i++) {
            queue.offer(quarter, MessageSize.of(quarter));
        }
        assertThat(queue.pause()).isTrue();
        queue.poll();
        assertThat(queue.shouldResume()).isFalse();
        queue.poll();
        assertThat(queue.shouldResume()).isTrue();
    }

    @Test
    void pause_whenTheReaderHasTakenEnough_isRefused() {
        offer(0, 64);
        for (int i = 0; i < 32; i++) {
            queue.poll();
        }
        assertThat(queue.pause()).isFalse();
        assertThat(queue.isPaused()).isFalse();
    }
}
