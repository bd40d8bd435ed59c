package io.valuetask;

import io.valuetask.testing.Reachability;
import io.valuetask.testing.UncaughtFailures;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Somebody completes the future of an operation himself: one outcome, and a true answer to each who tried. */
class SourceFutureTest {
    private static final IllegalStateException FAILURE = new IllegalStateException("imposed");

    private final ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
    private final long token = source.arm();
    private final CompletableFuture<Object> future = ValueTask.fromSource(source, token)
            .toCompletableFuture();

    /** The ways to impose an outcome. */
    private enum Way {
        COMPLETE {
            @Override
            boolean impose(CompletableFuture<Object> future) {
                return future.complete("imposed");
            }
        },
        FAIL {
            @Override
            boolean impose(CompletableFuture<Object> future) {
                return future.completeExceptionally(FAILURE);
            }
        },
        CANCEL {
            @Override
            boolean impose(CompletableFuture<Object> future) {
                return future.cancel(true);
            }
        };

        abstract boolean impose(CompletableFuture<Object> future);
    }

    private static String outcome(CompletableFuture<Object> future) {
        return switch (future.state()) {
            case RUNNING -> "nothing";
            case SUCCESS -> String.valueOf(future.resultNow());
            case FAILED -> future.exceptionNow().getMessage();
            case CANCELLED -> future.handle((value, failure) -> failure.getMessage()).join() == null
                    ? "imposed"
                    : "cancelled by its owner";
        };
    }

    @ParameterizedTest
    @EnumSource
    void impose_whenPending_cancelsTheOperationAndWins(Way way) {
        assertThat(way.impose(future)).isTrue();

        assertThat(outcome(future)).isEqualTo("imposed");
        assertThat(source.tryArm()).as("free").isEqualTo(token + 1);
    }

    /** The outcome is applied by the one who imposes it; the source learns of its consumer later. */
    @ParameterizedTest
    @EnumSource
    void impose_deepInAChain_winsAtOnce(Way way) {
        List<Object> seen = new ArrayList<>();
        TrampolineTest.atDepth(Trampoline.MAX_DEPTH,
                () -> seen.addAll(List.of(way.impose(future), outcome(future))));

        assertThat(seen).containsExactly(true, "imposed");
        assertThat(source.tryArm()).as("free").isEqualTo(token + 1);
    }

    @ParameterizedTest
    @EnumSource
    void impose_whenAResultIsOnItsWay_isRefusedAndTheResultWins(Way way) {
        assertThat(source.claimCompletion(token)).isZero();

        assertThat(way.impose(future)).isFalse();
        assertThat(outcome(future)).isEqualTo("nothing");
        source.publishOutcome(StateWord.SUCCEEDED);

        assertThat(outcome(future)).isEqualTo("null");
    }

    @ParameterizedTest
    @EnumSource
    void impose_whenItsOwnerIsCancelling_isRefusedAndTheOwnerWins(Way way) {
        assertThat(source.claimCompletion(token)).isZero();

        assertThat(way.impose(future)).isFalse();
        source.publishFailure(new CancellationException("owner"));

        assertThat(outcome(future)).isEqualTo("cancelled by its owner");
    }

    /** The owner is faster: its cancellation arrives while the other one is still waiting for his answer. */
    @ParameterizedTest
    @EnumSource
    void impose_whenItsOwnerCancelsMeanwhile_isRefusedAndTheOwnerWins(
            Way way) {
        AtomicBoolean asked = new AtomicBoolean();
        ManualResetValueTaskSource<Object> slow = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long canceled) {
                asked.set(true);
                completeExceptionally(canceled, new CancellationException("owner"));
                return tryCancel(canceled);
            }
        };
        CompletableFuture<Object> followed = ValueTask.fromSource(slow, slow.arm()).toCompletableFuture();

        // To cancel() it is all the same who did it.
        assertThat(way.impose(followed)).isEqualTo(way == Way.CANCEL);

        assertThat(asked).isTrue();
        assertThat(outcome(followed)).isEqualTo("cancelled by its owner");
    }

    /** To stop the operation may fail, after it was cancelled. Then it was its owner who cancelled it. */
    @ParameterizedTest
    @EnumSource
    void impose_whenTheSourceThrows_isRefusedAndTheFutureIsCancelled(Way way) {
        ManualResetValueTaskSource<Object> failing = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long canceled) {
                completeExceptionally(canceled, new CancellationException("owner"));
                throw FAILURE;
            }
        };
        CompletableFuture<Object> followed = ValueTask.fromSource(failing, failing.arm())
                .toCompletableFuture();

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(way.impose(followed)).isEqualTo(way == Way.CANCEL);
            assertThat(uncaught.failures()).containsExactly(FAILURE);
        }

        assertThat(outcome(followed)).isEqualTo("cancelled by its owner");
    }

    /** Who keeps the future of a read need not keep the connection. */
    @Test
    void complete_whateverTheOutcome_letsGoOfTheSource() throws InterruptedException {
        List<CompletableFuture<Object>> kept = new ArrayList<>();
        for (int way = 0; way < 4; way++) {
            Reachability.awaitUnreachable(completedSource(way, kept), "a future");
        }
        assertThat(kept).hasSize(4).allMatch(CompletableFuture::isDone);
    }

    private static WeakReference<Object> completedSource(int way, List<CompletableFuture<Object>> kept) {
        ManualResetValueTaskSource<Object> spent = new ManualResetValueTaskSource<>();
        long operation = spent.arm();
        if (way == 0) {
            spent.complete(operation, "result");
        }
        CompletableFuture<Object> itsFuture = ValueTask.fromSource(spent, operation).toCompletableFuture();
        switch (way) {
            case 1 -> spent.complete(operation, "result");
            case 2 -> spent.completeExceptionally(operation, FAILURE);
            default -> itsFuture.cancel(true);
        }
        kept.add(itsFuture);
        return new WeakReference<>(spent);
    }

    @Test
    void completeAsync_whenPending_cancelsTheOperation() throws Exception {
        assertThat(future.completeAsync(() -> "supplied").get(20, TimeUnit.SECONDS)).isEqualTo("supplied");

        assertThat(source.tryComplete(token, "late")).isFalse();
    }

    @Test
    void completeAsync_whenTheSupplierThrows_fails() {
        future.completeAsync(() -> {
            throw FAILURE;
        }, Runnable::run);

        assertThat(outcome(future)).isEqualTo("imposed");
    }

    @Test
    void completeAsync_whenDone_doesNotAskTheSupplier() {
        source.complete(token, "result");

        future.completeAsync(() -> {
            throw new AssertionError("asked");
        }, Runnable::run);

        assertThat(outcome(future)).isEqualTo("result");
    }

    @Test
    void orTimeout_whenPending_cancelsTheOperation() {
        assertThat(future.orTimeout(1, TimeUnit.MILLISECONDS)).failsWithin(20, TimeUnit.SECONDS);

        assertThat(source.tryArm()).as("free").isEqualTo(token + 1);
    }
}
