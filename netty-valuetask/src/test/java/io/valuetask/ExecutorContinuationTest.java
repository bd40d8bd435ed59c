package io.valuetask;

import io.valuetask.Form.Operation;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A continuation that is to run on an executor: what happens there, and when the executor fails it. */
class ExecutorContinuationTest {
    private static final Consumer<CompletableFuture<Thread>> WHICH_THREAD = resumedOn -> resumedOn
            .complete(Thread.currentThread());

    private final List<Object> resumed = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_resumesOnTheExecutor(Form form) throws Exception {
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Thread thread = executor.submit(Thread::currentThread).get(10, TimeUnit.SECONDS);
            SourceSubject source = form.newSource();
            for (int i = 0; i < 10; i++) {
                CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
                Operation operation = form.arm(source);
                assertThat(operation.onCompleted(WHICH_THREAD, resumedOn, executor)).isTrue();

                source.complete(source.core().pendingToken(), i);

                assertThat(resumedOn.get(10, TimeUnit.SECONDS)).isSameAs(thread);
                assertThat(operation.result()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void complete_ofAFuture_resumesOnTheExecutor(TaskType type) throws IOException {
        List<Runnable> queued = new ArrayList<>();
        CompletableFuture<Integer> future = new CompletableFuture<>();
        TaskType.Task task = type.fromFuture(future);
        assertThat(task.onCompleted(resumed::add, "state", queued::add)).isTrue();

        future.complete(42);

        assertThat(resumed).isEmpty();
        queued.forEach(Runnable::run);
        assertThat(resumed).containsExactly("state");
        assertThat(task.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheExecutorHasTerminated_resumesOnTheCompleter(Form form) throws IOException {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        executor.close();
        CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        operation.onCompleted(WHICH_THREAD, resumedOn, executor);

        source.complete(source.core().pendingToken(), 42);

        assertThat(resumedOn).isCompletedWithValue(Thread.currentThread());
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheExecutorFails_isReportedAndResumesOnTheCompleter(Form form) throws IOException {
        OutOfMemoryError failure = new OutOfMemoryError("unable to create native thread");
        CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        operation.onCompleted(WHICH_THREAD, resumedOn, task -> {
            throw failure;
        });

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            source.complete(source.core().pendingToken(), 42);
            assertThat(uncaught.failures()).containsExactly(failure);
        }

        assertThat(resumedOn).as("not lost").isCompletedWithValue(Thread.currentThread());
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheExecutorFailsAfterItRan_resumesOnce(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (RuntimeException failure : List.of(new IllegalStateException("of a hook"),
                new RejectedExecutionException("of something else"))) {
            Operation operation = form.arm(source);
            operation.onCompleted(resumed::add, failure, task -> {
                task.run();
                throw failure;
            });

            try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
                source.complete(source.core().pendingToken(), 42);
                assertThat(uncaught.failures()).isSubsetOf(failure);
            }
            assertThat(operation.result()).isEqualTo(42);
        }
        assertThat(resumed).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheLoopOfTheWaiterFails_isReportedAndResumesOnTheCompleter(Form form)
            throws Exception {
        IllegalStateException failure = new IllegalStateException("of the loop");
        try (CountingLoop loop = new CountingLoop()) {
            CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
            SourceSubject source = form.newSource();
            Operation operation = form.arm(source);
            loop.on(() -> operation.onCompleted(WHICH_THREAD, resumedOn, USE_SCHEDULING_CONTEXT));
            loop.failNext(failure);

            try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
                assertThat(source.tryComplete(source.core().pendingToken(), 42)).isTrue();
                assertThat(uncaught.failures()).containsExactly(failure);
            }

            assertThat(resumedOn).as("not lost").isCompletedWithValue(Thread.currentThread());
            assertThat(operation.result()).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheContinuationThrowsOnTheExecutor_isReportedThere(Form form) throws Exception {
        IllegalStateException failure = new IllegalStateException("of the continuation");
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Thread thread = executor.submit(Thread::currentThread).get(10, TimeUnit.SECONDS);
            SourceSubject source = form.newSource();
            Operation operation = form.arm(source);
            try (UncaughtFailures uncaught = UncaughtFailures.of(thread)) {
                operation.onCompleted(state -> {
                    throw failure;
                }, "state", executor);
                source.complete(source.core().pendingToken(), 42);

                assertThat(executor.submit(Thread::currentThread).get(10, TimeUnit.SECONDS))
                        .as("its thread lives").isSameAs(thread);
                assertThat(uncaught.failures()).containsExactly(failure);
            }
            assertThat(operation.result()).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void onCompleted_whenAnotherWaits_isRefusedAndTheFirstKeepsItsExecutor(Form form) throws IOException {
        List<Runnable> ofFirst = new ArrayList<>();
        List<Runnable> ofSecond = new ArrayList<>();
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        operation.onCompleted(resumed::add, "first", ofFirst::add);
        assertThatThrownBy(() -> form.of(source, source.core().pendingToken()).onCompleted(resumed::add,
                "second", ofSecond::add)).isInstanceOf(ValueTaskMisuseException.class);

        source.complete(source.core().pendingToken(), 42);

        ofFirst.forEach(Runnable::run);
        assertThat(ofSecond).isEmpty();
        assertThat(resumed).containsExactly("first");
        assertThat(operation.result()).isEqualTo(42);
    }

    /** Whoever completes it must return soon, or holds a lock; that the executor is gone does not change it. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheSourceIsAsynchronousAndTheExecutorHasTerminated_resumesElsewhere(Form form)
            throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        CountingLoop loop = new CountingLoop();
        SourceSubject source = form.newSource();
        source.core().setRunContinuationsAsynchronously(true);
        CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
        form.arm(source).onCompleted(WHICH_THREAD, resumedOn, executor);
        SourceSubject second = form.newSource();
        second.core().setRunContinuationsAsynchronously(true);
        CompletableFuture<Thread> secondResumedOn = new CompletableFuture<>();
        loop.on(() -> form.arm(second).onCompleted(WHICH_THREAD, secondResumedOn, USE_SCHEDULING_CONTEXT));
        executor.close();
        loop.close();

        source.complete(source.core().pendingToken(), 42);
        second.complete(second.core().pendingToken(), 42);

        assertThat(resumedOn.get(10, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
        assertThat(secondResumedOn.get(10, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
    }

    @Test
    void complete_whenTheSourceIsAsynchronous_handsTheContinuationToItsExecutorAtOnce() {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        source.setRunContinuationsAsynchronously(true);
        long token = source.arm();
        List<Thread> callers = new ArrayList<>();
        List<Object> resumed = new ArrayList<>();
        ValueTask.fromSource(source, token).onCompleted(resumed::add, "state", task -> {
            callers.add(Thread.currentThread());
            task.run();
        });

        source.complete(token, "result");

        assertThat(callers).as("not by way of another executor").containsExactly(Thread.currentThread());
        assertThat(resumed).containsExactly("state");
    }
}
