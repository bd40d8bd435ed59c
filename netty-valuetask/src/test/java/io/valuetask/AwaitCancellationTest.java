package io.valuetask;

import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.BlockingOperationException;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A thread that waits no longer than until it is told not to. */
class AwaitCancellationTest {
    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final ManualResetIntValueTaskSource numbers = new ManualResetIntValueTaskSource();
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private final CancellationToken token = cancellation.token();

    /** A source whose operations cannot be cancelled, and which tells when it was asked. */
    private static final class Uncancelable extends ManualResetValueTaskSource<String> {
        private final Semaphore cancelAsked = new Semaphore(0);

        @Override
        public boolean cancel(long operation) {
            cancelAsked.release();
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenRequestedWhilePending_cancelsTheOperation(Kind kind) throws Throwable {
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(token)).awaitParked();
        assertThat(cancellation.registrations()).isEqualTo(1);

        cancellation.cancel();

        assertThat(call.failure()).isInstanceOf(CancellationException.class);
        assertThat(source.tryComplete(1, "late")).isFalse();
        assertThat(source.tryArm()).as("free at once").isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitOfANumber_whenRequestedWhilePending_cancelsTheOperation(Kind kind) throws Throwable {
        IntValueTask task = IntValueTask.fromSource(numbers, numbers.arm());
        BackgroundCall<Integer> call = BackgroundCall.start(kind, () -> task.await(token)).awaitParked();

        cancellation.cancel();

        assertThat(call.failure()).isInstanceOf(CancellationException.class);
        assertThat(numbers.tryArm()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenCompletedInTime_returnsTheResultAndLeavesNoRegistration(Kind kind) throws Throwable {
        for (long operation = 1; operation <= 100; operation++) {
            ValueTask<String> task = ValueTask.fromSource(source, source.arm());
            IntValueTask number = IntValueTask.fromSource(numbers, numbers.arm());
            BackgroundCall<String> call = BackgroundCall
                    .start(kind, () -> task.await(token) + number.await(token)).awaitParked();

            source.complete(operation, "result ");
            numbers.complete(operation, (int) operation);

            assertThat(call.result()).isEqualTo("result " + operation);
            assertThat(cancellation.registrations()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenRequestedBefore_cancelsWhatIsPending(Kind kind) throws Throwable {
        cancellation.cancel();
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());

        assertThat(BackgroundCall.start(kind, () -> task.await(token)).failure())
                .isInstanceOf(CancellationException.class);

        assertThat(source.tryArm()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenRequestedBeforeButComplete_returnsTheResult(Kind kind) throws Throwable {
        cancellation.cancel();
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        source.complete(1, "result");

        assertThat(BackgroundCall.start(kind, () -> task.await(token)).result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenItCannotBeCancelled_waitsForTheOutcome(Kind kind) throws Throwable {
        Uncancelable uncancelable = new Uncancelable();
        ValueTask<String> task = ValueTask.fromSource(uncancelable, uncancelable.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(token)).awaitParked();

        cancellation.cancel();
        assertThat(uncancelable.cancelAsked.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        call.awaitParked();
        uncancelable.complete(1, "result");

        assertThat(call.result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenItFails_throwsTheSameInstanceAndLeavesNoRegistration(Kind kind) throws Throwable {
        IOException failure = new IOException("reset by peer");
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(token)).awaitParked();

        source.completeExceptionally(1, failure);

        assertThat(call.failure()).isSameAs(failure);
        assertThat(cancellation.registrations()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_whileWaiting_cancelsAndLeavesNoRegistration(Kind kind) throws Throwable {
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(token)).awaitParked();

        call.thread().interrupt();

        assertThat(call.failure()).isInstanceOf(InterruptedException.class);
        assertThat(cancellation.registrations()).isZero();
        assertThat(source.tryArm()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_byASecondParty_isRefusedAndItsTokenDoesNotCancelTheFirst(Kind kind) throws Throwable {
        cancellation.cancel();
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        BackgroundCall<String> first = BackgroundCall.start(kind, task::await).awaitParked();

        assertThat(BackgroundCall.start(kind, () -> task.await(token)).failure())
                .isInstanceOf(ValueTaskMisuseException.class);
        source.complete(1, "result");

        assertThat(first.result()).isEqualTo("result");
    }

    @Test
    void await_ofWhatHasNoSource_takesTheOutcomeWhateverTheTokenSays() throws Exception {
        cancellation.cancel();
        IOException failure = new IOException("of the operation");

        assertThat(ValueTask.completed("result").await(token)).isEqualTo("result");
        assertThat(IntValueTask.completed(42).await(token)).isEqualTo(42);
        assertThat(ValueTask.fromFuture(CompletableFuture.completedFuture("result")).await(token))
                .isEqualTo("result");
        assertThatThrownBy(() -> ValueTask.failed(failure).await(token)).isSameAs(failure);
        assertThatThrownBy(() -> IntValueTask.failed(failure).await(token)).isSameAs(failure);
    }

    @Test
    void await_withoutAToken_isRefusedAndTheHandleIsStillGood() throws Exception {
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        source.complete(1, "result");

        assertThatThrownBy(() -> task.await((CancellationToken) null))
                .isInstanceOf(NullPointerException.class).hasMessage("cancellation");

        assertThat(task.await(CancellationToken.NONE)).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_withNone_isAnOrdinaryWait(Kind kind) throws Throwable {
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(CancellationToken.NONE))
                .awaitParked();

        source.complete(1, "result");

        assertThat(call.result()).isEqualTo("result");
    }

    // Somebody else's future

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitOfAFuture_whenRequested_cancelsIt(Kind kind) throws Throwable {
        CompletableFuture<String> future = new CompletableFuture<>();
        BackgroundCall<String> call = BackgroundCall
                .start(kind, () -> ValueTask.fromFuture(future).await(token)).awaitParked();

        cancellation.cancel();

        assertThat(call.failure()).isInstanceOf(CancellationException.class);
        assertThat(future.isCancelled()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitOfAFuture_whenRequestedBefore_cancelsIt(Kind kind) throws Throwable {
        cancellation.cancel();
        CompletableFuture<Integer> future = new CompletableFuture<>();

        assertThat(BackgroundCall.start(kind, () -> IntValueTask.fromFuture(future).await(token)).failure())
                .isInstanceOf(CancellationException.class);

        assertThat(future.isCancelled()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitOfAFuture_whenCompletedInTime_leavesNoRegistration(Kind kind) throws Throwable {
        CompletableFuture<String> future = new CompletableFuture<>();
        BackgroundCall<String> call = BackgroundCall
                .start(kind, () -> ValueTask.fromFuture(future).await(token)).awaitParked();

        future.complete("result");

        assertThat(call.result()).isEqualTo("result");
        assertThat(cancellation.registrations()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitOfAFuture_thatCannotBeCancelled_waitsForTheOutcome(Kind kind) throws Throwable {
        CompletableFuture<String> uncancelable = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false;
            }
        };
        BackgroundCall<String> call = BackgroundCall
                .start(kind, () -> ValueTask.fromFuture(uncancelable).await(token)).awaitParked();

        cancellation.cancel();
        uncancelable.complete("result");

        assertThat(call.result()).isEqualTo("result");
    }

    // Where nobody may wait

    @Test
    void await_onAnEventLoop_isRefusedAndCancelsNothing() throws Exception {
        DefaultEventLoop loop = new DefaultEventLoop();
        cancellation.cancel();
        CompletableFuture<String> future = new CompletableFuture<>();
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        try {
            for (ValueTask<String> refused : List.of(task, ValueTask.<String>fromFuture(future))) {
                assertThatThrownBy(() -> loop.submit(() -> refused.await(token)).get(20, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(BlockingOperationException.class);
            }
            assertThat(task.isCompleted()).as("the operation goes on").isFalse();
            assertThat(future).isNotDone();
        } finally {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }
}
