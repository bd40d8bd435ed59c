package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** How a thread waits for a source, on both kinds of threads. */
class ValueTaskAwaitTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(5);

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

    /** A source that cannot cancel, written by hand on nothing but the interface. */
    private final class Uncancelable implements ValueTaskSource<String> {
        private final Semaphore cancelAsked = new Semaphore(0);

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return source.getStatus(token);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
            return source.onCompleted(continuation, state, token, flags);
        }

        @Override
        public String getResult(long token) throws IOException {
            return source.getResult(token);
        }

        @Override
        public boolean cancel(long token) {
            cancelAsked.release();
            return false;
        }

        void awaitCancelAsked() throws InterruptedException {
            assertThat(cancelAsked.tryAcquire(20, TimeUnit.SECONDS)).as("cancel was asked for").isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenPending_returnsTheResult(Kind kind) throws Throwable {
        for (int i = 0; i < 100; i++) {
            ValueTask<String> task = arm();
            BackgroundCall<String> call = BackgroundCall.start(kind, task::await).awaitParked();
            source.complete(i + 1, "result " + i);
            assertThat(call.result()).isEqualTo("result " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenItFails_throwsTheSameInstance(Kind kind) throws Throwable {
        IOException failure = new IOException("reset by peer");
        BackgroundCall<String> call = BackgroundCall.start(kind, arm()::await).awaitParked();

        source.completeExceptionally(1, failure);

        assertThat(call.failure()).isSameAs(failure);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenItIsCancelled_throwsCancellation(Kind kind) throws Throwable {
        BackgroundCall<String> call = BackgroundCall.start(kind, arm()::await).awaitParked();

        assertThat(source.cancel(1)).isTrue();

        assertThat(call.failure()).isInstanceOf(CancellationException.class);
        assertThat(source.tryArm()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenWokenWithoutReason_goesOnWaiting(Kind kind) throws Throwable {
        BackgroundCall<String> call = BackgroundCall.start(kind, arm()::await).awaitParked();
        for (int i = 0; i < 100; i++) {
            LockSupport.unpark(call.thread());
        }
        call.awaitParked();
        assertThat(source.getStatus(1)).isEqualTo(ValueTaskSourceStatus.PENDING);

        source.complete(1, "result");

        assertThat(call.result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_byASecondThread_isMisuseAndTheFirstGetsTheResult(Kind kind) throws Throwable {
        ValueTask<String> task = arm();
        BackgroundCall<String> first = BackgroundCall.start(kind, task::await).awaitParked();

        assertThat(BackgroundCall.start(kind, task::await).failure())
                .isInstanceOf(ValueTaskMisuseException.class);
        source.complete(1, "result");

        assertThat(first.result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_whenCompletedInTime_returnsTheResult(Kind kind) throws Throwable {
        ValueTask<String> task = arm();
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(LONG)).awaitParked();

        source.complete(1, "result");

        assertThat(call.result()).isEqualTo("result");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_whenTimeIsUp_cancelsAndTheSourceIsReusableAtOnce(Kind kind) throws Throwable {
        for (Duration timeout : new Duration[]{SHORT, Duration.ZERO, SHORT.negated(),
            Duration.ofSeconds(Long.MIN_VALUE)}) {
            long token = source.arm();
            ValueTask<String> task = ValueTask.fromSource(source, token);
            BackgroundCall<Long> call = BackgroundCall.start(kind, () -> {
                try {
                    throw new AssertionError("returned " + task.await(timeout));
                } catch (TimeoutException expected) {
                    return source.arm();
                }
            });
            long next = call.result();
            assertThat(next).isEqualTo(token + 1);
            assertThat(source.tryComplete(token, "late")).as("the late completer is told so").isFalse();
            source.complete(next, "of the next operation");
            assertThat(source.getResult(next)).isEqualTo("of the next operation");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_whenItCannotBeCancelled_waitsForTheOutcome(Kind kind) throws Throwable {
        Uncancelable uncancelable = new Uncancelable();
        ValueTask<String> task = ValueTask.fromSource(uncancelable, source.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> task.await(SHORT));
        uncancelable.awaitCancelAsked();
        call.awaitParked();

        source.complete(1, "result");

        assertThat(call.result()).isEqualTo("result");
    }

    /** To stop the operation may fail, after it was cancelled: that is reported, and whoever waits takes the outcome. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void giveUp_whenTheSourceThrows_takesTheOutcomeAllTheSame(Kind kind) throws Throwable {
        IllegalStateException failure = new IllegalStateException("of the source");
        ManualResetValueTaskSource<String> failing = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long canceled) {
                tryCancel(canceled);
                throw failure;
            }
        };
        for (boolean timed : new boolean[]{true, false}) {
            ValueTask<String> task = ValueTask.fromSource(failing, failing.arm());
            List<Throwable> reported = new ArrayList<>();
            BackgroundCall<String> call = BackgroundCall.start(kind, () -> {
                try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
                    if (!timed) {
                        Thread.currentThread().interrupt();
                    }
                    try {
                        return timed ? task.await(SHORT) : task.await();
                    } finally {
                        reported.addAll(uncaught.failures());
                    }
                }
            });

            assertThat(call.failure()).isInstanceOf(CancellationException.class);
            assertThat(reported).containsExactly(failure);
        }
        assertThat(failing.tryArm()).as("free").isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_beforeWaiting_cancelsTheOperation(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            ValueTask<String> task = ValueTask.fromSource(source, source.arm());
            BackgroundCall<String> call = BackgroundCall.start(kind, () -> {
                Thread.currentThread().interrupt();
                return timed ? task.await(LONG) : task.await();
            });
            assertThat(call.failure()).isInstanceOf(InterruptedException.class);
        }
        assertThat(source.tryArm()).as("free at once").isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_whileWaiting_cancelsTheOperationAndClearsTheFlag(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            long token = source.arm();
            ValueTask<String> task = ValueTask.fromSource(source, token);
            BackgroundCall<Boolean> call = BackgroundCall.start(kind, () -> {
                try {
                    throw new AssertionError("returned " + (timed ? task.await(LONG) : task.await()));
                } catch (InterruptedException expected) {
                    return Thread.currentThread().isInterrupted();
                }
            }).awaitParked();

            call.thread().interrupt();

            assertThat(call.result()).as("still interrupted").isFalse();
            assertThat(source.tryComplete(token, "late")).isFalse();
        }
        assertThat(source.tryArm()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_thatComesTooLate_returnsTheOutcomeAndKeepsTheFlag(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            Uncancelable uncancelable = new Uncancelable();
            long token = source.arm();
            ValueTask<String> task = ValueTask.fromSource(uncancelable, token);
            BackgroundCall<String> call = BackgroundCall.start(kind, () -> {
                String result = timed ? task.await(LONG) : task.await();
                return result + ", interrupted=" + Thread.interrupted();
            }).awaitParked();
            call.thread().interrupt();
            uncancelable.awaitCancelAsked();
            call.awaitParked();

            source.complete(token, "result");

            assertThat(call.result()).isEqualTo("result, interrupted=true");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_whileACancelledOperationEnds_isNotedAndTheThreadParksAgain(Kind kind) throws Throwable {
        Semaphore asked = new Semaphore(0);
        ManualResetValueTaskSource<String> slow = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long canceled) {
                asked.release();
                return true; // and is going to say so
            }
        };
        ValueTask<String> task = ValueTask.fromSource(slow, slow.arm());
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> {
            try {
                return task.await(SHORT);
            } catch (TimeoutException expected) {
                return "timed out, interrupted=" + Thread.interrupted();
            }
        });
        assertThat(asked.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        call.awaitParked();

        call.thread().interrupt();

        // While its flag is set a thread cannot park, and would take a core to itself.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (call.thread().isInterrupted()) {
            assertThat(System.nanoTime()).as("the flag is still set").isLessThan(deadline);
        }
        call.awaitParked();
        slow.completeExceptionally(1, new CancellationException());
        assertThat(call.result()).isEqualTo("timed out, interrupted=true");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_whenComplete_changesNothing(Kind kind) throws Throwable {
        ValueTask<String> task = arm();
        source.complete(1, "result");
        BackgroundCall<String> call = BackgroundCall.start(kind, () -> {
            Thread.currentThread().interrupt();
            return task.await() + ", interrupted=" + Thread.interrupted();
        });
        assertThat(call.result()).isEqualTo("result, interrupted=true");
    }

    private ValueTask<String> arm() {
        return ValueTask.fromSource(source, source.arm());
    }
}
