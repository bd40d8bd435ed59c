package io.valuetask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ValueTaskAwaiterTest {
    private static final List<ValueTaskCase> COMPLETE = ValueTaskCase.COMPLETE;

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final ValueTaskAwaiter<String> awaiter = new ValueTaskAwaiter<>();
    private final List<Object> resumed = new ArrayList<>();

    @Test
    void onCompleted_whenPending_registersAndResultFollows() throws IOException {
        for (int i = 0; i < 3; i++) {
            long token = source.arm();
            assertThat(awaiter.onCompleted(ValueTask.fromSource(source, token), resumed::add, "state " + i))
                    .isTrue();
            source.complete(token, "result " + i);
            assertThat(awaiter.result()).isEqualTo("result " + i);
            assertHoldsNothing();
        }
        assertThat(resumed).containsExactly("state 0", "state 1", "state 2");
    }

    @ParameterizedTest
    @FieldSource("COMPLETE")
    void onCompleted_ofEveryKindThatIsComplete_isFalseAndResultIsTheOutcome(ValueTaskCase kind)
            throws IOException {
        assertThat(awaiter.onCompleted(kind.make(), resumed::add, "state")).isFalse();

        if (kind.failureType() == null) {
            assertThat(awaiter.result()).isEqualTo(kind.result());
        } else {
            assertThatThrownBy(awaiter::result).isInstanceOf(kind.failureType());
        }
        assertThat(resumed).isEmpty();
        assertHoldsNothing();
    }

    @Test
    void onCompleted_insideItsOwnContinuation_takesTheNextOperation() throws IOException {
        List<String> results = new ArrayList<>();
        class Loop {
            void next() {
                awaiter.onCompleted(ValueTask.fromSource(source, source.arm()), Loop::resume, this);
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
            source.complete(i + 1, "result " + i);
        }
        assertThat(results).containsExactly("result 0", "result 1", "result 2");
    }

    @Test
    void result_whenPending_isMisuseAndTheTaskStaysHeld() throws IOException {
        long token = source.arm();
        awaiter.onCompleted(ValueTask.fromSource(source, token), resumed::add, "state");

        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("the operation has not completed");

        source.complete(token, "result");
        assertThat(resumed).containsExactly("state");
        assertThat(awaiter.result()).isEqualTo("result");
    }

    @Test
    void result_ofAPendingFuture_followsItsCompletion() throws IOException {
        CompletableFuture<String> future = new CompletableFuture<>();
        assertThat(awaiter.onCompleted(ValueTask.fromFuture(future), resumed::add, "state")).isTrue();
        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class);

        future.complete("result");

        assertThat(resumed).containsExactly("state");
        assertThat(awaiter.result()).isEqualTo("result");
    }

    @Test
    void result_whenNothingIsHeld_isMisuse() {
        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("holds no value task");
    }

    @Test
    void onCompleted_whenATaskIsHeld_isMisuseAndTheFirstStays() throws IOException {
        ManualResetValueTaskSource<String> other = new ManualResetValueTaskSource<>();
        long token = source.arm();
        ValueTask<String> second = ValueTask.fromSource(other, other.arm());
        awaiter.onCompleted(ValueTask.fromSource(source, token), resumed::add, "first");

        assertThatThrownBy(() -> awaiter.onCompleted(second, resumed::add, "second"))
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("still holds")
                .hasMessageContaining("held=ValueTaskAwaiter[ValueTask[token=1")
                .hasMessageContaining("offered=ValueTask[token=1");

        source.complete(token, "result");
        assertThat(resumed).containsExactly("first");
        assertThat(awaiter.result()).isEqualTo("result");
        assertThat(second.onCompleted(resumed::add, "the second was not consumed")).isTrue();
    }

    @Test
    void onCompleted_whenTheTaskIsRefused_holdsNothing() {
        long token = source.arm();
        ValueTask<String> task = ValueTask.fromSource(source, token);
        task.onCompleted(resumed::add, "first");

        assertThatThrownBy(() -> awaiter.onCompleted(task, resumed::add, "second"))
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("already has a waiter");
        assertThatThrownBy(() -> awaiter.onCompleted(task, null, "second"))
                .isInstanceOf(NullPointerException.class);

        assertHoldsNothing();
        source.complete(token, "result");
        assertThat(resumed).containsExactly("first");
    }

    @Test
    void result_whenSomebodyElseTookIt_isMisuseAndTheAwaiterIsFree() throws IOException {
        long token = source.arm();
        ValueTask<String> task = ValueTask.fromSource(source, token);
        awaiter.onCompleted(task, resumed::add, "state");
        source.complete(token, "result");
        task.result();

        assertThatThrownBy(awaiter::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("already taken");

        assertHoldsNothing();
        assertThat(awaiter.onCompleted(ValueTask.completed("next"), resumed::add, "state")).isFalse();
        assertThat(awaiter.result()).isEqualTo("next");
    }

    @Test
    void toString_ofAHeldTask_doesNotConsumeIt() throws IOException {
        awaiter.onCompleted(ValueTask.completed("result"), resumed::add, "state");

        assertThat(awaiter).hasToString("ValueTaskAwaiter[ValueTask[SUCCEEDED]]");
        assertThat(awaiter.result()).isEqualTo("result");
    }

    private void assertHoldsNothing() {
        assertThat(awaiter).hasToString("ValueTaskAwaiter[empty]");
    }
}
