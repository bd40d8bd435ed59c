package io.valuetask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The twin of {@link ValueTaskAwaiterTest}. */
class IntValueTaskAwaiterTest {
    private final ManualResetIntValueTaskSource source = new ManualResetIntValueTaskSource();
    private final IntValueTaskAwaiter awaiter = new IntValueTaskAwaiter();
    private final List<Object> resumed = new ArrayList<>();

    @Test
    void onCompleted_whenPending_registersAndResultFollows() throws IOException {
        for (int number : new int[]{0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            long token = source.arm();
            assertThat(awaiter.onCompleted(IntValueTask.fromSource(source, token), resumed::add, number))
                    .isTrue();
            source.complete(token, number);
            assertThat(resumed).last().isEqualTo(number);
            assertThat(awaiter.result()).isEqualTo(number);
            assertHoldsNothing();
        }
    }

    @Test
    void onCompleted_insideItsOwnContinuation_takesTheNextOperation() {
        List<Integer> results = new ArrayList<>();
        class Loop {
            void next() {
                awaiter.onCompleted(IntValueTask.fromSource(source, source.arm()), Loop::resume, this);
            }

            void resume() {
                try {
                    results.add(awaiter.result());
                } catch (IOException impossible) {
                    throw new AssertionError(impossible);
                }
                next();
            }
        }
        new Loop().next();
        for (int i = 0; i < 3; i++) {
            source.complete(i + 1, -i);
        }
        assertThat(results).containsExactly(0, -1, -2);
    }

    @Test
    void result_whenPending_isMisuseAndTheTaskStaysHeld() throws IOException {
        long token = source.arm();
        awaiter.onCompleted(IntValueTask.fromSource(source, token), resumed::add, "state");

        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("the operation has not completed");

        source.complete(token, 42);
        assertThat(resumed).containsExactly("state");
        assertThat(awaiter.result()).isEqualTo(42);
    }

    @Test
    void result_ofAPendingFuture_followsItsCompletion() throws IOException {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        assertThat(awaiter.onCompleted(IntValueTask.fromFuture(future), resumed::add, "state")).isTrue();
        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class);

        future.complete(-42);

        assertThat(resumed).containsExactly("state");
        assertThat(awaiter.result()).isEqualTo(-42);
        assertHoldsNothing();
    }

    @Test
    void result_whenNothingIsHeld_isMisuse() {
        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("holds no value task").hasMessageContaining("state=EMPTY");
    }

    @Test
    void onCompleted_whenATaskIsHeld_isMisuseAndTheFirstStays() throws IOException {
        ManualResetIntValueTaskSource other = new ManualResetIntValueTaskSource();
        long token = source.arm();
        IntValueTask second = IntValueTask.fromSource(other, other.arm());
        awaiter.onCompleted(IntValueTask.fromSource(source, token), resumed::add, "first");

        assertThatThrownBy(() -> awaiter.onCompleted(second, resumed::add, "second"))
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("still holds")
                .hasMessageContaining("held=IntValueTaskAwaiter[ValueTask[token=1")
                .hasMessageContaining("offered=ValueTask[token=1");
        assertThatThrownBy(() -> awaiter.onCompleted(second, resumed::add, "second", Runnable::run))
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("still holds");

        source.complete(token, 42);
        assertThat(resumed).containsExactly("first");
        assertThat(awaiter.result()).isEqualTo(42);
        assertThat(second.onCompleted(resumed::add, "the second was not consumed")).isTrue();
    }

    @Test
    void onCompleted_whenTheTaskIsRefused_holdsNothing() {
        long token = source.arm();
        IntValueTask task = IntValueTask.fromSource(source, token);
        task.onCompleted(resumed::add, "first");

        assertThatThrownBy(() -> awaiter.onCompleted(task, resumed::add, "second"))
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("already has a waiter");
        assertThatThrownBy(() -> awaiter.onCompleted(task, null, "second"))
                .isInstanceOf(NullPointerException.class).hasMessage("continuation");

        assertHoldsNothing();
    }

    @Test
    void result_whenSomebodyElseTookIt_isMisuseAndTheAwaiterIsFree() throws IOException {
        long token = source.arm();
        IntValueTask task = IntValueTask.fromSource(source, token);
        awaiter.onCompleted(task, resumed::add, "state");
        source.complete(token, 42);
        task.result();

        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("already taken");

        assertHoldsNothing();
        assertThat(awaiter.onCompleted(IntValueTask.completed(-5), resumed::add, "state")).isFalse();
        assertThat(awaiter.result()).isEqualTo(-5);
    }

    private void assertHoldsNothing() {
        assertThat(awaiter).hasToString("IntValueTaskAwaiter[empty]");
    }
}
