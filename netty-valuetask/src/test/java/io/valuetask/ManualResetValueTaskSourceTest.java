package io.valuetask;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The contract, and what only the source of references has. */
class ManualResetValueTaskSourceTest extends ManualResetValueTaskSourceContract {
    @Override
    SourceSubject newSource() {
        return SourceSubject.of(new ManualResetValueTaskSource<>());
    }

    @Test
    void complete_withNull_isAResult() throws IOException {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        source.complete(token, null);

        assertThat(source.getStatus(token)).isEqualTo(ValueTaskSourceStatus.SUCCEEDED);
        assertThat(source.getResult(token)).isNull();
    }

    /** A source that keeps its results in a queue of its own, as a reader does. */
    private static final class Queued extends ManualResetValueTaskSource<String> {
        private final Queue<String> queue = new ArrayDeque<>(List.of("first", "second"));
        private IOException failure;
        private long armedInTake;

        @Override
        protected String take(String value) throws IOException {
            armedInTake = tryArm();
            if (failure != null) {
                throw failure;
            }
            return queue.remove();
        }
    }

    @Test
    void take_inGetResult_runsForTheWinnerBeforeTheSourceIsFree() throws IOException {
        Queued source = new Queued();
        for (String expected : List.of("first", "second")) {
            long token = source.arm();
            source.complete(token, "ignored");

            assertThat(source.getResult(token)).isEqualTo(expected);
            assertThat(source.armedInTake).isNegative();
            assertThatThrownBy(() -> source.getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        }
        assertThat(source.queue).as("nothing was taken by the refused callers").isEmpty();
    }

    @Test
    void take_whenTheOperationWasFaulted_throwsWhatTheOwnerKept() {
        Queued source = new Queued();
        source.failure = new IOException("kept elsewhere");
        long token = source.arm();

        assertThat(source.tryFault(token)).isTrue();

        assertThat(source.tryFault(token)).as("completed before").isFalse();
        assertThat(source.getStatus(token)).isEqualTo(ValueTaskSourceStatus.FAULTED);
        assertThatThrownBy(() -> source.getResult(token)).isSameAs(source.failure);
        assertThat(source.tryArm()).isEqualTo(token + 1);
    }

    @Test
    void take_whenItThrows_freesTheSourceOnce() {
        Queued source = new Queued();
        source.failure = new IOException("of take");
        long token = source.arm();
        source.complete(token, "ignored");

        assertThatThrownBy(() -> source.getResult(token)).isSameAs(source.failure);

        assertThat(source.tryArm()).isEqualTo(token + 1);
        assertThat(source.tryArm()).isNegative();
    }

    @Test
    void take_whenTheOperationFailed_isNotCalled() {
        Queued source = new Queued();
        long token = source.arm();
        source.completeExceptionally(token, new IOException("of the operation"));

        assertThatThrownBy(() -> source.getResult(token)).hasMessage("of the operation");
        assertThat(source.queue).hasSize(2);
    }

    @Test
    void toString_ofASubclass_namesIt() {
        Queued source = new Queued();
        source.arm();

        assertThat(source).hasToString("Queued[current=1, state=PENDING, waiter=NONE]");
    }
}
