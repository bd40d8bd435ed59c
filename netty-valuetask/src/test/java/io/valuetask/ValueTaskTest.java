package io.valuetask;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

/** Every factory with every method; how it waits and what becomes of futures is next door. */
class ValueTaskTest {
    private static final List<ValueTaskCase> COMPLETE = ValueTaskCase.COMPLETE;
    private static final List<ValueTaskCase> PENDING = ValueTaskCase.PENDING;

    @ParameterizedTest
    @FieldSource({"COMPLETE", "PENDING"})
    void status_ofEveryKind_isThatOfTheOperation(ValueTaskCase kind) {
        ValueTask<String> task = kind.make();

        assertThat(task.status()).isEqualTo(kind.status());
        assertThat(task.isCompleted()).isEqualTo(kind.status() != ValueTaskSourceStatus.PENDING);
        assertThat(task.isCompletedSuccessfully())
                .isEqualTo(kind.status() == ValueTaskSourceStatus.SUCCEEDED);
        assertThat(task.isFaulted()).isEqualTo(kind.status() == ValueTaskSourceStatus.FAULTED);
        assertThat(task.isCanceled()).isEqualTo(kind.status() == ValueTaskSourceStatus.CANCELED);
    }

    @ParameterizedTest
    @FieldSource("COMPLETE")
    void result_ofEveryKind_isTheOutcome(ValueTaskCase kind) throws Exception {
        assertOutcome(kind, kind.make()::result);
    }

    @ParameterizedTest
    @FieldSource("COMPLETE")
    void await_ofEveryKind_isTheOutcome(ValueTaskCase kind) throws Exception {
        assertOutcome(kind, kind.make()::await);
    }

    @ParameterizedTest
    @FieldSource("COMPLETE")
    void awaitWithAnyTimeout_ofEveryKind_isTheOutcome(ValueTaskCase kind) throws Exception {
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(1),
                Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE))) {
            ValueTask<String> task = kind.make();
            assertOutcome(kind, () -> task.await(timeout));
        }
    }

    @ParameterizedTest
    @FieldSource("COMPLETE")
    void onCompleted_ofEveryKindThatIsComplete_isFalseAndRunsNothing(ValueTaskCase kind) throws Exception {
        List<Object> resumed = new ArrayList<>();
        ValueTask<String> task = kind.make();
        assertThat(task.onCompleted(resumed::add, "state")).isFalse();
        assertOutcome(kind, task::result);

        assertThat(kind.make().onCompleted(resumed::add, "state",
                ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT)).isFalse();
        assertThat(resumed).isEmpty();
    }

    @ParameterizedTest
    @FieldSource({"COMPLETE", "PENDING"})
    void onCompleted_withoutContinuation_isRefused(ValueTaskCase kind) {
        assertThatThrownBy(() -> kind.make().onCompleted(null, "state"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("continuation");
    }

    @ParameterizedTest
    @FieldSource("PENDING")
    void result_whenPending_isMisuse(ValueTaskCase kind) {
        assertThatThrownBy(kind.make()::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("the operation has not completed")
                .hasMessageContaining("state=PENDING");
    }

    @ParameterizedTest
    @FieldSource("COMPLETE")
    void toCompletableFuture_ofEveryKind_hasTheOutcome(ValueTaskCase kind) throws Exception {
        CompletableFuture<String> future = kind.make().toCompletableFuture();

        assertThat(future).isDone();
        assertThat(future.isCancelled()).isEqualTo(kind.status() == ValueTaskSourceStatus.CANCELED);
        assertOutcome(kind, () -> ValueTask.fromFuture(future).result());
    }

    @ParameterizedTest
    @FieldSource({"COMPLETE", "PENDING"})
    void lookingAtIt_ofEveryKind_doesNotConsume(ValueTaskCase kind) {
        ValueTask<String> task = kind.make();
        for (int i = 0; i < 3; i++) {
            assertThat(task.toString()).startsWith("ValueTask[");
            assertThat(task.hashCode()).isEqualTo(task.hashCode());
            assertThat(task).isEqualTo(task).isNotEqualTo(null).isNotEqualTo("other");
        }
        assertThat(task.status()).isEqualTo(kind.status());
    }

    @Test
    void toString_ofAResult_doesNotTouchIt() {
        Object result = new Object() {
            @Override
            public String toString() {
                throw new AssertionError("a result may be a buffer of megabytes");
            }
        };
        assertThat(ValueTask.completed(result)).hasToString("ValueTask[SUCCEEDED]");
        ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        source.complete(token, result);
        assertThat(ValueTask.fromSource(source, token)).hasToString(
                "ValueTask[token=1, source=ManualResetValueTaskSource[current=1, state=SUCCEEDED, waiter=NONE]]");
    }

    @Test
    void equals_isAboutOperationAndResult() {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        ManualResetValueTaskSource<String> other = new ManualResetValueTaskSource<>();
        CompletableFuture<String> future = new CompletableFuture<>();

        assertThat(ValueTask.completed("x")).isEqualTo(ValueTask.completed(new StringBuilder("x").toString()))
                .hasSameHashCodeAs(ValueTask.completed(new StringBuilder("x").toString()))
                .isNotEqualTo(ValueTask.completed("y")).isNotEqualTo(ValueTask.completed());
        assertThat(ValueTask.fromSource(source, 1)).isEqualTo(ValueTask.fromSource(source, 1))
                .hasSameHashCodeAs(ValueTask.fromSource(source, 1))
                .isNotEqualTo(ValueTask.fromSource(source, 2))
                .isNotEqualTo(ValueTask.fromSource(other, 1));
        assertThat(ValueTask.fromFuture(future)).isEqualTo(ValueTask.fromFuture(future))
                .isNotEqualTo(ValueTask.fromFuture(new CompletableFuture<>()));
    }

    @Test
    void completed_withoutResult_isOneInstance() {
        assertThat(ValueTask.completed()).isSameAs(ValueTask.completed()).isSameAs(ValueTask.completed(null));
    }

    @Test
    void factories_withoutTheirArgument_areRefused() {
        assertThatThrownBy(() -> ValueTask.failed(null)).isInstanceOf(NullPointerException.class)
                .hasMessage("failure");
        assertThatThrownBy(() -> ValueTask.fromSource(null, 1)).isInstanceOf(NullPointerException.class)
                .hasMessage("source");
        assertThatThrownBy(() -> ValueTask.fromFuture(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ValueTask.fromSource(new ManualResetValueTaskSource<>(), -1))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("token: -1 (expected: >= 0)");
    }

    @Test
    void fromSource_whenConsumed_isMisuseForEveryMethod() throws Exception {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        ValueTask<String> task = ValueTask.fromSource(source, source.arm());
        source.complete(1, "x");
        task.result();

        List<Callable<?>> methods = List.of(task::status, task::isCompleted, task::isCompletedSuccessfully,
                task::isFaulted, task::isCanceled, task::result, task::await, () -> task.await(Duration.ZERO),
                () -> task.onCompleted(state -> {}, "state"), task::toCompletableFuture);
        for (Callable<?> method : methods) {
            assertThatThrownBy(method::call).isInstanceOf(ValueTaskMisuseException.class)
                    .hasMessageContaining("already taken");
        }
        assertThat(task.toString()).contains("state=IDLE");
    }

    private static void assertOutcome(ValueTaskCase kind, Callable<String> outcome) throws Exception {
        if (kind.failureType() == null) {
            assertThat(outcome.call()).isEqualTo(kind.result());
            return;
        }
        Throwable thrown = catchThrowable(outcome::call);
        assertThat(thrown).isInstanceOf(kind.failureType());
        if (kind.failure() != null) {
            assertThat(thrown).isSameAs(kind.failure());
        }
    }
}
