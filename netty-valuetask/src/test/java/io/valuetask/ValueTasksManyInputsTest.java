package io.valuetask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Combinations of so many inputs that they cannot all be looked at whenever one completes; of inputs that nobody can
 * cancel, so that each completes in its own time.
 */
@Timeout(60)
class ValueTasksManyInputsTest {
    /** Some thousand looks at each would be a look at all of them for each. */
    private static final int MANY = 5000;
    private static final int LOOKS_PER_INPUT = 100;

    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicLong looks = new AtomicLong();
    private final List<Input> inputs = new ArrayList<>();

    /** Counts who asks how it stands. Its outcome is a resource. */
    private final class Input implements ValueTaskSource<Object> {
        private final AutoCloseable resource = closed::incrementAndGet;
        private volatile boolean complete;
        private @Nullable Runnable registered;

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            looks.incrementAndGet();
            return complete ? ValueTaskSourceStatus.SUCCEEDED : ValueTaskSourceStatus.PENDING;
        }

        @Override
        public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
                long token, int flags) {
            registered = () -> continuation.accept(state);
            return !complete;
        }

        @Override
        public Object getResult(long token) {
            return resource;
        }

        @Override
        public boolean cancel(long token) {
            return false;
        }

        void complete() {
            complete = true;
            registered.run();
        }
    }

    private List<ValueTask<Object>> start(int count) {
        List<ValueTask<Object>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Input input = new Input();
            inputs.add(input);
            tasks.add(ValueTask.fromSource(input, 1));
        }
        return tasks;
    }

    private void completeInDisorder(List<Input> which) {
        List<Input> disorder = new ArrayList<>(which);
        Collections.shuffle(disorder, new Random(1));
        disorder.forEach(Input::complete);
    }

    @Test
    void whenAny_whenNoInputCanBeCancelled_looksAtEachAFewTimesAndReleasesItsResultAtOnce()
            throws IOException {
        IntValueTask any = ValueTasks.whenAny(start(MANY));
        inputs.get(MANY / 2).complete();
        assertThat(any.result()).isEqualTo(MANY / 2);
        inputs.remove(MANY / 2);

        inputs.get(0).complete();
        assertThat(closed).as("not when there are more").hasValue(1);
        completeInDisorder(inputs.subList(1, inputs.size()));

        assertThat(closed).hasValue(MANY - 1);
        assertThat(looks.get()).isLessThan((long) LOOKS_PER_INPUT * MANY);
    }

    @Test
    void whenAll_whenCancelledAndNoInputCanBe_looksAtEachAFewTimesAndReleasesItsResultAtOnce() {
        ValueTask<List<Object>> all = ValueTasks.whenAll(start(MANY));
        inputs.get(0).complete();
        assertThat(all.toCompletableFuture().cancel(true)).isTrue();
        assertThat(closed).hasValue(1);

        completeInDisorder(inputs.subList(1, inputs.size()));

        assertThat(closed).hasValue(MANY);
        assertThat(looks.get()).isLessThan((long) LOOKS_PER_INPUT * MANY);
    }

    /** Around the number from which on they are told apart by blocks. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 127, 128, 129, 1000})
    void whenAny_ofAnyNumberOfInputs_takesEachOnce(int count) throws IOException {
        List<ValueTask<Object>> tasks = start(count);
        for (int i = 0; i < count; i += 3) {
            if (i != count - 1) {
                inputs.get(i).complete = true; // before it is registered
            }
        }
        IntValueTask any = ValueTasks.whenAny(tasks);
        inputs.stream().filter(input -> !input.complete).toList().forEach(Input::complete);

        assertThat(any.result()).isZero();
        assertThat(closed).hasValue(count - 1);
    }

    @Test
    void whenAll_ofMany_whenAllSucceed_hasTheirResultsInOrder() throws IOException {
        ValueTask<List<Object>> all = ValueTasks.whenAll(start(1000));
        completeInDisorder(inputs);

        List<Object> results = all.result();

        for (int i = 0; i < 1000; i++) {
            assertThat(results.get(i)).isSameAs(inputs.get(i).resource);
        }
        assertThat(closed).hasValue(0);
    }

    /** Two threads complete every other input at the same time, so that they meet in each block. */
    @Test
    void whenAny_whenTwoThreadsCompleteItsInputs_releasesEachResultOnce() throws Exception {
        for (int round = 0; round < 300; round++) {
            inputs.clear();
            closed.set(0);
            IntValueTask any = ValueTasks.whenAny(start(300));
            CyclicBarrier together = new CyclicBarrier(2);
            Thread other = Thread.ofPlatform().start(() -> completeEveryOther(together, 1));
            completeEveryOther(together, 0);
            other.join();

            assertThat(any.result()).isBetween(0, 299);
            assertThat(closed).hasValue(299);
        }
    }

    private void completeEveryOther(CyclicBarrier together, int from) {
        try {
            together.await();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
        for (int i = from; i < inputs.size(); i += 2) {
            inputs.get(i).complete();
        }
    }

    @Test
    void whenAny_ofMany_whenOneIsRefusedAfterTheCheck_releasesTheOthersLater() {
        List<ValueTask<Object>> tasks = start(200);
        ManualResetValueTaskSource<Object> rival = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long token) {
                throw new CancellationException("not asked: it stays the caller's");
            }
        };
        ValueTask<Object> refused = ValueTask.fromSource(rival, rival.arm());
        tasks.set(150, ValueTask.fromSource(new Registering(refused), 1));
        tasks.set(170, refused);

        assertThatThrownBy(() -> ValueTasks.whenAny(tasks)).isInstanceOf(ValueTaskMisuseException.class);

        completeInDisorder(inputs.subList(0, 150));
        assertThat(closed).hasValue(150);
    }

    /** As it gets its waiter, another one comes to be that of a third. */
    private record Registering(ValueTask<Object> other) implements ValueTaskSource<Object> {
        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return ValueTaskSourceStatus.PENDING;
        }

        @Override
        public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
                long token, int flags) {
            return other.onCompleted(nobody -> {}, null);
        }

        @Override
        public Object getResult(long token) {
            throw new AssertionError("never completes");
        }
    }
}
