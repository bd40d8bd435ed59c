package io.valuetask.netty;

import io.valuetask.ValueTask;
import io.valuetask.testing.Reachability;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code closed()} waits for, on channels and server channels. */
class EndSignalTest {
    private final EndSignal<String> end = new EndSignal<>();

    @Test
    void tell_whileSeveralWait_endsEachOfTheirTasks() throws IOException {
        List<ValueTask<String>> waits = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waits.add(end.await());
        }
        assertThat(waits.get(0).isCompleted()).isFalse();

        end.tell("first");
        end.tell("second");

        waits.add(end.await());
        for (ValueTask<String> wait : waits) {
            assertThat(wait.result()).isEqualTo("first");
        }
    }

    /** Who waits again and again, with a timeout, for the end of what lives long leaves nothing behind. */
    @Test
    void cancel_ofAWait_isForgotten() throws InterruptedException {
        Reachability.awaitUnreachable(canceledWait(), "the signal");

        end.tell("late");
    }

    private WeakReference<Object> canceledWait() {
        EndSignal<String>.Wait wait = end.begin();
        assertThat(wait.cancel(wait.token)).isTrue();
        assertThat(wait.cancel(wait.token)).as("again").isFalse();
        return new WeakReference<>(wait);
    }
}
