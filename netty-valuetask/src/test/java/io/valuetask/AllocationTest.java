package io.valuetask;

import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.AllocatedBytes.Operation;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * An operation costs no object. Counted by the JVM for one platform thread, after the code has been compiled: a handle
 * is an object only until then.
 *
 * <p>First everything that is not the straight path is run too, since a branch that has been seen is compiled, and an
 * object that reaches it has to exist. In an application all branches have been seen.
 */
@Timeout(60)
class AllocationTest {
    private static final int SEEN_ROUNDS = 1000;
    private static final double LIMIT_BYTES_PER_OPERATION = 0.5;

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final ValueTaskAwaiter<String> awaiter = new ValueTaskAwaiter<>();
    private final Consumer<AllocationTest> takeIt = AllocationTest::takeIt;
    private long token;
    private int taken;
    private Runnable submitted;

    @Test
    void armCompleteConsume_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            long armed = source.arm();
            source.complete(armed, "result");
            taken += source.getResult(armed).length();
        });
    }

    @Test
    void armRegisterCompleteConsume_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            token = source.arm();
            source.onCompleted(AllocationTest::takeFromSource, this, token, NONE);
            source.complete(token, "result");
        });
    }

    @Test
    void armRegisterCompleteConsume_throughAnAwaiter_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            token = source.arm();
            awaiter.onCompleted(ValueTask.fromSource(source, token), takeIt, this);
            source.complete(token, "result");
        });
    }

    @Test
    void armCompleteRegisterConsume_throughAnAwaiter_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            token = source.arm();
            source.complete(token, "result");
            if (awaiter.onCompleted(ValueTask.fromSource(source, token), takeIt, this)) {
                throw new AssertionError("it was complete");
            }
            takeIt();
        });
    }

    @Test
    void armDiscardComplete_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            token = source.arm();
            ValueTask.fromSource(source, token).discard();
            source.complete(token, "result");
        });
    }

    @Test
    void armCompleteDiscard_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            token = source.arm();
            source.complete(token, "result");
            ValueTask.fromSource(source, token).discard();
        });
    }

    @Test
    void awaitOfWhatIsComplete_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            token = source.arm();
            source.complete(token, "result");
            taken += ValueTask.fromSource(source, token).await().length();
        });
    }

    @Test
    void armWithACancellationToken_completeConsume_allocatesNothing() throws Exception {
        try (CancellationTokenSource cancellation = new CancellationTokenSource()) {
            assertAllocatesNothing(() -> {
                long armed = source.arm(cancellation.token());
                source.complete(armed, "result");
                taken += source.getResult(armed).length();
            });
            assertThat(cancellation.registrations()).isZero();
        }
    }

    @Test
    void awaitWithACancellationTokenOfWhatIsComplete_allocatesNothing() throws Exception {
        try (CancellationTokenSource cancellation = new CancellationTokenSource()) {
            assertAllocatesNothing(() -> {
                token = source.arm();
                source.complete(token, "result");
                taken += ValueTask.fromSource(source, token).await(cancellation.token()).length();
            });
        }
    }

    @Test
    void refusedDuplicates_allocateNothing() throws Exception {
        token = source.arm();
        source.complete(token, "result");
        IOException late = new IOException("late");
        assertAllocatesNothing(() -> {
            if (source.tryComplete(token, "second") || source.tryCompleteExceptionally(token, late)
                    || source.cancel(token) || source.tryComplete(token - 1, "stale")
                    || source.cancel(token - 1) || source.tryArm() > 0) {
                throw new AssertionError("a duplicate was accepted");
            }
        });
        assertThat(source.getResult(token)).isEqualTo("result");
    }

    @Test
    void rentArmCompleteConsume_allocatesNothing() throws Exception {
        ValueTaskSourcePool<ManualResetValueTaskSource<String>> pool = new ValueTaskSourcePool<>(4,
                ManualResetValueTaskSource::new);
        assertAllocatesNothing(() -> {
            ManualResetValueTaskSource<String> rented = pool.rent();
            long armed = rented.arm();
            rented.complete(armed, "result");
            taken += ValueTask.fromSource(rented, armed).result().length();
        });
        assertThat(pool.created()).isEqualTo(1);
    }

    @Row(56)
    @Test
    void row56_startAndTake_onADirectExecutor_allocatesNothing() throws Exception {
        Callable<String> body = () -> "result";
        assertAllocatesNothing(() -> taken += ValueTasks.start(Runnable::run, body).result().length());
    }

    @Test
    void startAndTake_throughAnAwaiterAndALateRun_allocatesNothing() throws Exception {
        Callable<String> body = () -> "result";
        Executor later = runnable -> submitted = runnable;
        assertAllocatesNothing(() -> {
            awaiter.onCompleted(ValueTasks.start(later, body), takeIt, this);
            submitted.run();
        });
    }

    private void takeFromSource() {
        try {
            taken += source.getResult(token).length();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void takeIt() {
        try {
            taken += awaiter.result().length();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void assertAllocatesNothing(Operation operation) throws Exception {
        assertAllocatesAtMost(LIMIT_BYTES_PER_OPERATION, operation);
    }

    static void assertAllocatesAtMost(double bytesPerOperation, Operation operation) throws Exception {
        double measured = AllocatedBytes.onceWarm(AllocationTest::seeEveryBranch, operation,
                () -> AllocatedBytes
                        .leastOf(bytesPerOperation, () -> AllocatedBytes.perOperation(operation)));
        assertThat(measured).isLessThan(bytesPerOperation);
    }

    private static void seeEveryBranch() throws Exception {
        for (int i = 0; i < SEEN_ROUNDS; i++) {
            ManualResetValueTaskSource<String> pending = new ManualResetValueTaskSource<>();
            ValueTask<String> task = ValueTask.fromSource(pending, pending.arm());
            ValueTaskAwaiter<String> holding = new ValueTaskAwaiter<>();
            assertThatThrownBy(holding::result).isInstanceOf(ValueTaskMisuseException.class);
            holding.onCompleted(task, state -> {}, null);
            assertThatThrownBy(holding::result).isInstanceOf(ValueTaskMisuseException.class);
            assertThatThrownBy(() -> holding.onCompleted(task, state -> {}, null))
                    .isInstanceOf(ValueTaskMisuseException.class);
            assertThatThrownBy(() -> new ValueTaskAwaiter<String>().onCompleted(task, state -> {}, null))
                    .isInstanceOf(ValueTaskMisuseException.class);

            CompletableFuture<String> future = new CompletableFuture<>();
            see(ValueTask.completed("result"));
            see(ValueTask.fromFuture(CompletableFuture.completedFuture("result")));
            ValueTaskAwaiter<String> ofFuture = new ValueTaskAwaiter<>();
            ofFuture.onCompleted(ValueTask.fromFuture(future), state -> {}, null);
            future.complete("result");
            ofFuture.result();
            ValueTaskAwaiter<String> ofFailure = new ValueTaskAwaiter<>();
            ofFailure.onCompleted(ValueTask.failed(new IOException()), state -> {}, null);
            assertThatThrownBy(ofFailure::result).isInstanceOf(IOException.class);
        }
    }

    private static void see(ValueTask<String> complete) throws Exception {
        ValueTaskAwaiter<String> awaiter = new ValueTaskAwaiter<>();
        awaiter.onCompleted(complete, state -> {}, null);
        awaiter.result();
        complete.await();
        complete.result();
    }
}
