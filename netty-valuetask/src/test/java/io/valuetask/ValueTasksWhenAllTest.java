package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** All of several operations as one. */
class ValueTasksWhenAllTest {
    private final List<ManualResetValueTaskSource<Object>> sources = new ArrayList<>();
    private final AtomicInteger closed = new AtomicInteger();

    private ValueTask<Object> arm() {
        ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
        sources.add(source);
        return ValueTask.fromSource(source, source.arm());
    }

    private List<ValueTask<Object>> arm(int count) {
        return IntStream.range(0, count).mapToObj(i -> arm()).toList();
    }

    private void complete(int index, Object result) {
        sources.get(index).complete(1, result);
    }

    private void fail(int index, Throwable failure) {
        sources.get(index).completeExceptionally(1, failure);
    }

    private AutoCloseable resource() {
        return closed::incrementAndGet;
    }

    private void assertAllFree() {
        assertThat(sources).allSatisfy(source -> assertThat(source.tryArm()).isEqualTo(2));
    }

    /** A source that does not let itself be cancelled. */
    private static final class Uncancelable extends ManualResetValueTaskSource<Object> {
        @Override
        public boolean cancel(long token) {
            return false;
        }
    }

    // Results

    @Test
    void whenAll_inAnyOrderOfCompletion_hasTheResultsInTheOrderOfTheTasks() throws Exception {
        for (int[] order : new int[][]{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}}) {
            sources.clear();
            ValueTask<List<Object>> all = ValueTasks.whenAll(arm(3));
            for (int i : order) {
                assertThat(all.isCompleted()).isFalse();
                complete(i, "result " + i);
            }
            assertThat(all.result()).containsExactly("result 0", "result 1", "result 2");
            assertAllFree();
        }
    }

    @Test
    void whenAll_ofEveryKindOfHandle_hasTheirResults() throws Exception {
        CompletableFuture<Object> future = new CompletableFuture<>();
        ValueTask<List<Object>> all = ValueTasks.whenAll(ValueTask.completed("result"), arm(),
                ValueTask.completed(null), ValueTask.fromFuture(future),
                ValueTask.fromFuture(CompletableFuture.completedFuture("of a done future")));
        complete(0, "of a source");
        assertThat(all.isCompleted()).isFalse();

        future.complete("of a future");

        assertThat(all.await()).containsExactly("result", "of a source", null, "of a future",
                "of a done future");
    }

    @Test
    void whenAll_ofNumbers_takesBoxedHandles() throws Exception {
        ManualResetIntValueTaskSource source = new ManualResetIntValueTaskSource();
        ValueTask<List<Integer>> all = ValueTasks.whenAll(IntValueTask.completed(7).boxed(),
                IntValueTask.completed(7).boxed(), IntValueTask.fromSource(source, source.arm()).boxed());

        source.complete(1, 42);

        assertThat(all.result()).containsExactly(7, 7, 42);
    }

    @Test
    void whenAll_ofWhatIsComplete_isComplete() throws Exception {
        ValueTask<Object> task = arm();
        complete(0, "early");

        assertThat(ValueTasks.whenAll(task, ValueTask.completed("result")).result())
                .containsExactly("early", "result");
        assertAllFree();
    }

    @Test
    void whenAll_ofNothing_isTheEmptyList() throws Exception {
        assertThat(ValueTasks.whenAll().result()).isEmpty();
        assertThat(ValueTasks.whenAll(List.<ValueTask<String>>of()).isCompletedSuccessfully()).isTrue();
    }

    @Test
    void whenAll_keepsNeitherTheListNorTheResultsOpenToChange() throws Exception {
        List<ValueTask<Object>> tasks = new ArrayList<>(arm(2));
        ValueTask<List<Object>> all = ValueTasks.whenAll(tasks);
        Collections.reverse(tasks);
        tasks.clear();
        complete(0, "a");
        complete(1, "b");

        List<Object> results = all.result();

        assertThat(results).containsExactly("a", "b");
        assertThatThrownBy(() -> results.set(0, "c")).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_ofTheCombination_returnsWhenTheLastCompletes(Kind kind) throws Throwable {
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(2));
        BackgroundCall<List<Object>> call = BackgroundCall.start(kind, all::await).awaitParked();
        complete(1, "b");
        call.awaitParked();

        complete(0, "a");

        assertThat(call.result()).containsExactly("a", "b");
    }

    // Failures

    @Test
    void whenAll_ifSeveralFail_throwsTheFirstInOrderUnchanged() {
        IOException first = new IOException("first");
        IllegalStateException second = new IllegalStateException("second");
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(4));
        fail(3, second);
        sources.get(0).cancel(1);
        complete(2, resource());
        fail(1, first);

        assertThat(all.isFaulted()).isTrue();
        assertThatThrownBy(all::result).isSameAs(first);
        assertThat(first.getSuppressed()).as("it is its operation's own").isEmpty();
        assertThat(closed).as("results that nobody gets").hasValue(1);
        assertAllFree();
    }

    @Test
    void whenAll_ifOneIsCancelledAndNoneFails_isCancelled() {
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(3));
        complete(0, resource());
        sources.get(2).cancel(1);
        sources.get(1).cancel(1);

        assertThat(all.isCanceled()).isTrue();
        assertThatThrownBy(all::result).isInstanceOf(CancellationException.class)
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).isEmpty());
        assertThat(closed).hasValue(1);
    }

    @Test
    void whenAll_ifOneFails_waitsForTheOthersAndDoesNotCancelThem() {
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(2));
        fail(0, new IOException());

        assertThat(all.isCompleted()).isFalse();
        assertThat(sources.get(1).getStatus(1)).isEqualTo(ValueTaskSourceStatus.PENDING);

        complete(1, resource());
        assertThat(all.isFaulted()).isTrue();
        assertThat(closed).hasValue(1);
    }

    @Test
    void whenAll_ifOneFails_releasesImmediateResultsButNotThoseOfFutures() {
        CompletableFuture<Object> shared = CompletableFuture.completedFuture(resource());
        AtomicInteger closedImmediate = new AtomicInteger();
        AutoCloseable immediate = closedImmediate::incrementAndGet;

        ValueTask<List<Object>> all = ValueTasks.whenAll(ValueTask.completed(immediate),
                ValueTask.fromFuture(shared), ValueTask.failed(new IOException("the failure")));

        assertThatThrownBy(all::result).hasMessage("the failure");
        assertThat(closedImmediate).hasValue(1);
        assertThat(closed).as("others may hold the future").hasValue(0);
    }

    @Test
    void whenAll_ifAResultCannotBeReleased_reportsThatAndReleasesTheOthers() {
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            IOException ofClose = new IOException("of close");
            AutoCloseable stuck = () -> {
                throw ofClose;
            };
            ValueTask<List<Object>> all = ValueTasks.whenAll(arm(3));
            complete(0, stuck);
            complete(1, resource());
            fail(2, new IOException("the failure"));

            assertThatThrownBy(all::result).hasMessage("the failure");
            assertThat(uncaught.failures()).containsExactly(ofClose);
            assertThat(closed).hasValue(1);
        }
    }

    // Cancellation

    @Test
    void cancel_cancelsEveryTaskAndReleasesWhatHadCompleted() {
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(3));
        complete(1, resource());

        assertThatThrownBy(() -> all.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

        assertThat(closed).hasValue(1);
        assertAllFree();
    }

    @Test
    void cancel_whenOneCannotBeCancelled_endsAtOnceAndReleasesItsResultLater() {
        Uncancelable stubborn = new Uncancelable();
        long token = stubborn.arm();
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(), ValueTask.fromSource(stubborn, token), arm());

        assertThatThrownBy(() -> all.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);
        assertAllFree();
        stubborn.complete(token, resource());

        assertThat(closed).hasValue(1);
        assertThat(stubborn.tryArm()).isEqualTo(token + 1);
    }

    @Test
    void cancel_ofTheFuture_cancelsTheFuturesAndValueTasksInside() {
        CompletableFuture<Object> inside = new CompletableFuture<>();
        CompletableFuture<List<Object>> all = ValueTasks.whenAll(arm(), ValueTask.fromFuture(inside))
                .toCompletableFuture();

        assertThat(all.cancel(true)).isTrue();

        assertThat(all).isCancelled();
        assertThat(inside).isCancelled();
        assertAllFree();
    }

    @Test
    void cancel_whenAllHaveCompleted_isTooLate() throws Exception {
        ValueTask<List<Object>> all = ValueTasks.whenAll(arm(1));
        complete(0, "result");

        assertThat(((AllOf<?>) all.payload()).cancel(all.token())).isFalse();
        assertThat(all.result()).containsExactly("result");
    }

    @Test
    void cancel_whenAnInputThrows_reportsThatAndCancelsTheOthers() {
        IllegalStateException failure = new IllegalStateException("of cancel");
        ManualResetValueTaskSource<Object> wrong = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long token) {
                throw failure;
            }
        };
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            ValueTask<List<Object>> all = ValueTasks.whenAll(ValueTask.fromSource(wrong, wrong.arm()), arm());

            assertThatThrownBy(() -> all.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

            assertThat(uncaught.failures()).containsExactly(failure);
            assertAllFree();
        }
    }

    // Misuse

    @Test
    void whenAll_withATaskThatWasConsumedOrHasAWaiter_isRefusedAndNothingIsConsumed() throws Exception {
        ValueTask<Object> good = arm();
        ValueTask<Object> consumed = arm();
        complete(1, "result");
        consumed.result();
        ValueTask<Object> awaited = arm();
        List<Object> told = new ArrayList<>();
        awaited.onCompleted(told::add, "first waiter");

        assertThatThrownBy(() -> ValueTasks.whenAll(good, consumed))
                .isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageStartingWith("the result of this value task was already taken: token=1");
        assertThatThrownBy(() -> ValueTasks.whenAll(good, awaited))
                .isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageStartingWith("this value task already has a waiter: token=1");
        assertThatThrownBy(() -> ValueTasks.whenAll(good, null)).isInstanceOf(NullPointerException.class)
                .hasMessage("tasks[1]");

        complete(2, "for the first waiter");
        assertThat(told).containsExactly("first waiter");
        assertThat(ValueTasks.whenAll(good).isCompleted()).as("good is as before").isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 100})
    void whenAll_withOneTaskTwice_isRefusedAndNothingIsConsumed(int count) throws Exception {
        List<ValueTask<Object>> tasks = new ArrayList<>(arm(count));
        ValueTask<Object> last = tasks.removeLast();
        ValueTask<Object> copy = ValueTask.fromSource(sources.get(0), 1);
        tasks.add(copy);

        assertThatThrownBy(() -> ValueTasks.whenAll(tasks)).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageStartingWith(
                        "the same value task was given twice: tasks[0] and tasks[" + (count - 1)
                                + "] are ValueTask[")
                .hasMessageEndingWith("; give each one once, or share it with preserve()");

        tasks.set(count - 1, last);
        ValueTask<List<Object>> all = ValueTasks.whenAll(tasks);
        for (int i = 0; i < count; i++) {
            complete(i, i);
        }
        assertThat(all.result()).hasSize(count).endsWith(count - 1);
    }

    @Test
    void whenAll_withOnePreservedTaskTwice_hasItsResultTwice() throws Exception {
        ValueTask<Object> shared = arm().preserve();
        ValueTask<List<Object>> all = ValueTasks.whenAll(shared, shared);

        complete(0, "result");

        assertThat(all.result()).containsExactly("result", "result");
    }

    /** A source of another make, whose waiters cannot be seen beforehand. */
    private static final class Foreign implements ValueTaskSource<Object> {
        private final ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();

        @Override
        public ValueTaskSourceStatus getStatus(long asked) {
            return source.getStatus(asked);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long asked, int flags) {
            return source.onCompleted(continuation, state, asked, flags);
        }

        @Override
        public Object getResult(long asked) throws IOException {
            return source.getResult(asked);
        }
    }

    @Test
    void whenAll_ifAWaiterIsFoundOnlyAtRegistration_givesUpWhatWasRegisteredAndNothingElse()
            throws Exception {
        Foreign awaited = new Foreign();
        awaited.source.onCompleted(state -> {}, null, awaited.token, 0);
        Uncancelable stubborn = new Uncancelable();
        long token = stubborn.arm();
        ValueTask<Object> registered = arm();
        ValueTask<Object> behind = arm();

        assertThatThrownBy(() -> ValueTasks.whenAll(registered, ValueTask.fromSource(stubborn, token),
                ValueTask.fromSource(awaited, awaited.token), behind))
                .isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageStartingWith("this value task already has a waiter");

        assertThat(sources.get(0).tryArm()).as("cancelled and consumed").isEqualTo(2);
        stubborn.complete(token, resource());
        assertThat(closed).as("released").hasValue(1);
        complete(1, "still the caller's");
        assertThat(behind.result()).isEqualTo("still the caller's");
        awaited.source.complete(awaited.token, "the first waiter's");
        assertThat(awaited.getResult(awaited.token)).isEqualTo("the first waiter's");
    }

    @Test
    void whenAll_ifSomebodyTakesAResultAgainstTheRules_failsWithThatMisuse() throws Exception {
        List<ValueTask<Object>> tasks = arm(2);
        ValueTask<List<Object>> all = ValueTasks.whenAll(tasks);
        complete(0, "stolen");
        assertThat(tasks.get(0).result()).isEqualTo("stolen");

        complete(1, resource());

        assertThatThrownBy(all::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageStartingWith("the result of this value task was already taken");
        assertThat(closed).hasValue(1);
    }

    @Test
    @Timeout(120)
    void cancel_againstTheLastCompletion_hasOneWinnerAndLosesNoResult() throws Exception {
        List<ValueTask<List<Object>>> current = new ArrayList<>();
        Map<String, Integer> outcomes = Race.run(() -> {
            sources.clear();
            current.clear();
            closed.set(0);
            current.add(ValueTasks.whenAll(arm(2)));
            complete(0, resource());
            return null;
        }, () -> ((AllOf<?>) current.get(0).payload()).cancel(1),
                () -> sources.get(1).tryComplete(1, resource()),
                () -> {
                    String outcome;
                    try {
                        outcome = "results=" + current.get(0).result().size();
                    } catch (CancellationException canceled) {
                        outcome = "canceled";
                    }
                    assertAllFree();
                    return outcome + " closed=" + closed;
                });

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("true false canceled closed=1",
                "true true canceled closed=2", "false true results=2 closed=0");
    }

    @Test
    void await_ofTwentyThousandInOneAnother_cancelsTheInnermostAndFreesAll() throws Exception {
        ValueTask<?> nested = arm();
        for (int i = 0; i < 20_000; i++) {
            nested = ValueTasks.whenAll(nested);
        }
        ValueTask<?> outermost = nested;

        Throwable thrown = TrampolineTest.onSmallStack(() -> {
            try {
                return new AssertionError(outermost.await(Duration.ZERO));
            } catch (TimeoutException expected) {
                return expected;
            }
        });

        assertThat(thrown).isInstanceOf(TimeoutException.class);
        assertAllFree();
    }

    // Nobody takes the list

    @Test
    void discard_whenAllSucceed_releasesEveryResultInTheList() {
        ValueTasks.whenAll(arm(2)).discard();

        complete(0, resource());
        complete(1, resource());

        assertThat(closed).hasValue(2);
        assertAllFree();
    }

    @Test
    void whenAll_thatFailsOverAnother_releasesTheResultsOfThat() {
        ValueTask<Object> failed = ValueTask.failed(new IOException("failed"));
        ValueTask<?> inner = ValueTasks.whenAll(ValueTasks.whenAll(arm(2)));
        ValueTask<?> all = ValueTasks.whenAll(List.of(widened(inner), failed));

        complete(0, resource());
        complete(1, resource());

        assertThatThrownBy(all::result).hasMessage("failed");
        assertThat(closed).hasValue(2);
    }

    /** Others may have it. */
    @Test
    void discard_ofAListWithAFuturesResult_leavesThatAlone() {
        CompletableFuture<Object> future = new CompletableFuture<>();
        ValueTasks.whenAll(List.of(ValueTask.fromFuture(future), arm())).discard();

        future.complete(resource());
        complete(0, resource());

        assertThat(closed).as("of the source alone").hasValue(1);
    }

    @Test
    void discard_ofAListInAHundredThousandOthers_releasesTheInnermostResult() throws Exception {
        ValueTask<?> nested = arm();
        for (int i = 0; i < 100_000; i++) {
            nested = ValueTasks.whenAll(nested);
        }
        ValueTask<?> outermost = nested;

        TrampolineTest.onSmallStack(() -> {
            outermost.discard();
            complete(0, resource());
            return null;
        });

        assertThat(closed).hasValue(1);
    }

    @SuppressWarnings("unchecked")
    private static ValueTask<Object> widened(ValueTask<?> task) {
        return (ValueTask<Object>) task;
    }
}
