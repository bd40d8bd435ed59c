package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Straight-line code as a value task. */
class ValueTasksStartTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Executor DIRECT = Runnable::run;

    /** Runs nothing by itself. */
    private final Queue<Runnable> submitted = new ArrayDeque<>();
    private final AtomicInteger closed = new AtomicInteger();

    /** What nobody takes has to be closed. */
    private AutoCloseable resource() {
        return closed::incrementAndGet;
    }

    private static Object sourceOf(ValueTask<?> task) {
        return task.payload();
    }

    /** Runs what was submitted on a thread of its own and tells whether that thread is interrupted afterwards. */
    private BackgroundCall<Boolean> runSubmitted(Kind kind) {
        Runnable next = submitted.remove();
        return BackgroundCall.start(kind, () -> {
            next.run();
            return Thread.currentThread().isInterrupted();
        });
    }

    // The outcome

    @Test
    void start_onAnyExecutor_hasTheBodysResult() throws Exception {
        assertThat(ValueTasks.start(DIRECT, () -> "result").result()).isEqualTo("result");
        assertThat(ValueTasks.<Object>start(DIRECT, () -> null).await()).isNull();
        try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService platform = Executors.newSingleThreadExecutor()) {
            assertThat(ValueTasks.start(virtual, () -> Thread.currentThread().isVirtual()).await()).isTrue();
            assertThat(ValueTasks.start(platform, () -> Thread.currentThread().isVirtual()).await())
                    .isFalse();
        }
    }

    @Test
    void start_whenTheBodyThrows_failsWithTheSameInstance() {
        IOException failure = new IOException();
        StackOverflowError error = new StackOverflowError();
        CancellationException cancellation = new CancellationException();

        ValueTask<Object> failed = startThrowing(failure);
        assertThat(failed.isFaulted()).isTrue();
        assertThatThrownBy(failed::result).isSameAs(failure);
        assertThatThrownBy(startThrowing(error)::result).isSameAs(error);
        ValueTask<Object> canceled = startThrowing(cancellation);
        assertThat(canceled.isCanceled()).isTrue();
        assertThatThrownBy(canceled::result).isSameAs(cancellation);
    }

    private static ValueTask<Object> startThrowing(Throwable failure) {
        return ValueTasks.start(DIRECT, () -> {
            throw Failures.sneaky(failure);
        });
    }

    @Test
    void start_withoutExecutorOrBody_isRefused() {
        assertThatThrownBy(() -> ValueTasks.start(null, () -> 1)).isInstanceOf(NullPointerException.class)
                .hasMessage("executor");
        assertThatThrownBy(() -> ValueTasks.start(DIRECT, null)).isInstanceOf(NullPointerException.class)
                .hasMessage("body");
    }

    @Test
    void onCompleted_ofAPendingBody_runsWhenItReturns() throws Exception {
        ValueTask<String> task = ValueTasks.start(submitted::add, () -> "result");
        List<ValueTask<String>> completed = new ArrayList<>();
        assertThat(task.onCompleted(completed::add, task)).isTrue();

        submitted.remove().run();

        assertThat(completed).containsExactly(task);
        assertThat(task.result()).isEqualTo("result");
    }

    // The way back to the pool

    @Test
    void start_afterTheOutcomeWasTaken_usesTheSameSource() throws Exception {
        Set<Object> used = new HashSet<>();
        int sum = 0;
        for (int i = 0; i < 1000; i++) {
            int number = i;
            ValueTask<Integer> task = ValueTasks.start(DIRECT, () -> number);
            used.add(sourceOf(task));
            sum += task.result();
        }

        assertThat(sum).isEqualTo(499_500);
        assertThat(used).hasSizeLessThan(10);
    }

    @Test
    void outcome_takenBeforeRunHasReturned_bringsTheSourceBackWhenItReturns() throws Exception {
        ValueTask<String> task = ValueTasks.start(submitted::add, () -> "result");
        List<Object> usedMeanwhile = new ArrayList<>();
        task.onCompleted(completed -> {
            // Inside run(), after its body.
            assertThat(take(completed)).isEqualTo("result");
            assertThatThrownBy(completed::result).as("taken").isInstanceOf(ValueTaskMisuseException.class);
            usedMeanwhile.addAll(occupyThePool());
        }, task);
        assertThat(usedMeanwhile).isEmpty();
        long outstanding = StartedBody.pool().outstanding();

        submitted.remove().run();

        assertThat(usedMeanwhile).isNotEmpty().doesNotContain(sourceOf(task));
        assertThat(occupyThePool()).contains(sourceOf(task));
        assertThat(StartedBody.pool().outstanding()).isEqualTo(outstanding - 1);
    }

    @Test
    void outcome_takenAfterRunHasReturned_bringsTheSourceBackThen() throws Exception {
        ValueTask<String> task = ValueTasks.start(DIRECT, () -> "result");
        assertThat(occupyThePool()).doesNotContain(sourceOf(task));

        task.result();

        assertThat(occupyThePool()).contains(sourceOf(task));
    }

    /** Uses every source that lies in the pool, and puts them back. */
    private static List<Object> occupyThePool() {
        List<ValueTask<String>> tasks = new ArrayList<>();
        for (int idle = StartedBody.pool().idle(); idle >= 0; idle--) {
            tasks.add(ValueTasks.start(DIRECT, () -> "other"));
        }
        List<Object> sources = tasks.stream().map(ValueTasksStartTest::sourceOf).toList();
        tasks.forEach(ValueTasksStartTest::take);
        return sources;
    }

    static <T> T take(ValueTask<T> task) {
        try {
            return task.result();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void run_aSecondTime_doesNothing() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        ValueTask<Integer> task = ValueTasks.start(submitted::add, runs::incrementAndGet);
        Runnable runnable = submitted.remove();
        runnable.run();
        runnable.run();
        assertThat(task.result()).isEqualTo(1);

        runnable.run();

        assertThat(runs).hasValue(1);
        assertThatThrownBy(task::result).isInstanceOf(ValueTaskMisuseException.class);
    }

    @Test
    void source_inThePool_refersToNothingOfTheBody() throws Exception {
        ValueTask<Object> task = ValueTasks.start(DIRECT, Object::new);
        Object source = sourceOf(task);
        task.result();

        Field body = StartedBody.class.getDeclaredField("body");
        body.setAccessible(true);
        assertThat(body.get(source)).isNull();
        assertThat(stageOf((StartedBody<?>) source)).as("not a thread").isInstanceOf(Enum.class);
    }

    @Test
    void discard_letsTheBodyEndAndReleasesItsResult() throws Throwable {
        long outstanding = StartedBody.pool().outstanding();
        ValueTasks.start(submitted::add, this::resource).discard();

        assertThat(runSubmitted(Kind.PLATFORM).result()).as("interrupted").isFalse();

        assertThat(closed).hasValue(1);
        assertThat(StartedBody.pool().outstanding()).isEqualTo(outstanding);
    }

    // Executors that do not run it

    @Test
    void start_whenTheExecutorRejects_throwsThatAndTheSourceIsNotLost() {
        occupyThePool(); // now there is an idle one
        int idle = StartedBody.pool().idle();
        AtomicInteger runs = new AtomicInteger();
        ExecutorService terminated = Executors.newSingleThreadExecutor();
        terminated.shutdown();

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> ValueTasks.start(terminated, runs::incrementAndGet))
                    .isInstanceOf(RejectedExecutionException.class);
        }

        assertThat(runs).hasValue(0);
        assertThat(StartedBody.pool().idle()).isEqualTo(idle);
    }

    @Test
    void start_whenTheExecutorFailsAndRunsItAllTheSame_doesNotRunTheBodyNorUseTheSourceAgain() {
        long outstanding = StartedBody.pool().outstanding();
        AtomicInteger runs = new AtomicInteger();
        IllegalStateException failure = new IllegalStateException();

        assertThatThrownBy(() -> ValueTasks.start(runnable -> {
            submitted.add(runnable);
            throw failure;
        }, runs::incrementAndGet)).isSameAs(failure);
        Runnable kept = submitted.remove();
        kept.run();

        assertThat(runs).hasValue(0);
        assertThat(StartedBody.pool().outstanding()).isEqualTo(outstanding);
        assertThat(occupyThePool()).doesNotContain(kept);
    }

    @Test
    void start_whenTheExecutorRunsItAndThenFails_releasesTheResult() {
        long outstanding = StartedBody.pool().outstanding();

        assertThatThrownBy(() -> ValueTasks.start(runnable -> {
            runnable.run();
            throw new RejectedExecutionException("too late");
        }, this::resource)).hasMessage("too late");

        assertThat(closed).hasValue(1);
        assertThat(StartedBody.pool().outstanding()).isEqualTo(outstanding);
    }

    // Cancellation

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenTimeIsUp_interruptsTheBodyAndNothingElse(Kind kind) throws Throwable {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        ValueTask<Object> task = ValueTasks.start(submitted::add, () -> {
            try {
                never.await();
                return "not interrupted";
            } finally {
                interrupted.countDown();
            }
        });
        BackgroundCall<Boolean> run = runSubmitted(kind).awaitParked();

        assertThatThrownBy(() -> task.await(Duration.ofMillis(5))).isInstanceOf(TimeoutException.class);

        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(run.result()).as("interrupted after the run").isFalse();
        assertThat(occupyThePool()).doesNotContain(sourceOf(task));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenTheWaiterIsInterrupted_interruptsTheBody(Kind kind) throws Throwable {
        CountDownLatch never = new CountDownLatch(1);
        ValueTask<Object> task = ValueTasks.start(submitted::add, () -> {
            never.await();
            return "not interrupted";
        });
        BackgroundCall<Boolean> run = runSubmitted(kind).awaitParked();
        BackgroundCall<Object> waiter = BackgroundCall.start(kind, task::await).awaitParked();

        waiter.thread().interrupt();

        assertThat(waiter.failure()).isInstanceOf(InterruptedException.class);
        assertThat(run.result()).as("interrupted after the run").isFalse();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void cancel_ofABodyThatDoesNotMind_releasesItsResultAndClearsTheInterrupt(Kind kind) throws Throwable {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ValueTask<AutoCloseable> task = ValueTasks.start(submitted::add, () -> {
            running.countDown();
            awaitUninterruptibly(goOn);
            return resource();
        });
        BackgroundCall<Boolean> run = runSubmitted(kind);
        assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(task.toCompletableFuture().cancel(true)).isTrue();
        assertThat(occupyThePool()).doesNotContain(sourceOf(task));
        assertThat(closed).hasValue(0);
        goOn.countDown();

        assertThat(run.result()).as("interrupted after the run").isFalse();
        assertThat(closed).hasValue(1);
        assertThat(occupyThePool()).as("retired").doesNotContain(sourceOf(task));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        for (;;) {
            try {
                latch.await();
                break;
            } catch (InterruptedException goOnWaiting) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void cancel_beforeTheBodyBegins_keepsItFromRunning() throws Throwable {
        long outstanding = StartedBody.pool().outstanding();
        AtomicInteger runs = new AtomicInteger();
        ValueTask<Integer> task = ValueTasks.start(submitted::add, runs::incrementAndGet);
        Runnable late = submitted.peek();

        assertThatThrownBy(() -> task.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

        assertThat(StartedBody.pool().outstanding()).as("retired").isEqualTo(outstanding);
        assertThat(runSubmitted(Kind.PLATFORM).result()).as("interrupted").isFalse();
        assertThat(runs).hasValue(0);
        assertThat(occupyThePool()).doesNotContain(late);
    }

    @Test
    void cancel_byTheBodyItself_interruptsItsOwnThreadUntilItReturns() throws Throwable {
        List<ValueTask<AutoCloseable>> own = new ArrayList<>();
        List<Boolean> interrupted = new ArrayList<>();
        own.add(ValueTasks.start(submitted::add, () -> {
            own.get(0).toCompletableFuture().cancel(true);
            interrupted.add(Thread.currentThread().isInterrupted());
            return resource();
        }));

        assertThat(runSubmitted(Kind.PLATFORM).result()).as("interrupted after the run").isFalse();

        assertThat(interrupted).containsExactly(true);
        assertThat(closed).hasValue(1);
    }

    @Test
    void cancel_afterTheBodyReturned_isTooLate() throws Exception {
        ValueTask<String> task = ValueTasks.start(DIRECT, () -> "result");
        StartedBody<?> source = (StartedBody<?>) sourceOf(task);

        assertThat(source.cancel(task.token())).isFalse();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(task.await(LONG)).isEqualTo("result");
        assertThat(occupyThePool()).as("not retired").contains(source);
    }

    /** A thread whose interrupts take long: until it has left the run, or is seen to wait for them there. */
    private static final class LateInterrupted extends Thread {
        private final AtomicBoolean canceled = new AtomicBoolean();
        private final CountDownLatch interrupting = new CountDownLatch(1);
        private volatile boolean left;
        private volatile boolean interruptedAfterwards;

        LateInterrupted(Runnable submitted) {
            super(submitted);
            setDaemon(true);
        }

        @Override
        public void run() {
            super.run();
            left = true;
            while (!canceled.get()) {
                Thread.onSpinWait();
            }
            interruptedAfterwards = Thread.interrupted();
        }

        @Override
        public void interrupt() {
            interrupting.countDown();
            while (!left && !isLeaving()) {
                Thread.onSpinWait();
            }
            super.interrupt();
        }

        private boolean isLeaving() {
            return Arrays.stream(getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("leave"));
        }
    }

    @Test
    void cancel_whileTheBodyReturns_keepsItsThreadUntilTheInterruptWasSent() throws Exception {
        List<LateInterrupted> runner = new ArrayList<>();
        ValueTask<Object> task = ValueTasks.start(submitted::add, () -> {
            awaitUninterruptibly(runner.get(0).interrupting);
            return "too late";
        });
        runner.add(new LateInterrupted(submitted.remove()));
        runner.get(0).start();
        StartedBody<?> source = (StartedBody<?>) sourceOf(task);
        while (!(stageOf(source) instanceof Thread)) {
            Thread.onSpinWait();
        }

        assertThat(source.cancel(task.token())).isTrue();
        runner.get(0).canceled.set(true);
        runner.get(0).join(20_000);

        assertThat(runner.get(0).left).isTrue();
        assertThat(runner.get(0).interruptedAfterwards).as("interrupted after the run").isFalse();
        assertThat(task.isCanceled()).isTrue();
        task.discard();
    }

    private static Object stageOf(StartedBody<?> source) throws ReflectiveOperationException {
        Field field = StartedBody.class.getDeclaredField("stage");
        field.setAccessible(true);
        return field.get(source);
    }

    @Test
    @Timeout(120)
    void cancel_againstTheEndOfTheBody_neverInterruptsWhatComesAfterIt() throws Exception {
        AtomicInteger created = new AtomicInteger();
        AtomicInteger rounds = new AtomicInteger();
        List<ValueTask<AutoCloseable>> current = new ArrayList<>();
        Map<String, Integer> outcomes = Race.run(() -> {
            current.clear();
            closed.set(0);
            created.set(0);
            current.add(ValueTasks.start(submitted::add, () -> {
                for (int spins = rounds.incrementAndGet() % 64; spins > 0; spins--) {
                    Thread.onSpinWait();
                }
                created.incrementAndGet();
                return resource();
            }));
            return null;
        }, () -> {
            submitted.remove().run();
            return Thread.currentThread().isInterrupted() ? "interrupted" : "clear";
        }, () -> {
            ValueTask<AutoCloseable> task = current.get(0);
            return ((StartedBody<?>) sourceOf(task)).cancel(task.token());
        }, () -> {
            String outcome;
            try {
                current.get(0).result().close();
                outcome = "result";
            } catch (CancellationException canceled) {
                outcome = "canceled";
            }
            return outcome + (created.get() == closed.get() ? "" : " and lost a result");
        });

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("clear true canceled",
                "clear false result");
    }

    // Many at once

    @Row(54)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row54_start_byManyThreads_keepsEveryResultApart(Kind kind) throws Throwable {
        int callers = 10 * Runtime.getRuntime().availableProcessors();
        List<BackgroundCall<Integer>> calls = new ArrayList<>();
        try (ExecutorService workers = kind == Kind.VIRTUAL
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < callers; i++) {
                int caller = i;
                calls.add(BackgroundCall.start(kind, () -> sumOfSquares(workers, caller)));
            }
            for (int i = 0; i < callers; i++) {
                int expected = 0;
                for (int j = 0; j < 200; j++) {
                    expected += (i + j) * (i + j);
                }
                assertThat(calls.get(i).result()).isEqualTo(expected);
            }
        }
    }

    private static int sumOfSquares(Executor workers, int from) throws Exception {
        int sum = 0;
        for (int i = from; i < from + 200; i++) {
            int number = i;
            Callable<Integer> square = () -> {
                if (number % 7 == 0) {
                    Thread.yield();
                }
                return number * number;
            };
            sum += ValueTasks.start(workers, square).await();
        }
        return sum;
    }
}
