package io.valuetask;

import io.valuetask.TaskType.Awaiter;
import io.valuetask.TaskType.Task;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of awaiting a value task, see {@code conformance.md}; every wish there is {@code ConfigureAwait}. */
class ValueTaskAwaitConformanceTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int ALL_FLAGS = USE_SCHEDULING_CONTEXT | FLOW_EXECUTION_CONTEXT;

    private final CountingLoop loop = new CountingLoop();

    @AfterEach
    void close() {
        loop.close();
    }

    /** A task of each kind, and how it is completed where it is not yet. */
    private record Given(Task task, boolean pending, Runnable completion) {
        static List<Given> of(TaskType type) {
            CompletableFuture<Integer> future = new CompletableFuture<>();
            SourceSubject pending = type.newSource();
            SourceSubject complete = type.newSource();
            complete.complete(complete.arm(), 42);
            return List.of(complete(type.completed(42)),
                    complete(type.fromFuture(CompletableFuture.completedFuture(42))),
                    complete(type.fromSource(complete, 1)),
                    new Given(type.fromFuture(future), true, () -> future.complete(42)), new Given(
                            type.fromSource(pending, pending.arm()), true, () -> pending.complete(1, 42)));
        }

        private static Given complete(Task task) {
            return new Given(task, false, () -> {});
        }
    }

    @Row(39)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row39_await_ofWhatIsComplete_goesOnOnTheSameThreadAtOnce(TaskType type) throws Exception {
        List<Object> resumed = new ArrayList<>();
        for (Given given : Given.of(type)) {
            given.completion.run();
            assertThat(given.task.onCompleted(resumed::add, "state")).isFalse();
            assertThat(given.task.result()).isEqualTo(42);
        }
        for (Given given : Given.of(type)) {
            given.completion.run();
            // An event loop must never block, and need not here.
            int result = loop.on(given.task::await);
            assertThat(result).isEqualTo(42);
        }
        assertThat(resumed).isEmpty();
        assertThat(loop.takeExecuted()).isZero();
    }

    @Row(40)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row40_await_ofEveryKind_answersOnBothKindsOfThreads(TaskType type) throws Throwable {
        for (Kind kind : Kind.values()) {
            for (boolean timed : new boolean[]{false, true}) {
                for (Given given : Given.of(type)) {
                    BackgroundCall<Integer> call = BackgroundCall.start(kind,
                            () -> timed ? given.task.await(LONG) : given.task.await());
                    if (given.pending) {
                        call.awaitParked();
                        given.completion.run();
                    }
                    assertThat(call.result()).isEqualTo(42);
                }
            }
        }
    }

    @Row(40)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row40_onCompleted_ofEveryKindWithEveryWish_leadsToTheResult(TaskType type) throws Exception {
        for (int flags = 0; flags <= ALL_FLAGS; flags++) {
            for (Given given : Given.of(type)) {
                BlockingQueue<Object> resumed = new LinkedBlockingQueue<>();

                assertThat(given.task.onCompleted(resumed::add, "state", flags)).isEqualTo(given.pending);
                assertThat(resumed).isEmpty();
                given.completion.run();

                assertThat(resumed).hasSize(given.pending ? 1 : 0);
                assertThat(given.task.result()).isEqualTo(42);
            }
        }
    }

    @Row(41)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row41_awaiter_ofEveryKind_goesOnOnce(TaskType type) throws IOException {
        Awaiter awaiter = type.newAwaiter();
        for (Given given : Given.of(type)) {
            List<Object> resumed = new ArrayList<>();

            // .NET runs the continuation in any case. Here that of a complete one is the caller's own next line.
            assertThat(awaiter.onCompleted(given.task, resumed::add, "state")).isEqualTo(given.pending);
            given.completion.run();

            assertThat(resumed).isEqualTo(given.pending ? List.of("state") : List.of());
            assertThat(awaiter.result()).isEqualTo(42);
            assertThat(awaiter.isEmpty()).isTrue();
        }
    }

    @Row(42)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row42_awaiter_ofEveryKindWithEveryWish_goesOnOnce(TaskType type) throws IOException {
        Awaiter awaiter = type.newAwaiter();
        for (int flags = 0; flags <= ALL_FLAGS; flags++) {
            for (Given given : Given.of(type)) {
                List<Object> resumed = new ArrayList<>();
                assertThat(awaiter.onCompleted(given.task, resumed::add, "state", flags))
                        .isEqualTo(given.pending);
                given.completion.run();
                assertThat(resumed).hasSize(given.pending ? 1 : 0);
                assertThat(awaiter.result()).isEqualTo(42);
            }
        }
        for (Given given : Given.of(type)) {
            List<Runnable> queued = new ArrayList<>();
            List<Object> resumed = new ArrayList<>();
            assertThat(awaiter.onCompleted(given.task, resumed::add, "state", queued::add))
                    .isEqualTo(given.pending);
            given.completion.run();
            assertThat(resumed).isEmpty();
            queued.forEach(Runnable::run);
            assertThat(resumed).hasSize(given.pending ? 1 : 0);
            assertThat(awaiter.result()).isEqualTo(42);
        }
    }

    @Row(43)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row43_capturedLoop_ofEveryKind_isUsedOnceIfAskedFor(TaskType type) throws Exception {
        for (boolean throughAwaiter : new boolean[]{false, true}) {
            for (int flags = 0; flags <= ALL_FLAGS; flags++) {
                for (Given given : Given.of(type)) {
                    CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
                    Consumer<CompletableFuture<Thread>> resume = future -> future
                            .complete(Thread.currentThread());
                    boolean posts = given.pending && (flags & USE_SCHEDULING_CONTEXT) != 0;
                    int wishes = flags;

                    loop.on(() -> throughAwaiter
                            ? type.newAwaiter().onCompleted(given.task, resume, resumedOn, wishes)
                            : given.task.onCompleted(resume, resumedOn, wishes));
                    given.completion.run();

                    if (given.pending) {
                        Thread thread = resumedOn.get(10, TimeUnit.SECONDS);
                        assertThat(loop.inEventLoop(thread)).isEqualTo(posts);
                    }
                    assertThat(loop.takeExecuted()).isEqualTo(posts ? 1 : 0);
                    assertThat(given.task.result()).isEqualTo(42);
                }
            }
        }
    }

    /** A hand-written source that keeps its waiter, and lets the test call it back as it likes. */
    private static final class Erratic implements IntValueTaskSource {
        private volatile ValueTaskSourceStatus status = ValueTaskSourceStatus.PENDING;
        private volatile Consumer<Object> continuation;
        private volatile Object state;

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return status;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <S> boolean onCompleted(Consumer<? super S> waiter, S ofWaiter, long token, int flags) {
            state = ofWaiter;
            continuation = (Consumer<Object>) waiter;
            return true;
        }

        @Override
        public int getResultAsInt(long token) {
            if (status == ValueTaskSourceStatus.PENDING) {
                throw new ValueTaskMisuseException("the operation has not completed");
            }
            return 42;
        }

        void callBackWrongly() {
            for (Object wrong : new Object[]{new Object(), "wrong", 1L}) {
                assertThatThrownBy(() -> continuation.accept(wrong)).isInstanceOf(ClassCastException.class);
            }
        }

        void callBack() {
            status = ValueTaskSourceStatus.SUCCEEDED;
            continuation.accept(state);
        }
    }

    @Row(46)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row46_toCompletableFuture_ofASourceThatCallsBackWrongly_isNotHarmed(TaskType type) {
        Erratic source = new Erratic();
        CompletableFuture<Integer> future = type.fromSource(source, 7).toCompletableFuture();

        source.callBackWrongly();
        assertThat(future).as("the mistake stays with the source").isNotDone();

        source.callBack();
        assertThat(future).isCompletedWithValue(42);
        source.callBack();
        assertThat(future).as("called back twice").isCompletedWithValue(42);
    }

    @Row(47)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row47_awaiter_ofASourceThatCallsBackWrongly_isNotHarmed(TaskType type) throws IOException {
        Erratic source = new Erratic();
        Awaiter awaiter = type.newAwaiter();
        Consumer<StringBuilder> continuation = text -> text.append("resumed");
        StringBuilder state = new StringBuilder();
        awaiter.onCompleted(type.fromSource(source, 7), continuation, state);

        source.callBackWrongly();
        assertThat(state).isEmpty();
        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class);

        source.callBack();
        assertThat(state).asString().isEqualTo("resumed");
        assertThat(awaiter.result()).isEqualTo(42);
    }

    @Row(47)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row47_awaiterWithAnExecutor_ofASourceThatCallsBackWrongly_isNotHarmed(TaskType type) {
        Erratic source = new Erratic();
        List<Runnable> queued = new ArrayList<>();
        List<Object> resumed = new ArrayList<>();
        type.newAwaiter().onCompleted(type.fromSource(source, 7), resumed::add, "state", queued::add);

        source.callBackWrongly();
        assertThat(queued).isEmpty();

        source.callBack();
        queued.forEach(Runnable::run);
        assertThat(resumed).containsExactly("state");
    }

    @Row(47)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row47_await_ofASourceThatCallsBackWrongly_isNotHarmed(TaskType type) throws Throwable {
        for (Kind kind : Kind.values()) {
            Erratic source = new Erratic();
            BackgroundCall<Integer> call = BackgroundCall.start(kind, type.fromSource(source, 7)::await)
                    .awaitParked();

            source.callBackWrongly();
            source.continuation.accept(call.thread());
            call.awaitParked();

            source.callBack();
            assertThat(call.result()).isEqualTo(42);
        }
    }
}
