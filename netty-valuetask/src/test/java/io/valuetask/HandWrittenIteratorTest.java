package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * An {@link AsyncIterator} as one writes it by hand: every move is an operation of one reusable source. Row 19 of the
 * conformance list: .NET's {@code ManualResetValueTaskSourceTests.AsyncEnumerable_Success}.
 */
class HandWrittenIteratorTest {
    private static final int COUNT = 20;
    private static final int SUM = 190;
    private static final Executor ELSEWHERE = task -> Thread.ofVirtual().name("elsewhere").start(task);
    private static final Executor HERE = Runnable::run;

    /** Counts, and completes each of its moves on an executor. */
    private static final class Counting implements AsyncIterator<Integer> {
        private final ManualResetValueTaskSource<Boolean> moves = new ManualResetValueTaskSource<>();
        private final Executor executor;
        private int current = -1;

        Counting(Executor executor, boolean runContinuationsAsynchronously) {
            this.executor = executor;
            moves.setRunContinuationsAsynchronously(runContinuationsAsynchronously);
        }

        @Override
        public ValueTask<Boolean> moveNext() {
            long token = moves.arm();
            executor.execute(() -> moves.complete(token, ++current < COUNT));
            return ValueTask.fromSource(moves, token);
        }

        @Override
        public Integer current() {
            return current;
        }

        @Override
        public ValueTask<@Nullable Void> close() {
            return ValueTask.completed();
        }
    }

    /** The consumer that a compiler would make of a loop with {@code await} in it. */
    private static final class Summing {
        private final AsyncIterator<Integer> numbers;
        private final ValueTaskAwaiter<Boolean> moving = new ValueTaskAwaiter<>();
        private final CompletableFuture<Integer> done = new CompletableFuture<>();
        private int sum;

        Summing(AsyncIterator<Integer> numbers) {
            this.numbers = numbers;
        }

        void next() {
            while (!moving.onCompleted(numbers.moveNext(), Summing::resume, this) && add()) {
                // The next move.
            }
        }

        private void resume() {
            if (add()) {
                next();
            }
        }

        private boolean add() {
            try {
                if (moving.result()) {
                    sum += numbers.current();
                    return true;
                }
                done.complete(sum);
            } catch (IOException failure) {
                done.completeExceptionally(failure);
            }
            return false;
        }
    }

    @Row(19)
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void row19_moveNextOfOneReusableSource_inALoopOfContinuations_sumsTo190(boolean elsewhere,
            boolean runContinuationsAsynchronously) throws Exception {
        Summing consumer = new Summing(
                new Counting(elsewhere ? ELSEWHERE : HERE, runContinuationsAsynchronously));

        consumer.next();

        assertThat(consumer.done.get(20, TimeUnit.SECONDS)).isEqualTo(SUM);
    }

    @Row(19)
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void row19_moveNextOfOneReusableSource_inAForLoop_sumsTo190(boolean elsewhere,
            boolean runContinuationsAsynchronously) {
        int sum = 0;
        try (var numbers = new Counting(elsewhere ? ELSEWHERE : HERE, runContinuationsAsynchronously)
                .iterable()) {
            for (int number : numbers) {
                sum += number;
            }
        }

        assertThat(sum).isEqualTo(SUM);
    }

    @Row(19)
    @ParameterizedTest
    @EnumSource(BackgroundCall.Kind.class)
    void row19_moveNextThatIsPending_parksTheLoopAndStillSumsTo190(BackgroundCall.Kind kind)
            throws Throwable {
        BlockingQueue<Runnable> completions = new LinkedBlockingQueue<>();
        Counting counting = new Counting(completions::add, false);
        BackgroundCall<Integer> loop = BackgroundCall.start(kind, () -> {
            int sum = 0;
            for (int number : counting.iterable()) {
                sum += number;
            }
            return sum;
        });
        for (int i = 0; i <= COUNT; i++) {
            Runnable completion = completions.poll(20, TimeUnit.SECONDS);
            loop.awaitParked();
            completion.run();
        }

        assertThat(loop.result()).isEqualTo(SUM);
    }

    @Test
    void moveNext_whileOneIsPending_isMisuseOfTheSourceBehindIt() {
        Counting counting = new Counting(task -> {}, false);
        counting.moveNext();

        assertThatThrownBy(counting::moveNext).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("still in progress");
    }
}
