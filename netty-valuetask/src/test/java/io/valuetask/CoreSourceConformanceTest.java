package io.valuetask;

import io.valuetask.Form.Operation;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceStatus.CANCELED;
import static io.valuetask.ValueTaskSourceStatus.FAULTED;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static io.valuetask.ValueTaskSourceStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of its reusable source, see {@code conformance.md}: status, outcome, waiter, token. */
class CoreSourceConformanceTest {
    private static final int OPERATIONS = 10;

    private final List<Object> resumed = new ArrayList<>();

    @Row(1)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row01_reuse_ofOneSource_servesOneOperationAfterAnother(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (int i = 0; i < 1_000; i++) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            boolean registersFirst = i % 2 == 0;
            if (registersFirst) {
                assertThat(operation.onCompleted(resumed::add, i)).isTrue();
            }
            source.complete(token, i);

            assertThat(operation.result()).isEqualTo(i);

            // .NET gives the result away until the source is reset. Here it is gone, and the source is free.
            assertMisuse(operation::result);
            assertMisuse(form.of(source, token)::result);
        }
        assertThat(resumed).hasSize(500).startsWith(0, 2, 4).endsWith(998);
    }

    @Row(2)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row02_everyCall_withTheTokenBeforeOrAfter_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (int i = 0; i < OPERATIONS; i++) {
            long token = source.arm();
            assertRefused(form, source, token - 1);
            assertRefused(form, source, token + 1);

            source.complete(token, i);

            assertRefused(form, source, token - 1);
            assertRefused(form, source, token + 1);
            assertThat(form.of(source, token).result()).isEqualTo(i);
        }
    }

    private void assertRefused(Form form, SourceSubject source, long token) {
        Operation wrong = form.of(source, token);
        assertMisuse(wrong::status);
        assertMisuse(wrong::result);
        assertMisuse(() -> wrong.onCompleted(resumed::add, "wrong"));
        assertMisuse(() -> wrong.onCompleted(resumed::add, "wrong", (Executor) Runnable::run));
        assertThat(resumed).isEmpty();
    }

    @Row(3)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row03_aSecondOutcome_inEveryOperation_isRefusedAndTheFirstStays(Form form) throws IOException {
        SourceSubject source = form.newSource();
        IOException failure = new IOException("first");
        for (int i = 0; i < 3; i++) {
            long succeeded = source.arm();
            source.complete(succeeded, i);
            assertSecondOutcomeIsRefused(source, succeeded);
            // .NET refuses it too, but has replaced the result by then.
            assertThat(form.of(source, succeeded).status()).isEqualTo(SUCCEEDED);
            assertThat(form.of(source, succeeded).result()).isEqualTo(i);

            long failed = source.arm();
            source.completeExceptionally(failed, failure);
            assertSecondOutcomeIsRefused(source, failed);
            assertThat(form.of(source, failed).status()).isEqualTo(FAULTED);
            assertThatThrownBy(form.of(source, failed)::result).isSameAs(failure);
        }
    }

    private static void assertSecondOutcomeIsRefused(SourceSubject source, long token) {
        assertMisuse(() -> source.complete(token, 666));
        assertMisuse(() -> source.completeExceptionally(token, new IllegalStateException("second")));
        assertMisuse(() -> source.completeExceptionally(token, new CancellationException("third")));
        assertThat(source.tryComplete(token, 666)).isFalse();
        assertThat(source.tryCompleteExceptionally(token, new Error("fourth"))).isFalse();
    }

    @Row(4)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row04_getResult_beforeCompletion_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long token = source.arm();
        Operation operation = form.of(source, token);
        assertMisuse(operation::result);

        source.complete(token, 42);

        assertThat(operation.result()).isEqualTo(42);
    }

    @Row(5)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row05_complete_beforeOnCompleted_makesTheResultAvailableAtOnce(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (int i = 0; i < OPERATIONS; i++) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            source.complete(token, i);

            assertThat(operation.status()).isEqualTo(SUCCEEDED);
            // .NET queues a late continuation. Here the late one is told to go on itself.
            assertThat(operation.onCompleted(resumed::add, "late")).isFalse();
            assertThat(operation.status()).as("its token is as good as before").isEqualTo(SUCCEEDED);
            assertThat(operation.result()).isEqualTo(i);
        }
        assertThat(resumed).isEmpty();
    }

    @Row(6)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row06_complete_afterOnCompleted_resumesThenAndNotBefore(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (int i = 0; i < OPERATIONS; i++) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            assertThat(operation.status()).isEqualTo(PENDING);
            assertThat(operation.onCompleted(resumed::add, i)).isTrue();
            assertMisuse(operation::result);
            assertThat(resumed).hasSize(i);

            source.complete(token, i);

            assertThat(resumed).hasSize(i + 1).endsWith(i);
            assertThat(operation.status()).isEqualTo(SUCCEEDED);
            assertThat(operation.result()).isEqualTo(i);
        }
    }

    @Row(7)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row07_completeExceptionally_beforeOnCompleted_throwsTheVeryInstance(Form form) {
        SourceSubject source = form.newSource();
        for (Throwable failure : failures()) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            source.completeExceptionally(token, failure);

            assertThat(operation.status()).isEqualTo(FAULTED);
            assertThat(operation.onCompleted(resumed::add, "late")).isFalse();
            assertThatThrownBy(operation::result).isSameAs(failure);
        }
        assertThat(resumed).isEmpty();
    }

    @Row(8)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row08_completeExceptionally_afterOnCompleted_resumesAndThrowsTheVeryInstance(Form form) {
        SourceSubject source = form.newSource();
        for (Throwable failure : failures()) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            assertThat(operation.onCompleted(resumed::add, failure)).isTrue();
            assertMisuse(operation::result);

            source.completeExceptionally(token, failure);

            assertThat(resumed).last().isSameAs(failure);
            assertThat(operation.status()).isEqualTo(FAULTED);
            assertThatThrownBy(operation::result).isSameAs(failure);
        }
        assertThat(resumed).hasSameSizeAs(failures());
    }

    private static List<Throwable> failures() {
        return List.of(new IOException("checked"), new IllegalStateException("unchecked"),
                new InterruptedException("checked, and not declared"), new Error("no exception at all"));
    }

    @Row(9)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row09_completeExceptionally_withACancellation_isCanceled(Form form) {
        class Mine extends CancellationException {
            private static final long serialVersionUID = 1L;
        }
        SourceSubject source = form.newSource();
        for (CancellationException failure : List.of(new CancellationException("cancelled"), new Mine())) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            source.completeExceptionally(token, failure);

            assertThat(operation.status()).isEqualTo(CANCELED);
            assertThatThrownBy(operation::result).isSameAs(failure);
        }
        long cancelled = source.arm();
        assertThat(source.cancel(cancelled)).isTrue();
        assertThat(form.of(source, cancelled).status()).isEqualTo(CANCELED);
        assertThatThrownBy(form.of(source, cancelled)::result).isInstanceOf(CancellationException.class);

        long wrapped = source.arm();
        source.completeExceptionally(wrapped, new IOException(new CancellationException("inside")));
        assertThat(form.of(source, wrapped).status()).as("a cancellation inside is none").isEqualTo(FAULTED);
    }

    @Row(12)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row12_onCompleted_withoutContinuation_isRefusedAndAnotherMayRegister(Form form) {
        SourceSubject source = form.newSource();
        long token = source.arm();
        Operation operation = form.of(source, token);

        for (int flags = 0; flags < 4; flags++) {
            int wishes = flags;
            assertThatThrownBy(() -> operation.onCompleted(null, "state", wishes))
                    .isInstanceOf(NullPointerException.class).hasMessage("continuation");
        }
        assertThatThrownBy(() -> operation.onCompleted(null, "state", (Executor) Runnable::run))
                .isInstanceOf(NullPointerException.class).hasMessage("continuation");
        assertThatThrownBy(() -> operation.onCompleted(resumed::add, "state", (Executor) null))
                .isInstanceOf(NullPointerException.class).hasMessage("executor");

        assertThat(operation.onCompleted(resumed::add, "state")).isTrue();
        source.complete(token, 1);
        assertThat(resumed).containsExactly("state");
    }

    @Row(13)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row13_onCompleted_usedTwiceBeforeCompletion_throws(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (Object first : new Object[]{"first", null}) {
            resumed.clear();
            long token = source.arm();
            Operation operation = form.of(source, token);
            assertThat(operation.onCompleted(resumed::add, first)).isTrue();

            assertMisuse(() -> operation.onCompleted(resumed::add, "the same party again"));
            assertMisuse(() -> form.of(source, token).onCompleted(resumed::add, "another party"));
            assertMisuse(() -> form.of(source, token).onCompleted(resumed::add, null));
            assertMisuse(() -> form.of(source, token).onCompleted(resumed::add, "on an executor",
                    (Executor) Runnable::run));
            source.complete(token, 42);

            assertThat(resumed).containsExactly(first);
            assertThat(operation.result()).isEqualTo(42);
        }
    }

    @Row(14)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row14_onCompleted_withUnknownFlags_ignoresThem(Form form) throws IOException {
        SourceSubject source = form.newSource();
        int known = ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT
                | ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
        for (int flags : new int[]{4, 1 << 30, ~known, -1, Integer.MIN_VALUE}) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            assertThat(operation.onCompleted(resumed::add, flags, flags)).isTrue();

            source.complete(token, flags);

            assertThat(resumed).last().isEqualTo(flags);
            assertThat(operation.result()).isEqualTo(flags);
        }
    }

    @Row(21)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row21_complete_withAnotherToken_completesNothingAndTheRightOneDoes(Form form) throws IOException {
        SourceSubject source = form.newSource();
        source.spend();
        long token = source.arm();
        Operation operation = form.of(source, token);
        operation.onCompleted(resumed::add, "state");

        for (long wrong : new long[]{token - 1, token + 1, 0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(source.tryComplete(wrong, 666)).isFalse();
            assertThat(source.tryCompleteExceptionally(wrong, new IOException("wrong"))).isFalse();
            assertThat(source.cancel(wrong)).isFalse();
            assertMisuse(() -> source.complete(wrong, 666));
        }
        assertThat(operation.status()).isEqualTo(PENDING);
        assertThat(resumed).isEmpty();

        assertThat(source.tryComplete(token, 42)).isTrue();
        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(42);
    }

    /** There a completion carries an object for the other side. Here that is a field of one's own source. */
    private static final class Carrying extends ManualResetValueTaskSource<String> {
        private Object data;

        boolean tryComplete(long token, String value, Object accompanying) {
            data = accompanying;
            return tryComplete(token, value);
        }

        @Override
        protected String take(String value) {
            return value + " with " + data;
        }
    }

    @Row(22)
    @ParameterizedTest
    @EnumSource(value = Form.class, names = {"SOURCE", "HANDLE", "AWAITER"})
    void row22_dataOfACompletion_reachesContinuationAndResult(Form form) throws IOException {
        Carrying source = new Carrying();
        for (int i = 0; i < OPERATIONS; i++) {
            ValueTask<String> task = ValueTask.fromSource(source, source.arm());
            ValueTaskAwaiter<String> awaiter = new ValueTaskAwaiter<>();
            int operation = i;
            switch (form) {
                case SOURCE -> source.onCompleted(self -> resumed.add(self.data), source, task.token(), 0);
                case HANDLE -> task.onCompleted(self -> resumed.add(self.data), source);
                default -> awaiter.onCompleted(task, self -> resumed.add(self.data), source);
            }
            assertThat(source.tryComplete(task.token(), "result", operation)).isTrue();

            assertThat(resumed).last().isEqualTo(operation);
            String result = form == Form.AWAITER ? awaiter.result() : task.result();
            assertThat(result).isEqualTo("result with " + operation);
        }
    }

    @Row(23)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row23_consuming_twice_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long token = source.arm();
        source.complete(token, 42);
        assertThat(form.of(source, token).result()).isEqualTo(42);

        for (Form other : Form.values()) {
            if (other.type == form.type) {
                assertMisuse(other.of(source, token)::result);
                assertMisuse(other.of(source, token)::status);
                assertMisuse(() -> other.of(source, token).onCompleted(resumed::add, "late"));
            }
        }
        assertThat(source.arm()).isEqualTo(token + 1);
    }

    @Row(24)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row24_reuse_goesThroughTheSameStatesAgain(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (int i = 1; i <= OPERATIONS; i++) {
            assertThat(source.core()).asString().contains("current=" + (i - 1) + ", state=IDLE, waiter=NONE");
            long token = source.arm();
            Operation operation = form.of(source, token);
            assertThat(operation.status()).isEqualTo(PENDING);
            operation.onCompleted(resumed::add, "state");
            assertThat(source.core()).asString()
                    .contains("current=" + i + ", state=PENDING, waiter=REGISTERED");
            assertThat(source.tryArm()).isNegative();
            source.complete(token, i);
            assertThat(operation.status()).isEqualTo(SUCCEEDED);
            assertThat(source.core()).asString().contains("state=SUCCEEDED, waiter=ANSWERED");
            assertThat(source.tryArm()).isNegative();
            assertThat(operation.result()).isEqualTo(i);
        }
    }

    private static void assertMisuse(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(ValueTaskMisuseException.class)
                .isInstanceOf(IllegalStateException.class);
    }
}
