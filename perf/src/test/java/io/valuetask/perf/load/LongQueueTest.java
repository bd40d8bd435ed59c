package io.valuetask.perf.load;

import java.util.ArrayDeque;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LongQueueTest {
    @Test
    void queue_anyOrderOfCalls_answersAsTheJdksDoes() {
        LongQueue queue = new LongQueue();
        Queue<Long> model = new ArrayDeque<>();
        Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            if (random.nextInt(100) < (i / 10_000 % 2 == 0 ? 60 : 40)) {
                queue.add(i);
                model.add((long) i);
            } else if (!model.isEmpty()) {
                assertThat(queue.peek()).isEqualTo(model.peek());
                assertThat(queue.remove()).isEqualTo(model.remove());
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
        }
    }

    @Test
    void remove_empty_throws() {
        assertThatThrownBy(new LongQueue()::remove).isInstanceOf(NoSuchElementException.class);
    }
}
