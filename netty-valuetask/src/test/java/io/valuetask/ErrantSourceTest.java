package io.valuetask;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A source written by hand that calls back when it must not. It harms itself, and nobody else. */
class ErrantSourceTest {
    /** How often the source calls back while somebody registers, and what it says then. */
    private enum Fault {
        CALLS_AND_SAYS_IT_DID_NOT(1, false),
        CALLS_TWICE(2, true),
        CALLS_TWICE_AND_SAYS_IT_DID_NOT(2, false);

        private final int calls;
        private final boolean answer;

        Fault(int calls, boolean answer) {
            this.calls = calls;
            this.answer = answer;
        }
    }

    /** Has succeeded, and hands its result to everybody who asks. */
    private record Errant(Fault fault, Object result) implements ValueTaskSource<Object> {
        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return ValueTaskSourceStatus.SUCCEEDED;
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
            for (int call = 0; call < fault.calls; call++) {
                continuation.accept(state);
            }
            return fault.answer;
        }

        @Override
        public Object getResult(long token) {
            return result;
        }
    }

    private static final class Resource implements AutoCloseable {
        private int closings;

        @Override
        public void close() {
            closings++;
        }
    }

    private final Resource result = new Resource();

    private ValueTask<Object> errant(Fault fault) {
        return ValueTask.fromSource(new Errant(fault, result), 1);
    }

    @ParameterizedTest
    @EnumSource
    void toCompletableFuture_hasTheResultAndNobodyClosesIt(Fault fault) {
        CompletableFuture<Object> future = errant(fault).toCompletableFuture();

        assertThat(future).isCompletedWithValue(result);
        assertThat(result.closings).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void discard_closesTheResultOnce(Fault fault) {
        errant(fault).discard();

        assertThat(result.closings).isEqualTo(1);
    }

    /** By then the awaiter may hold the next value task: the refusal of the one before is no reason to let go of that. */
    @Test
    void awaiter_ofASourceThatCallsBackAndThenThrows_keepsWhatItHoldsNow() throws IOException {
        ManualResetValueTaskSource<Object> other = new ManualResetValueTaskSource<>();
        ValueTask<Object> next = ValueTask.fromSource(other, other.arm());
        ValueTaskAwaiter<Object> awaiter = new ValueTaskAwaiter<>();
        ValueTask<Object> throwing = ValueTask.fromSource(new Throwing(), 1);

        assertThatThrownBy(() -> awaiter.onCompleted(throwing, state -> {
            assertThatThrownBy(awaiter::result).hasMessage("of getResult");
            awaiter.onCompleted(next, nothing -> {}, state);
        }, "state")).hasMessage("of onCompleted");

        other.complete(1, result);
        assertThat(awaiter.result()).isSameAs(result);
    }

    private static final class Throwing implements ValueTaskSource<Object> {
        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return ValueTaskSourceStatus.FAULTED;
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
            continuation.accept(state);
            throw new IllegalStateException("of onCompleted");
        }

        @Override
        public Object getResult(long token) {
            throw new IllegalStateException("of getResult");
        }
    }

    /** It counts as two. The combination cannot know which is missing; it fails, and still takes what it has to take. */
    @ParameterizedTest
    @EnumSource
    void whenAll_failsAndTakesTheOthersWhenTheyHaveCompleted(Fault fault) {
        ManualResetValueTaskSource<Object> other = new ManualResetValueTaskSource<>();
        Resource late = new Resource();

        ValueTask<List<Object>> all = ValueTasks.whenAll(errant(fault),
                ValueTask.fromSource(other, other.arm()));

        assertThatThrownBy(all::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("the operation has not completed");
        assertThat(result.closings).isEqualTo(1);
        other.complete(1, late);
        assertThat(late.closings).isEqualTo(1);
        assertThat(other.tryArm()).as("free").isEqualTo(2);
    }
}
