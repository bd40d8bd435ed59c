package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Who waits: one party, told once, and never on somebody else's terms. */
interface WaiterContract extends SourceHolder {
    @Test
    default void onCompleted_withoutContinuation_isRefusedBeforeAnythingChanges() {
        long token = source().arm();

        assertThatThrownBy(() -> source().onCompleted(null, "state", token))
                .isInstanceOf(NullPointerException.class).hasMessage("continuation");

        assertThat(source().onCompleted(state -> {}, "state", token)).isTrue();
    }

    @Test
    default void onCompleted_withNullState_handsItOn() {
        List<Object> resumed = new ArrayList<>();
        long token = source().arm();
        source().onCompleted(resumed::add, null, token);

        source().complete(token, 1);

        assertThat(resumed).containsExactly((Object) null);
    }

    @Test
    default void onCompleted_withUnknownFlags_ignoresThem() {
        List<Object> resumed = new ArrayList<>();
        long token = source().arm();
        assertThat(source().onCompleted(resumed::add, "state", token, -1)).isTrue();

        source().complete(token, 1);

        assertThat(resumed).containsExactly("state");
    }

    @Test
    default void onCompleted_whenAnotherWaits_isRefusedAndTheFirstKeepsContinuationAndState()
            throws IOException {
        List<Object> first = new ArrayList<>();
        List<Object> second = new ArrayList<>();
        long token = source().arm();
        source().onCompleted(first::add, "first", token);

        assertThatThrownBy(() -> source().onCompleted(second::add, "second", token))
                .isInstanceOf(ValueTaskMisuseException.class);
        source().complete(token, 42);
        assertThatThrownBy(() -> source().onCompleted(second::add, "third", token))
                .as("after the first was resumed").isInstanceOf(ValueTaskMisuseException.class);

        assertThat(first).containsExactly("first");
        assertThat(second).isEmpty();
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void onCompleted_whenTheFirstHasNullState_isRefusedAllTheSame() {
        List<Object> first = new ArrayList<>();
        long token = source().arm();
        source().onCompleted(first::add, null, token);

        assertThatThrownBy(() -> source().onCompleted(first::add, "second", token))
                .isInstanceOf(ValueTaskMisuseException.class);
        source().complete(token, 1);

        assertThat(first).containsExactly((Object) null);
    }

    @Test
    default void onCompleted_whenComplete_isToldSoOnceAndThenIsMisuse() throws IOException {
        List<Object> resumed = new ArrayList<>();
        long token = source().arm();
        source().complete(token, 42);

        assertThat(source().onCompleted(resumed::add, "first", token)).isFalse();
        assertThatThrownBy(() -> source().onCompleted(resumed::add, "second", token))
                .isInstanceOf(ValueTaskMisuseException.class);

        assertThat(resumed).isEmpty();
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void onCompleted_whenConsumed_isMisuse() {
        long token = source().spend();

        assertThatThrownBy(() -> source().onCompleted(state -> {}, "state", token))
                .isInstanceOf(ValueTaskMisuseException.class);
    }

    /** What a combination asks of all its inputs before it registers with the first. */
    @Test
    default void checkWaiterPermitted_refusesWhoCouldNotRegister_andRegistersNobody() {
        long token = source().arm();
        source().core().checkWaiterPermitted(token);
        assertThat(source().onCompleted(state -> {}, "state", token)).isTrue();

        assertThatThrownBy(() -> source().core().checkWaiterPermitted(token))
                .isInstanceOf(ValueTaskMisuseException.class);
    }

    @Test
    default void complete_deepInAChain_wakesAThreadBeforeTheChainGoesOn() throws Throwable {
        long token = source().arm();
        BackgroundCall<Integer> waiter = BackgroundCall.start(Kind.PLATFORM, () -> {
            assertThat(source().onCompleted(SourceCore.UNPARK, Thread.currentThread(), token)).isTrue();
            while (source().getStatus(token) == ValueTaskSourceStatus.PENDING) {
                LockSupport.parkNanos(Duration.ofSeconds(30).toNanos());
            }
            return source().getResult(token);
        }).awaitParked();

        List<Integer> taken = new ArrayList<>();
        TrampolineTest.atDepth(Trampoline.MAX_DEPTH, () -> {
            source().complete(token, 42);
            try {
                taken.add(waiter.result()); // with a limit, shorter than that of the park
            } catch (Throwable failure) {
                throw new AssertionError(failure);
            }
        });

        assertThat(taken).containsExactly(42);
    }

    @Test
    default void complete_whenTheContinuationThrows_reportsItAndTheCompleterGoesOn() throws IOException {
        IllegalStateException failure = new IllegalStateException("of the continuation");
        long token = source().arm();
        source().onCompleted(state -> {
            throw failure;
        }, "state", token);

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(source().tryComplete(token, 42)).isTrue();
            assertThat(uncaught.failures()).containsExactly(failure);
        }

        assertThat(source().getResult(token)).isEqualTo(42);
        assertThat(source().tryArm()).isPositive();
    }

    @Test
    default void complete_whenContinuationAndHandlerThrow_theCompleterStillGoesOn() {
        RuntimeException failure = new RuntimeException("of the continuation");
        RuntimeException ofHandler = new RuntimeException("of the handler");
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        long token = source().arm();
        Consumer<Object> throwing = state -> {
            throw failure;
        };
        source().onCompleted(throwing, "state", token);
        thread.setUncaughtExceptionHandler((reporter, reported) -> {
            throw ofHandler;
        });
        try {
            source().complete(token, 42);
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        assertThat(failure).hasSuppressedException(ofHandler);
        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.SUCCEEDED);
    }
}
