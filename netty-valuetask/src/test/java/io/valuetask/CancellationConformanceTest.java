package io.valuetask;

import io.valuetask.TaskType.Task;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceStatus.CANCELED;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What other libraries of .NET test of cancelling a source, see {@code conformance.md}. */
class CancellationConformanceTest {
    private final List<Object> resumed = new ArrayList<>();

    @Row(20)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row20_arming_whenCancelledAlready_isACancelledOperation(Form form) {
        try (CancellationTokenSource cancellation = new CancellationTokenSource()) {
            cancellation.cancel();
            SourceSubject source = form.newSource();
            for (int i = 1; i <= 3; i++) {
                long token = source.core().arm(cancellation.token());
                Form.Operation operation = form.of(source, token);

                assertThat(operation.status()).isEqualTo(CANCELED);
                assertThat(operation.onCompleted(resumed::add, "late")).isFalse();
                assertThat(source.tryComplete(token, 42)).isFalse();
                assertThatThrownBy(operation::result).isInstanceOf(CancellationException.class);
            }
            assertThat(source.arm()).as("and the source goes on").isEqualTo(4);
            assertThat(source.getStatus(4)).isEqualTo(PENDING);
            assertThat(resumed).isEmpty();
        }
    }

    @Row(20)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row20_handle_ofWhatWasCancelledAlready_isCancelled(TaskType type) {
        SourceSubject source = type.newSource();
        long token = source.arm();
        assertThat(source.cancel(token)).isTrue();
        for (Task task : List.of(type.canceled(), type.fromSource(source, token))) {
            assertThat(task.isCompleted() && task.isCanceled()).isTrue();
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        }
        assertThat(type.canceled().toCompletableFuture()).isCancelled();
    }

    @Row(25)
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void row25_timeout_ofAnOperation_winsAndTheLateResultIsRefused(TaskType type) throws Throwable {
        SourceSubject source = type.newSource();
        for (Kind kind : Kind.values()) {
            for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(2))) {
                long token = source.arm();
                Task task = type.fromSource(source, token);

                assertThat(BackgroundCall.start(kind, () -> task.await(timeout)).failure())
                        .isInstanceOf(TimeoutException.class);

                assertThat(source.tryComplete(token, 42)).isFalse();
                assertThatThrownBy(() -> source.complete(token, 42))
                        .isInstanceOf(ValueTaskMisuseException.class);
            }
        }
    }

    @Row(25)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row25_cancellation_ofAnOperation_winsAndTheLateResultIsRefused(Form form) {
        SourceSubject source = form.newSource();
        for (boolean registersFirst : new boolean[]{true, false}) {
            try (CancellationTokenSource cancellation = new CancellationTokenSource()) {
                resumed.clear();
                long token = source.core().arm(cancellation.token());
                Form.Operation operation = form.of(source, token);
                if (registersFirst) {
                    operation.onCompleted(resumed::add, "state");
                }
                assertThat(operation.status()).isEqualTo(PENDING);

                assertThat(cancellation.cancel()).isTrue();

                assertThat(operation.status()).isEqualTo(CANCELED);
                assertThat(resumed).hasSize(registersFirst ? 1 : 0);
                assertThat(source.tryComplete(token, 42)).isFalse();
                assertThatThrownBy(operation::result).isInstanceOf(CancellationException.class);
            }
        }
    }

    @Row(25)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row25_cancellation_whenTheResultCameFirst_isTooLate(Form form) throws Exception {
        SourceSubject source = form.newSource();
        try (CancellationTokenSource cancellation = new CancellationTokenSource()) {
            long token = source.core().arm(cancellation.token());
            Form.Operation operation = form.of(source, token);
            source.complete(token, 42);

            cancellation.cancel();

            assertThat(operation.result()).isEqualTo(42);
            long next = source.arm();
            assertThat(source.getStatus(next)).as("of no cancellation").isEqualTo(PENDING);
        }
    }
}
