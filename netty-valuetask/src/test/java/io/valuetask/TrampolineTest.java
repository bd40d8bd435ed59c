package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

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

    private static void atDepth(int depth, Runnable body) {
        Trampoline.run(state -> {
            if (depth == 1) {
                body.run();
            } else {
                atDepth(depth - 1, body);
            }
        }, null);
    }

    private static <T> T onSmallStack(Callable<T> call) throws Exception {
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
