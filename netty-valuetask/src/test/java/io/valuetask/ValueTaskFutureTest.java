package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** From value tasks to futures and back. */
class ValueTaskFutureTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(5);

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

    /** A future that stands for something that cannot be stopped. */
    private static final class Uncancelable extends CompletableFuture<String> {
        private final Semaphore cancelAsked = new Semaphore(0);

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            cancelAsked.release();
            return false;
        }

        void awaitCancelAsked() throws InterruptedException {
            assertThat(cancelAsked.tryAcquire(20, TimeUnit.SECONDS)).as("cancel was asked for").isTrue();
        }
    }

    @Test
    void toCompletableFuture_whenPending_consumesAndFollowsTheOperation() throws Exception {
        ValueTask<String> task = arm();
        CompletableFuture<String> future = task.toCompletableFuture();
        assertThat(future).isNotDone();
        assertThatThrownBy(task::toCompletableFuture).isInstanceOf(ValueTaskMisuseException.class);

        source.complete(1, "result");

        assertThat(future).isCompletedWithValue("result");
        assertThat(future.get()).as("any number of times").isEqualTo("result");
        assertThat(source.tryArm()).as("the source is free").isEqualTo(2);
    }

    @Test
    void toCompletableFuture_whenItFails_failsWithTheSameInstance() {
        IOException failure = new IOException("reset by peer");
        CompletableFuture<String> future = arm().toCompletableFuture();

        source.completeExceptionally(1, failure);

        assertThat(future).isCompletedExceptionally();
        assertThat(future.exceptionNow()).isSameAs(failure);
        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(failure);
    }

    @Test
    void toCompletableFuture_whenTheOperationIsCancelled_isCancelled() {
        CompletableFuture<String> future = arm().toCompletableFuture();

        assertThat(source.cancel(1)).isTrue();

        assertThat(future).isCancelled();
        assertThat(source.tryArm()).isEqualTo(2);
    }

    @Test
    void toCompletableFuture_whenCancelled_cancelsTheOperation() {
        CompletableFuture<String> future = arm().toCompletableFuture();

        assertThat(future.cancel(true)).isTrue();

        assertThat(future).isCancelled();
        assertThat(source.tryComplete(1, "late")).isFalse();
        assertThat(source.tryArm()).as("the source is free").isEqualTo(2);
        assertThat(future.cancel(true)).as("cancelled before").isTrue();
    }

    @Test
    void toCompletableFuture_whenCancelledTooLate_saysSoAndKeepsTheResult() {
        CompletableFuture<String> future = arm().toCompletableFuture();
        source.complete(1, "result");
        long next = source.arm();

        assertThat(future.cancel(true)).isFalse();

        assertThat(future).isCompletedWithValue("result");
        assertThat(source.getStatus(next)).as("the next operation").isEqualTo(ValueTaskSourceStatus.PENDING);
    }

    @Test
    void toCompletableFuture_whenADependentIsCancelled_leavesTheOperationAlone() {
        CompletableFuture<String> future = arm().toCompletableFuture();
        CompletableFuture<Integer> dependent = future.thenApply(String::length);

        assertThat(dependent.cancel(true)).isTrue();

        assertThat(source.getStatus(1)).isEqualTo(ValueTaskSourceStatus.PENDING);
        source.complete(1, "result");
        assertThat(future).isCompletedWithValue("result");
    }

    @Test
    void toCompletableFuture_ofAFuture_isThatFuture() {
        CompletableFuture<String> future = new CompletableFuture<>();

        assertThat(ValueTask.fromFuture(future).toCompletableFuture()).isSameAs(future);
    }

    @Test
    void fromFuture_whenPending_resumesAndMayBeConsumedAgain() throws IOException {
        CompletableFuture<String> future = new CompletableFuture<>();
        ValueTask<String> task = ValueTask.fromFuture(future);
        List<Object> resumed = new ArrayList<>();
        assertThat(task.onCompleted(resumed::add, "first")).isTrue();
        assertThat(task.onCompleted(resumed::add, "second")).isTrue();

        future.complete("result");

        assertThat(resumed).containsExactlyInAnyOrder("first", "second");
        assertThat(task.result()).isEqualTo(task.result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_ofAFuture_returnsItsResult(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            CompletableFuture<String> future = new CompletableFuture<>();
            BackgroundCall<String> call = await(kind, future, timed).awaitParked();
            future.complete("result");
            assertThat(call.result()).isEqualTo("result, interrupted=false");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_ofAFutureThatFails_throwsTheSameInstance(Kind kind) throws Throwable {
        for (Throwable failure : List.of(new IOException("reset"), new CancellationException("mine"))) {
            CompletableFuture<String> future = new CompletableFuture<>();
            BackgroundCall<String> call = await(kind, future, false).awaitParked();
            future.completeExceptionally(failure);
            assertThat(call.failure()).isSameAs(failure);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_ofAFuture_cancelsIt(Kind kind) throws Throwable {
        CompletableFuture<String> future = new CompletableFuture<>();

        Throwable thrown = BackgroundCall.start(kind, () -> ValueTask.fromFuture(future).await(SHORT))
                .failure();

        assertThat(thrown).isInstanceOf(TimeoutException.class);
        assertThat(future).isCancelled();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_ofAFutureThatCannotBeCancelled_waitsForItsOutcome(Kind kind) throws Throwable {
        Uncancelable future = new Uncancelable();
        BackgroundCall<String> call = BackgroundCall.start(kind,
                () -> ValueTask.fromFuture(future).await(SHORT));
        future.awaitCancelAsked();
        call.awaitParked();

        future.complete("result");

        assertThat(call.result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_whileWaitingForAFuture_cancelsIt(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            CompletableFuture<String> future = new CompletableFuture<>();
            BackgroundCall<String> call = await(kind, future, timed).awaitParked();

            call.thread().interrupt();

            assertThat(call.failure()).isInstanceOf(InterruptedException.class);
            assertThat(future).isCancelled();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_thatComesTooLateForAFuture_returnsTheOutcomeAndKeepsTheFlag(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            Uncancelable future = new Uncancelable();
            BackgroundCall<String> call = await(kind, future, timed).awaitParked();
            call.thread().interrupt();
            future.awaitCancelAsked();
            call.awaitParked();

            future.complete("result");

            assertThat(call.result()).isEqualTo("result, interrupted=true");
        }
    }

    private static BackgroundCall<String> await(Kind kind, CompletableFuture<String> future, boolean timed) {
        ValueTask<String> task = ValueTask.fromFuture(future);
        return BackgroundCall.start(kind, () -> {
            String result = timed ? task.await(LONG) : task.await();
            return result + ", interrupted=" + Thread.interrupted();
        });
    }

    private ValueTask<String> arm() {
        return ValueTask.fromSource(source, source.arm());
    }

    /** Such a completion goes past what could cancel the operation. */
    @Test
    void obtrudeValue_whenTheOperationSucceedsLater_releasesItsResult() {
        ManualResetValueTaskSource<AutoCloseable> owner = new ManualResetValueTaskSource<>();
        long operation = owner.arm();
        CompletableFuture<AutoCloseable> future = ValueTask.fromSource(owner, operation)
                .toCompletableFuture();
        AtomicInteger closed = new AtomicInteger();

        future.obtrudeValue(null);
        owner.complete(operation, closed::incrementAndGet);

        assertThat(closed).hasValue(1);
        assertThat(owner.tryArm()).as("free again").isEqualTo(operation + 1);
    }

    @Test
    void preserve_ofAnOperationThatFailsWithACompletionException_throwsThatItself() {
        CompletionException failure = new CompletionException("mine", new CancellationException("inside"));
        ValueTask<String> preserved = arm().preserve();

        source.completeExceptionally(1, failure);

        assertThat(preserved.isFaulted()).isTrue();
        assertThatThrownBy(preserved::result).isSameAs(failure);
        assertThatThrownBy(preserved::await).isSameAs(failure);
    }

    @Test
    void fromFuture_ofOneThatDependsOnACancelledOne_isCancelled() {
        CompletableFuture<String> future = new CompletableFuture<>();
        ValueTask<Integer> task = ValueTask.fromFuture(future.thenApply(String::length));

        future.cancel(true);

        assertThat(task.isCanceled()).isTrue();
        assertThatThrownBy(task::result).isInstanceOf(CancellationException.class);
    }

    /** Between the look and the registration. */
    @Test
    void onCompleted_ofAFutureThatCompletesMeanwhile_answersFalseAndResumesNobody() {
        List<Object> resumed = new ArrayList<>();
        CompletableFuture<String> future = new CompletableFuture<>() {
            @Override
            public boolean isDone() {
                boolean done = super.isDone();
                complete("result");
                return done;
            }
        };

        assertThat(ValueTask.fromFuture(future).onCompleted(resumed::add, "state")).isFalse();

        assertThat(resumed).isEmpty();
    }

    @Test
    void fromFuture_ofNumbers_whenThereIsNone_saysSo() {
        IntValueTask task = IntValueTask.fromFuture(CompletableFuture.completedFuture(null));

        assertThatThrownBy(task::result).isInstanceOf(NullPointerException.class)
                .hasMessageContaining("completed with null")
                .hasMessageContaining("complete it with a number");
    }
}
