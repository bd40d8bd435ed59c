package io.valuetask;

import io.netty.util.concurrent.BlockingOperationException;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.ValueTaskSourceStatus.CANCELED;
import static io.valuetask.ValueTaskSourceStatus.FAULTED;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static io.valuetask.ValueTaskSourceStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

/** What is special about numbers; what both types have in common is in the conformance tests. */
class IntValueTaskTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(5);
    private static final IOException FAILURE = new IOException("of the operation");
    private static final CancellationException CANCELLATION = new CancellationException("of the operation");

    private final ManualResetIntValueTaskSource source = new ManualResetIntValueTaskSource();
    private final List<Object> resumed = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, 2, -2, 127, 128, 255, 256, 65_535, 1 << 31, (1 << 31) + 1,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 1, 0x55555555, 0xAAAAAAAA})
    void completed_withAnyNumber_isThatNumberInEveryWay(int number) throws Exception {
        IntValueTask task = IntValueTask.completed(number);

        assertThat(task.status()).isEqualTo(SUCCEEDED);
        assertThat(task.isCompleted() && task.isCompletedSuccessfully()).isTrue();
        assertThat(task.isFaulted() || task.isCanceled()).isFalse();
        assertThat(task.result()).isEqualTo(number);
        assertThat(task.await()).isEqualTo(number);
        assertThat(task.await(Duration.ZERO)).isEqualTo(number);
        assertThat(task.onCompleted(resumed::add, "state")).isFalse();
        assertThat(task.onCompleted(resumed::add, "state", Runnable::run)).isFalse();
        assertThat(task.toCompletableFuture()).isCompletedWithValue(number);
        assertThat(task.preserve().result()).isEqualTo(number);
        assertThat(task.boxed().result()).isEqualTo(number);
        assertThat(task.boxed().await()).isEqualTo(number);
        task.discard();
        IntValueTaskAwaiter awaiter = new IntValueTaskAwaiter();
        assertThat(awaiter.onCompleted(task, resumed::add, "state")).isFalse();
        assertThat(awaiter.result()).isEqualTo(number);
        assertThat(task.result()).as("a number that is known may be looked at again").isEqualTo(number);
        assertThat(resumed).isEmpty();
    }

    @Test
    void completed_fromMinusOneTo255_isShared() {
        for (int number = -1; number <= 255; number++) {
            assertThat(IntValueTask.completed(number)).isSameAs(IntValueTask.completed(number));
        }
        for (int number : new int[]{-2, 256, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(IntValueTask.completed(number)).isNotSameAs(IntValueTask.completed(number))
                    .isEqualTo(IntValueTask.completed(number));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, -2, 256, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void fromSource_withAnyNumber_isThatNumberInEveryWay(int number) throws Exception {
        for (int way = 0; way < 7; way++) {
            long token = source.arm();
            IntValueTask task = IntValueTask.fromSource(source, token);
            source.complete(token, number);
            int result = switch (way) {
                case 0 -> task.result();
                case 1 -> task.await();
                case 2 -> task.await(LONG);
                case 3 -> task.toCompletableFuture().get();
                case 4 -> task.preserve().result();
                case 5 -> task.boxed().result();
                default -> {
                    IntValueTaskAwaiter awaiter = new IntValueTaskAwaiter();
                    awaiter.onCompleted(task, resumed::add, "state");
                    yield awaiter.result();
                }
            };
            assertThat(result).as("way %d", way).isEqualTo(number);
            assertThatThrownBy(task::result).isInstanceOf(ValueTaskMisuseException.class);
        }
        assertThat(resumed).isEmpty();
    }

    private record Failing(Supplier<IntValueTask> factory, Class<? extends Throwable> type,
            Throwable instance) {}

    @Test
    void failureOfEveryKind_isThrownUnchangedInEveryWay() throws Exception {
        CompletableFuture<Integer> cancelled = new CompletableFuture<>();
        cancelled.cancel(true);
        List<Failing> kinds = List.of(
                new Failing(() -> IntValueTask.failed(FAILURE), IOException.class, FAILURE),
                new Failing(() -> IntValueTask.failed(CANCELLATION), CancellationException.class,
                        CANCELLATION),
                new Failing(IntValueTask::canceled, CancellationException.class, null),
                new Failing(() -> IntValueTask.fromFuture(CompletableFuture.failedFuture(FAILURE)),
                        IOException.class, FAILURE),
                new Failing(() -> IntValueTask.fromFuture(cancelled), CancellationException.class, null),
                new Failing(() -> ofSource(FAILURE), IOException.class, FAILURE),
                new Failing(() -> ofSource(CANCELLATION), CancellationException.class, CANCELLATION));
        for (Failing kind : kinds) {
            ValueTaskSourceStatus status = kind.type == IOException.class ? FAULTED : CANCELED;
            assertThat(kind.factory.get().status()).isEqualTo(status);
            assertThat(kind.factory.get().isCompleted()).isTrue();
            assertThat(kind.factory.get().isCompletedSuccessfully()).isFalse();
            assertThat(kind.factory.get().isFaulted()).isEqualTo(status == FAULTED);
            assertThat(kind.factory.get().isCanceled()).isEqualTo(status == CANCELED);
            assertThrown(kind, catchThrowable(kind.factory.get()::result));
            assertThrown(kind, catchThrowable(kind.factory.get()::await));
            assertThrown(kind, catchThrowable(() -> kind.factory.get().await(LONG)));
            assertThrown(kind, catchThrowable(kind.factory.get().boxed()::result));
            assertThrown(kind, catchThrowable(kind.factory.get().preserve()::result));
            CompletableFuture<Integer> future = kind.factory.get().toCompletableFuture();
            assertThat(future.isCancelled()).isEqualTo(status == CANCELED);
            assertThrown(kind, catchThrowable(ValueTask.fromFuture(future)::result));
            IntValueTaskAwaiter awaiter = new IntValueTaskAwaiter();
            assertThat(awaiter.onCompleted(kind.factory.get(), resumed::add, "state")).isFalse();
            assertThrown(kind, catchThrowable(awaiter::result));
        }
        assertThat(resumed).isEmpty();
    }

    private static IntValueTask ofSource(Throwable failure) {
        ManualResetIntValueTaskSource failing = new ManualResetIntValueTaskSource();
        long token = failing.arm();
        failing.completeExceptionally(token, failure);
        return IntValueTask.fromSource(failing, token);
    }

    private static void assertThrown(Failing kind, Throwable thrown) {
        assertThat(thrown).isInstanceOf(kind.type);
        if (kind.instance != null) {
            assertThat(thrown).isSameAs(kind.instance);
        }
    }

    @Test
    void boxed_isTheSameOperation() throws IOException {
        long token = source.arm();
        IntValueTask task = IntValueTask.fromSource(source, token);
        ValueTask<Integer> boxed = task.boxed();
        assertThat(boxed.status()).isEqualTo(PENDING);
        assertThat(boxed.onCompleted(resumed::add, "state")).isTrue();
        source.complete(token, 1_000);
        assertThat(resumed).containsExactly("state");
        assertThat(boxed.result()).isEqualTo(1_000);
        assertThatThrownBy(task::result).as("one of the two").isInstanceOf(ValueTaskMisuseException.class);

        CompletableFuture<Integer> future = new CompletableFuture<>();
        assertThat(IntValueTask.fromFuture(future).boxed().toCompletableFuture()).isSameAs(future);
    }

    @Test
    void fromSource_withANegativeToken_isRefused() {
        assertThatThrownBy(() -> IntValueTask.fromSource(source, -1))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("token: -1 (expected: >= 0)");
    }

    @Test
    void toCompletableFuture_whenCancelled_cancelsTheOperation() {
        CompletableFuture<Integer> future = IntValueTask.fromSource(source, source.arm())
                .toCompletableFuture();

        assertThat(future.cancel(true)).isTrue();

        assertThat(future).isCancelled();
        assertThat(source.tryComplete(1, 42)).isFalse();
        assertThat(source.tryArm()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenPending_returnsNumberOrThrowsFailure(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            for (int number : new int[]{-1, 42, Integer.MIN_VALUE}) {
                BackgroundCall<Integer> call = await(kind, timed).awaitParked();
                source.complete(source.pendingToken(), number);
                assertThat(call.result()).isEqualTo(number);
            }
            BackgroundCall<Integer> failing = await(kind, timed).awaitParked();
            source.completeExceptionally(source.pendingToken(), FAILURE);
            assertThat(failing.failure()).isSameAs(FAILURE);
            BackgroundCall<Integer> cancelled = await(kind, timed).awaitParked();
            source.cancel(source.pendingToken());
            assertThat(cancelled.failure()).isInstanceOf(CancellationException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_whenInterrupted_cancelsTheOperation(Kind kind) throws Throwable {
        for (boolean timed : new boolean[]{false, true}) {
            BackgroundCall<Integer> call = await(kind, timed).awaitParked();
            long token = source.pendingToken();

            call.thread().interrupt();

            assertThat(call.failure()).isInstanceOf(InterruptedException.class);
            assertThat(source.tryComplete(token, 42)).isFalse();
        }
        assertThat(source.tryArm()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_whenTimeIsUp_cancelsAndTheSourceIsReusable(Kind kind) throws Throwable {
        for (Duration timeout : new Duration[]{SHORT, Duration.ZERO, SHORT.negated()}) {
            long token = source.arm();
            IntValueTask task = IntValueTask.fromSource(source, token);
            assertThat(BackgroundCall.start(kind, () -> task.await(timeout)).failure())
                    .isInstanceOf(TimeoutException.class);
            assertThat(source.tryComplete(token, 42)).isFalse();
        }
        assertThat(source.tryArm()).isEqualTo(4);
    }

    @Test
    void await_onAnEventLoop_isRefusedUnlessComplete() throws Exception {
        try (CountingLoop loop = new CountingLoop()) {
            long token = source.arm();
            IntValueTask task = IntValueTask.fromSource(source, token);
            assertThatThrownBy(() -> loop.on(task::await))
                    .hasCauseInstanceOf(BlockingOperationException.class);
            assertThatThrownBy(() -> loop.on(() -> task.await(LONG)))
                    .hasCauseInstanceOf(BlockingOperationException.class);

            source.complete(token, 42);

            int result = loop.on(task::await);
            assertThat(result).isEqualTo(42);
        }
    }

    private BackgroundCall<Integer> await(Kind kind, boolean timed) {
        IntValueTask task = IntValueTask.fromSource(source, source.arm());
        return BackgroundCall.start(kind, () -> timed ? task.await(LONG) : task.await());
    }
}
