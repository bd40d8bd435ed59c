package io.valuetask;

import io.valuetask.TaskType.Task;
import io.valuetask.testing.Row;
import io.valuetask.testing.RowNotApplicable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceStatus.CANCELED;
import static io.valuetask.ValueTaskSourceStatus.FAULTED;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static io.valuetask.ValueTaskSourceStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of its value task, see {@code conformance.md}: how it is made, what it answers, what it turns into. */
@RowNotApplicable(value = 48, reason = "A struct of several fields can be read while it is written. Here a handle is "
        + "reached by one reference, which the JVM writes at once, and its fields are final.")
class ValueTaskConformanceTest {
    private static final IOException FAILURE = new IOException("of the operation");
    private static final CancellationException CANCELLATION = new CancellationException("of the operation");

    private final List<Object> resumed = new ArrayList<>();

    @Row(29)
    @Test
    void row29_completed_ofNothing_hasSucceededWithNull() throws Exception {
        for (ValueTask<String> task : List.of(ValueTask.<String>completed(),
                ValueTask.<String>completed(null))) {
            assertThat(task.isCompleted()).isTrue();
            assertThat(task.isCompletedSuccessfully()).isTrue();
            assertThat(task.isFaulted()).isFalse();
            assertThat(task.isCanceled()).isFalse();
            assertThat(task.result()).isNull();
            assertThat(task.await()).isNull();
        }
        assertThat(IntValueTask.completed(0).result()).as("has no default; this is the nearest").isZero();
    }

    @Row(30)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row30_status_ofASuccess_isSucceededWhateverItIsMadeOf(TaskType type) throws IOException {
        SourceSubject source = type.newSource();
        long token = source.arm();
        source.complete(token, 42);
        for (Task task : List.of(type.completed(42),
                type.fromFuture(CompletableFuture.completedFuture(42)), type.fromSource(source, token))) {
            assertStatus(task, SUCCEEDED);
            assertThat(task.result()).isEqualTo(42);
        }
    }

    @Row(31)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row31_status_whenItSucceedsLater_turns(TaskType type) throws IOException {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        SourceSubject source = type.newSource();
        long token = source.arm();
        List<Task> tasks = List.of(type.fromFuture(future), type.fromSource(source, token));
        assertThat(tasks).allSatisfy(task -> assertStatus(task, PENDING));

        future.complete(42);
        source.complete(token, 42);

        assertThat(tasks).allSatisfy(task -> assertStatus(task, SUCCEEDED));
        for (Task task : tasks) {
            assertThat(task.result()).isEqualTo(42);
        }
    }

    @Row(32)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row32_status_whenItFailsLater_turnsAndEveryoneSeesTheSameException(TaskType type) throws Exception {
        for (Throwable failure : List.of(FAILURE, CANCELLATION)) {
            for (boolean throughAwaiter : new boolean[]{false, true}) {
                CompletableFuture<Integer> future = new CompletableFuture<>();
                SourceSubject source = type.newSource();
                long token = source.arm();
                List<Task> tasks = List.of(type.fromFuture(future), type.fromSource(source, token));
                assertThat(tasks).allSatisfy(task -> assertStatus(task, PENDING));

                future.completeExceptionally(failure);
                source.completeExceptionally(token, failure);

                assertThat(tasks).allSatisfy(task -> {
                    assertStatus(task, failure == FAILURE ? FAULTED : CANCELED);
                    assertThrown(type, task, throughAwaiter, failure);
                });
            }
        }
    }

    @Row(33)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row33_status_ofAFailure_isFaultedAndEveryoneSeesTheSameException(TaskType type) {
        for (Throwable failure : List.of(FAILURE, CANCELLATION)) {
            for (boolean throughAwaiter : new boolean[]{false, true}) {
                SourceSubject source = type.newSource();
                long token = source.arm();
                source.completeExceptionally(token, failure);
                for (Task task : List.of(type.failed(failure),
                        type.fromFuture(CompletableFuture.failedFuture(failure)),
                        type.fromSource(source, token))) {
                    assertStatus(task, failure == FAILURE ? FAULTED : CANCELED);
                    assertThrown(type, task, throughAwaiter, failure);
                }
            }
        }
    }

    private void assertThrown(TaskType type, Task task, boolean throughAwaiter, Throwable failure) {
        if (throughAwaiter) {
            TaskType.Awaiter awaiter = type.newAwaiter();
            assertThat(awaiter.onCompleted(task, resumed::add, "state")).isFalse();
            assertThatThrownBy(awaiter::result).isSameAs(failure);
            assertThat(awaiter.isEmpty()).isTrue();
        } else {
            assertThatThrownBy(task::result).isSameAs(failure);
        }
    }

    @Row(34)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row34_fromSourceAndFromFuture_ofNull_areRefusedByName(TaskType type) {
        assertThatThrownBy(() -> type.fromSource((ValueTaskSource<Integer>) null, 1))
                .isInstanceOf(NullPointerException.class).hasMessage("source");
        assertThatThrownBy(() -> type.fromFuture(null)).isInstanceOf(NullPointerException.class)
                .hasMessage("stage");
        assertThatThrownBy(() -> type.failed(null)).isInstanceOf(NullPointerException.class)
                .hasMessage("failure");
    }

    @Row(35)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row35_toCompletableFuture_ofAFuture_isThatFutureEachTime(TaskType type) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        Task task = type.fromFuture(future);

        assertThat(task.toCompletableFuture()).isSameAs(future).isSameAs(task.toCompletableFuture());

        // .NET also has one future for all that succeeded with nothing. A CompletableFuture can be changed by whoever
        // holds it (obtrudeValue), so that it cannot be shared with strangers.
        assertThat(ValueTask.completed().toCompletableFuture()).isCompletedWithValue(null)
                .isNotSameAs(ValueTask.completed().toCompletableFuture());
    }

    @Row(36)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row36_toCompletableFuture_ofAValue_isANewFutureEachTime(TaskType type) {
        Task task = type.completed(42);

        CompletableFuture<Integer> future = task.toCompletableFuture();

        assertThat(future).isCompletedWithValue(42).isNotSameAs(task.toCompletableFuture());
        future.obtrudeValue(43);
        assertThat(task.toCompletableFuture()).isCompletedWithValue(42);
    }

    @Row(37)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row37_toCompletableFuture_ofASource_hasItsOutcomeAndFreesIt(TaskType type) {
        SourceSubject source = type.newSource();
        for (boolean completeFirst : new boolean[]{true, false}) {
            for (ValueTaskSourceStatus outcome : List.of(SUCCEEDED, FAULTED, CANCELED)) {
                long token = source.arm();
                if (completeFirst) {
                    end(source, token, outcome);
                }
                Task task = type.fromSource(source, token);

                CompletableFuture<Integer> future = task.toCompletableFuture();

                assertThat(future.isDone()).isEqualTo(completeFirst);
                // The handle is consumed by it. In .NET this goes unnoticed until the source is reset.
                assertThatThrownBy(task::toCompletableFuture).isInstanceOf(ValueTaskMisuseException.class);
                if (!completeFirst) {
                    end(source, token, outcome);
                }
                assertOutcome(future, outcome);
                assertThat(source.tryArm()).as("free").isEqualTo(token + 1);
                source.cancel(token + 1);
                assertThatThrownBy(() -> source.getResult(token + 1))
                        .isInstanceOf(CancellationException.class);
            }
        }
    }

    private static void end(SourceSubject source, long token, ValueTaskSourceStatus outcome) {
        switch (outcome) {
            case SUCCEEDED -> source.complete(token, 42);
            case FAULTED -> source.completeExceptionally(token, FAILURE);
            default -> assertThat(source.cancel(token)).isTrue();
        }
    }

    private static void assertOutcome(CompletableFuture<Integer> future, ValueTaskSourceStatus outcome) {
        switch (outcome) {
            case SUCCEEDED -> assertThat(future).isCompletedWithValue(42);
            case FAULTED -> {
                assertThat(future.isCancelled()).isFalse();
                assertThat(future.exceptionNow()).isSameAs(FAILURE);
            }
            default -> assertThat(future).isCancelled();
        }
    }

    @Row(38)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row38_preserve_withoutASource_isTheHandleItself(TaskType type) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        for (Task task : List.of(type.completed(42), type.completed(1_000_000), type.completed(-7),
                type.failed(FAILURE), type.canceled(), type.fromFuture(future))) {
            assertThat(task.preserve().handle()).isSameAs(task.handle());
        }
    }

    @Row(38)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row38_preserve_ofASource_isTheHandleOfAFuture(TaskType type) throws IOException {
        SourceSubject source = type.newSource();
        for (boolean completeFirst : new boolean[]{true, false}) {
            long token = source.arm();
            if (completeFirst) {
                source.complete(token, 42);
            }
            Task task = type.fromSource(source, token);

            Task kept = task.preserve();

            assertThat(kept.handle()).isNotEqualTo(task.handle());
            assertThat(kept.toCompletableFuture()).isSameAs(kept.toCompletableFuture());
            if (!completeFirst) {
                assertStatus(kept, PENDING);
                assertThat(kept.onCompleted(resumed::add, "first")).isTrue();
                assertThat(kept.onCompleted(resumed::add, "second")).isTrue();
                source.complete(token, 42);
                assertThat(resumed).containsExactlyInAnyOrder("first", "second");
            }
            assertThat(kept.result()).isEqualTo(kept.result()).isEqualTo(42);
            assertThatThrownBy(task::result).isInstanceOf(ValueTaskMisuseException.class);
        }
        assertThat(source.tryArm()).isEqualTo(3);
    }

    @Row(44)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row44_equals_isAboutOperationOrResult(TaskType type) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        SourceSubject source = type.newSource();
        SourceSubject other = type.newSource();

        for (int result : new int[]{0, 1, -1, 255, 256, 1_000_000, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertEqual(type.completed(result), type.completed(result));
            assertThat(type.completed(result).handle()).isNotEqualTo(type.completed(result + 1).handle())
                    .isNotEqualTo(result).isNotEqualTo(null);
        }
        assertEqual(type.fromSource(source, 1), type.fromSource(source, 1));
        assertEqual(type.fromFuture(future), type.fromFuture(future));
        assertEqual(type.failed(FAILURE), type.failed(FAILURE));
        assertThat(type.fromSource(source, 1).handle()).isNotEqualTo(type.fromSource(source, 2).handle())
                .isNotEqualTo(type.fromSource(other, 1).handle()).isNotEqualTo(type.completed(1).handle());
        assertThat(type.fromFuture(future).handle())
                .isNotEqualTo(type.fromFuture(new CompletableFuture<>()).handle())
                .isNotEqualTo(type.fromFuture(CompletableFuture.completedFuture(1)).handle());
        assertThat(type.failed(FAILURE).handle()).isNotEqualTo(type.failed(new IOException()).handle());
    }

    private static void assertEqual(Task task, Task same) {
        assertThat(task.handle()).isEqualTo(same.handle()).hasSameHashCodeAs(same.handle());
    }

    @Row(44)
    @Test
    void row44_equals_ofTheTwoTypes_isNeverTrue() {
        assertThat(ValueTask.completed(5)).isNotEqualTo(IntValueTask.completed(5));
        assertThat(IntValueTask.completed(5)).isNotEqualTo(ValueTask.completed(5));
        assertThat(IntValueTask.completed(5).boxed()).isEqualTo(ValueTask.completed(5))
                .hasSameHashCodeAs(ValueTask.completed(5));
    }

    @Row(45)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row45_toString_ofEveryKind_neitherShowsNorConsumesTheResult(TaskType type) throws IOException {
        SourceSubject source = type.newSource();
        long token = source.arm();
        Task task = type.fromSource(source, token);
        for (int i = 0; i < 2; i++) {
            String state = i == 0 ? "PENDING" : "SUCCEEDED";
            // .NET's answer is the text of the result, for which it takes the result.
            assertThat(task.handle().toString()).isEqualTo(task.handle().toString()).contains("token=1",
                    state);
            source.tryComplete(token, 4711);
        }
        assertThat(task.handle().toString()).doesNotContain("4711");
        assertThat(task.result()).isEqualTo(4711);
        assertThat(task.handle().toString()).contains("IDLE");
        assertThat(type.failed(FAILURE).handle().toString()).contains("FAULTED", FAILURE.toString());
    }

    private static void assertStatus(Task task, ValueTaskSourceStatus status) {
        assertThat(task.status()).isEqualTo(status);
        assertThat(task.isCompleted()).isEqualTo(status != PENDING);
        assertThat(task.isCompletedSuccessfully()).isEqualTo(status == SUCCEEDED);
        assertThat(task.isFaulted()).isEqualTo(status == FAULTED);
        assertThat(task.isCanceled()).isEqualTo(status == CANCELED);
    }
}
