package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Continuations that start what completes at once: constant stack, order kept, nothing lost. */
class TrampolineTest {
    private static final int STEPS = 1_000_000;
    private static final long SMALL_STACK_BYTES = 256 * 1024;

    /** One operation after another on one source, each completed before its continuation has returned. */
    private static final class Chain {
        private final ManualResetValueTaskSource<Integer> source = new ManualResetValueTaskSource<>();
        private final int throwingStep;
        private long token;
        private int steps;

        Chain(int throwingStep) {
            this.throwingStep = throwingStep;
        }

        int run() {
            startNext();
            return steps;
        }

        private void startNext() {
            token = source.arm();
            assertThat(source.onCompleted(Chain::onCompleted, this, token,
                    ValueTaskSourceOnCompletedFlags.NONE)).isTrue();
            source.complete(token, steps);
        }

        private void onCompleted() {
            int step;
            try {
                step = source.getResult(token);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
            if (step != steps) {
                throw new AssertionError("step " + step + " came where " + steps + " was due");
            }
            if (++steps < STEPS) {
                startNext();
            }
            if (step == throwingStep) {
                throw new IllegalStateException("step " + step);
            }
        }
    }

    @Test
    void complete_inAChainOfAMillion_runsInConstantStackAndInOrder() throws Exception {
        assertThat(onSmallStack(() -> new Chain(-1).run())).isEqualTo(STEPS);
    }

    @Test
    void complete_whenAStepOfTheChainThrows_runsTheRestOfIt() throws Exception {
        onSmallStack(() -> {
            try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
                assertThat(new Chain(STEPS / 2).run()).isEqualTo(STEPS);
                assertThat(uncaught.failures()).singleElement().asString().contains("step " + STEPS / 2);
            }
            return null;
        });
    }

    @Test
    void run_whenNested_isNeverDeeperThanEight() {
        List<Integer> depths = new ArrayList<>();
        int[] depth = new int[1];
        Consumer<Object> nesting = new Consumer<>() {
            @Override
            public void accept(Object state) {
                depths.add(++depth[0]);
                if (depths.size() < 20) {
                    Trampoline.run(this, state);
                }
                depth[0]--;
            }
        };

        Trampoline.run(nesting, "state");

        // The ninth waits until the first has returned; it and those behind it run from the outermost frame.
        assertThat(depths).startsWith(1, 2, 3, 4, 5, 6, 7, 8).hasSize(20).allMatch(d -> d <= 8);
    }

    @Test
    void run_whenTheStackIsDeepEnough_keepsTheOrderOfWhatWaits() {
        List<Object> order = new ArrayList<>();
        atDepth(Trampoline.MAX_DEPTH, () -> {
            for (int i = 0; i < 5; i++) {
                Trampoline.run(order::add, i);
            }
            Trampoline.run(order::add, null);
            order.add("deepest frame returns");
        });

        assertThat(order).containsExactly("deepest frame returns", 0, 1, 2, 3, 4, null);
    }

    @Test
    void run_whenOneThatWaitsThrows_runsThoseBehindIt() {
        IllegalStateException failure = new IllegalStateException("second");
        List<Object> order = new ArrayList<>();
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            atDepth(Trampoline.MAX_DEPTH, () -> {
                Trampoline.run(order::add, "first");
                Trampoline.run(state -> {
                    throw failure;
                }, "second");
                Trampoline.run(order::add, "third");
            });
            assertThat(uncaught.failures()).containsExactly(failure);
        }
        assertThat(order).containsExactly("first", "third");
    }

    @Test
    void run_afterEverythingThrew_startsAtTheSurfaceAgain() {
        List<Object> order = new ArrayList<>();
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            for (int i = 0; i < 3 * Trampoline.MAX_DEPTH; i++) {
                Trampoline.run(state -> {
                    throw new IllegalStateException();
                }, "state");
            }
            assertThat(uncaught.failures()).hasSize(3 * Trampoline.MAX_DEPTH);
        }

        Trampoline.run(order::add, "inline");

        assertThat(order).containsExactly("inline");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, Trampoline.MAX_DEPTH})
    @Timeout(20)
    void await_ofWhatWaitsBehindIt_doesNotWaitForEver(int depth) throws Exception {
        ManualResetValueTaskSource<String> first = new ManualResetValueTaskSource<>();
        ManualResetValueTaskSource<String> second = new ManualResetValueTaskSource<>();
        CompletableFuture<String> third = new CompletableFuture<>();
        List<Object> order = new ArrayList<>();
        ValueTask<String> one = ValueTask.fromSource(first, first.arm());
        ValueTask<String> two = ValueTask.fromSource(second, second.arm());

        onSmallStack(() -> {
            atDepth(depth, () -> {
                // From the deepest frame, so that they wait, also where the frame that blocks is not that deep.
                atDepth(Trampoline.MAX_DEPTH - depth, () -> {
                    Trampoline.run(state -> first.complete(1, "first"), null);
                    Trampoline.run(state -> second.complete(1, "second"), null);
                    Trampoline.run(state -> third.complete("third"), null);
                });
                try {
                    order.add(one.await());
                    order.add(two.await(Duration.ofMinutes(1)));
                    order.add(ValueTask.fromFuture(third).await());
                } catch (IOException | InterruptedException | TimeoutException unexpected) {
                    order.add(unexpected);
                }
            });
            return null;
        });

        assertThat(order).containsExactly("first", "second", "third");
    }

    /** What one continuation waits for another one does, after it has waited itself. */
    @ParameterizedTest
    @ValueSource(ints = {0, 6, Trampoline.MAX_DEPTH - 1, Trampoline.MAX_DEPTH})
    @Timeout(20)
    void await_ofWhatTheWaitingOneDoesAfterwards_doesNotWaitForEver(int depth) throws Exception {
        ManualResetValueTaskSource<String> outside = new ManualResetValueTaskSource<>();
        ValueTask<String> fromOutside = ValueTask.fromSource(outside, outside.arm());
        CompletableFuture<String> between = new CompletableFuture<>();
        CompletableFuture<String> last = new CompletableFuture<>();
        Thread blocked = Thread.ofPlatform().daemon().start(() -> atDepth(depth, () -> {
            Trampoline.run(state -> between.complete(awaited(fromOutside)), null);
            Trampoline.run(state -> last.complete(awaited(ValueTask.fromFuture(between))), null);
        }));
        awaitBlocked(blocked);

        outside.complete(1, "result");

        assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo("result");
    }

    @Test
    @Timeout(20)
    void await_byEachOfThousandsThatWait_needsNoDeepStack() throws Exception {
        int count = 20_000;
        CompletableFuture<String> gate = new CompletableFuture<>();
        CountDownLatch passed = new CountDownLatch(count + 1);
        Consumer<Object> pass = state -> {
            awaited(ValueTask.fromFuture(gate));
            passed.countDown();
        };
        Thread blocked = Thread.ofPlatform().daemon().start(() -> atDepth(Trampoline.MAX_DEPTH, () -> {
            for (int i = 0; i < count; i++) {
                Trampoline.run(pass, null);
            }
            pass.accept(null);
        }));
        awaitBlocked(blocked);

        gate.complete("open");

        assertThat(passed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitBlocked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private static <T> T awaited(ValueTask<T> task) {
        try {
            return task.await();
        } catch (IOException | InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    /** Whoever survives that has a thread on which everything works as before. */
    @Test
    void run_afterTheStackHasOverflowedManyTimes_resumesAChain() throws Exception {
        Integer steps = onSmallStack(() -> {
            for (int i = 0; i < 20; i++) {
                try {
                    completeUntilTheStackOverflows();
                } catch (StackOverflowError expected) {
                    // As a server may, that catches all that a request throws.
                }
            }
            int[] ran = new int[1];
            for (int i = 0; i < 20; i++) {
                Trampoline.run(state -> ran[0]++, null);
            }
            atDepth(3 * Trampoline.MAX_DEPTH, () -> ran[0]++);
            return ran[0];
        });

        assertThat(steps).isEqualTo(21);
    }

    private static void completeUntilTheStackOverflows() {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        source.onCompleted(state -> {}, null, source.arm(), ValueTaskSourceOnCompletedFlags.NONE);
        source.complete(1, "result");
        completeUntilTheStackOverflows();
    }

    @Test
    void run_whenTheHandlerThrowsWhatItIsGiven_runsEverythingElse() throws Exception {
        Thread.UncaughtExceptionHandler rethrowing = (thread, failure) -> {
            throw (RuntimeException) failure;
        };
        List<Object> order = new ArrayList<>();
        FutureTask<Void> task = new FutureTask<>(() -> {
            for (int i = 0; i < 3 * Trampoline.MAX_DEPTH; i++) {
                Trampoline.run(state -> {
                    throw new IllegalStateException("of a continuation");
                }, null);
            }
            atDepth(3 * Trampoline.MAX_DEPTH, () -> order.add("deep"));
            CancellationTokenSource source = new CancellationTokenSource();
            source.token().register(order::add, "earlier");
            source.token().register(state -> {
                throw new IllegalStateException("of a callback");
            }, "latest");
            order.add(source.cancel());
            return null;
        });
        Thread thread = new Thread(task);
        thread.setUncaughtExceptionHandler(rethrowing);
        thread.start();
        task.get(20, TimeUnit.SECONDS);

        assertThat(order).containsExactly("deep", "earlier", true);
    }

    @Test
    void cancel_insideTheDeepestContinuation_isOverWhenItReturns() {
        List<Object> order = new ArrayList<>();

        atDepth(Trampoline.MAX_DEPTH, () -> {
            Trampoline.cancel(order::add, "told");
            order.add("returned");
        });

        assertThat(order).containsExactly("told", "returned");
    }

    static void atDepth(int depth, Runnable body) {
        if (depth == 0) {
            body.run();
            return;
        }
        Trampoline.run(state -> {
            if (depth == 1) {
                body.run();
            } else {
                atDepth(depth - 1, body);
            }
        }, null);
    }

    static <T> T onSmallStack(Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(null, task, "small-stack", SMALL_STACK_BYTES);
        thread.start();
        try {
            return task.get(20, TimeUnit.SECONDS);
        } finally {
            thread.join(Duration.ofSeconds(5));
        }
    }
}
