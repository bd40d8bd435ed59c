package io.valuetask;

import io.valuetask.TaskType.Task;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A handle that is kept, shared and awaited any number of times. */
class PreserveTest {
    private final List<Object> resumed = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void preserve_whenPending_servesEveryKindOfWaiterAtOnce(TaskType type) throws Throwable {
        SourceSubject source = type.newSource();
        Task kept = type.fromSource(source, source.arm()).preserve();
        List<BackgroundCall<Integer>> parked = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            parked.add(BackgroundCall.start(kind, kept::await).awaitParked());
            parked.add(
                    BackgroundCall.start(kind, () -> kept.await(Duration.ofMinutes(10))).awaitParked());
        }
        TaskType.Awaiter awaiter = type.newAwaiter();
        assertThat(awaiter.onCompleted(kept, resumed::add, "awaiter")).isTrue();
        assertThat(kept.onCompleted(resumed::add, "continuation")).isTrue();

        source.complete(1, 42);

        for (BackgroundCall<Integer> call : parked) {
            assertThat(call.result()).isEqualTo(42);
        }
        assertThat(resumed).containsExactlyInAnyOrder("awaiter", "continuation");
        assertThat(awaiter.result()).isEqualTo(42);
        assertThat(kept.result()).isEqualTo(42);
        assertThat(source.tryArm()).as("the source was free from the completion on").isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void preserve_ofAFailure_throwsTheSameInstanceEachTime(TaskType type) {
        SourceSubject source = type.newSource();
        for (Throwable failure : List.of(new IOException("faulted"),
                new CancellationException("cancelled"))) {
            for (boolean completeFirst : new boolean[]{true, false}) {
                long token = source.arm();
                if (completeFirst) {
                    source.completeExceptionally(token, failure);
                }
                Task kept = type.fromSource(source, token).preserve();
                source.tryCompleteExceptionally(token, failure);

                assertThat(kept.isFaulted()).isEqualTo(failure instanceof IOException);
                assertThat(kept.isCanceled()).isEqualTo(failure instanceof CancellationException);
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(kept::result).isSameAs(failure);
                    assertThatThrownBy(kept::await).isSameAs(failure);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void preserve_ofWhatIsPreserved_isTheSame(TaskType type) {
        SourceSubject source = type.newSource();
        Task kept = type.fromSource(source, source.arm()).preserve();

        assertThat(kept.preserve().handle()).isSameAs(kept.handle());
    }

    /** All share one operation: whoever gives it up, by time or by interruption, gives it up for all. */
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void awaitWithTimeout_ofWhatIsPreserved_cancelsForAll(TaskType type) throws Throwable {
        SourceSubject source = type.newSource();
        Task kept = type.fromSource(source, source.arm()).preserve();
        BackgroundCall<Integer> other = BackgroundCall.start(Kind.VIRTUAL, kept::await).awaitParked();

        assertThatThrownBy(() -> kept.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

        assertThat(other.failure()).isInstanceOf(CancellationException.class);
        assertThat(kept.isCanceled()).isTrue();
        assertThat(source.tryComplete(1, 42)).isFalse();
        assertThat(source.tryArm()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void preserve_whenSomebodyWaits_isRefusedAndTheWaiterIsServed(Form form) throws IOException {
        SourceSubject source = form.newSource();
        Form.Operation operation = form.arm(source);
        operation.onCompleted(resumed::add, "state");
        Task second = form.type.fromSource(source, 1);

        assertThatThrownBy(second::preserve).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("already has a waiter");

        source.complete(1, 42);
        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(42);
    }
}
