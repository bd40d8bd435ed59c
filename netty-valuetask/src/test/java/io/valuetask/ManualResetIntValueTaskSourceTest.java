package io.valuetask;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The contract, and what only the source of numbers has. */
class ManualResetIntValueTaskSourceTest extends ManualResetValueTaskSourceContract {
    @Override
    SourceSubject newSource() {
        return SourceSubject.of(new ManualResetIntValueTaskSource());
    }

    @Test
    void getResult_asAnObject_isTheSameConsumption() throws IOException {
        ManualResetIntValueTaskSource source = new ManualResetIntValueTaskSource();
        long token = source.arm();
        source.complete(token, 1_000);

        assertThat(source.getResult(token)).isEqualTo(1_000);
        assertThatThrownBy(() -> source.getResultAsInt(token)).isInstanceOf(ValueTaskMisuseException.class);
    }

    private static final class Queued extends ManualResetIntValueTaskSource {
        private final Queue<Integer> queue = new ArrayDeque<>(List.of(1, 2));
        private IOException failure;
        private long armedInTake;

        @Override
        protected int take(int value) throws IOException {
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
        for (int expected : new int[]{1, 2}) {
            long token = source.arm();
            source.complete(token, 99);

            assertThat(source.getResultAsInt(token)).isEqualTo(expected);
            assertThat(source.armedInTake).isNegative();
            assertThatThrownBy(() -> source.getResultAsInt(token))
                    .isInstanceOf(ValueTaskMisuseException.class);
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
        assertThatThrownBy(() -> source.getResultAsInt(token)).isSameAs(source.failure);
        assertThat(source.tryArm()).isEqualTo(token + 1);
    }

    @Test
    void take_whenItThrows_freesTheSourceOnce() {
        Queued source = new Queued();
        source.failure = new IOException("of take");
        long token = source.arm();
        source.complete(token, 99);

        assertThatThrownBy(() -> source.getResultAsInt(token)).isSameAs(source.failure);

        assertThat(source.tryArm()).isEqualTo(token + 1);
        assertThat(source.tryArm()).isNegative();
    }
}
