package io.valuetask;

import io.valuetask.Form.Operation;
import io.valuetask.TaskType.Task;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Misuse;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The misuses of {@code conformance.md} by those who start and complete operations; as {@link MisuseConformanceTest}. */
class CompleterMisuseConformanceTest {
    private final List<Object> resumed = new ArrayList<>();

    @Misuse("M8")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m8_aSecondCompletion_isRefusedAndChangesNothing(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long token = source.arm();
        Operation operation = form.of(source, token);
        operation.onCompleted(resumed::add, "state");
        source.complete(token, 1);

        assertMisuse("was completed before", () -> source.complete(token, 2));
        assertMisuse("was completed before", () -> source.completeExceptionally(token, new IOException()));

        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(1);
        assertMisuse("already taken", () -> source.complete(token, 3));
    }

    @Misuse("M9")
    @ParameterizedTest
    @EnumSource(value = Form.class, names = {"HANDLE", "INT_AWAITER"})
    @Timeout(120)
    void m9_twoCompletions_atTheSameTime_resumeOnceWithTheWinnersResult(Form form) throws Exception {
        SourceSubject source = form.newSource();
        long[] token = new long[1];
        Operation[] waiter = new Operation[1];
        int[] resumptions = new int[1];
        Map<String, Integer> outcomes = Race.run(() -> {
            resumptions[0] = 0;
            token[0] = source.arm();
            waiter[0] = form.of(source, token[0]);
            return waiter[0].onCompleted(counter -> counter[0]++, resumptions);
        }, () -> source.tryComplete(token[0], 1), () -> source.tryComplete(token[0], 2),
                () -> waiter[0].result() + " resumed=" + resumptions[0]);

        assertThat(outcomes.keySet()).as("%s", outcomes).isSubsetOf("true false 1 resumed=1",
                "false true 2 resumed=1");
    }

    @Misuse("M10")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void m10_aLateTimeoutCancellationOrClose_doesNotTouchTheNextOperation(TaskType type) throws Exception {
        SourceSubject source = type.newSource();
        long timedOut = source.arm();
        Task first = type.fromSource(source, timedOut);
        assertThatThrownBy(() -> first.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);
        long token = source.arm();
        Operation operation = (type == TaskType.INT ? Form.INT_HANDLE : Form.HANDLE).of(source, token);
        operation.onCompleted(resumed::add, "of the second");

        assertThat(source.tryComplete(timedOut, 666)).as("the result that comes late").isFalse();
        assertThat(source.cancel(timedOut)).as("the timer that fires late").isFalse();
        assertThat(source.tryCompleteExceptionally(timedOut, new IOException("closed"))).isFalse();
        assertMisuse("an earlier operation", () -> source.complete(timedOut, 666));
        assertThatThrownBy(() -> first.await(Duration.ZERO)).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(operation.status()).isEqualTo(PENDING);
        source.complete(token, 42);
        assertThat(resumed).containsExactly("of the second");
        assertThat(operation.result()).isEqualTo(42);
    }

    @Misuse("M11")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m11_arming_whileSomebodyWaits_isRefusedAndTheWaiterIsServed(Form form) throws Throwable {
        SourceSubject source = form.newSource();
        long token = source.arm();
        Operation operation = form.of(source, token);
        operation.onCompleted(resumed::add, "state");

        assertMisuse("still in progress", source::arm);
        assertMisuse("still in progress", source::begin);
        assertThat(source.tryArm()).isNegative();
        assertThat(source.tryBegin()).isNegative();

        source.complete(token, 42);
        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(42);

        for (Kind kind : Kind.values()) {
            long next = source.arm();
            BackgroundCall<Integer> parked = BackgroundCall
                    .start(kind, form.type.fromSource(source, next)::await).awaitParked();
            assertMisuse("still in progress", source::arm);
            source.complete(next, 43);
            assertThat(parked.result()).isEqualTo(43);
        }
    }

    @Misuse("M12")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    @Timeout(120)
    void m12_aTokenThatAProducerReadItself_namesTheOperationThatWasPendingOrNone(TaskType type)
            throws Exception {
        SourceSubject source = type.newSource();
        Map<String, Integer> outcomes = Race.run(source::arm, () -> {
            // The owner goes on to the next operation.
            long token = source.core().pendingToken();
            if (token > 0 && source.cancel(token)) {
                assertThatThrownBy(() -> source.getResult(token));
                source.arm();
            }
            return "";
        }, () -> {
            // There is no version to read beside the state: both are one word.
            long token = source.core().pendingToken();
            return token > 0 && source.tryComplete(token, (int) token);
        }, () -> {
            long token = source.core().pendingToken();
            if (token > 0) {
                source.cancel(token);
                assertThatThrownBy(() -> source.getResult(token));
                return "pending";
            }
            long current = StateWord.generation(source.core().wordAcquire());
            return source.getResult(current) == (int) current ? "own result" : "the result of another";
        });

        assertThat(outcomes.keySet()).as("%s", outcomes).isSubsetOf(" true own result", " false pending");
    }

    @Misuse("M13")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void m13_overlappingOperations_areRefusedAndTheOwnerCanAskFirst(TaskType type) throws IOException {
        SourceSubject source = type.newSource();
        SourceSubject spare = type.newSource();
        long token = source.arm();

        // .NET's sockets make another source for the second operation. Who wants that asks, and turns to a spare one.
        assertMisuse("await it before you start the next operation", source::arm);
        assertThat(source.tryArm()).isNegative();
        long overlapping = spare.tryArm();

        source.complete(token, 1);
        spare.complete(overlapping, 2);
        assertThat(type.fromSource(spare, overlapping).result()).isEqualTo(2);
        assertThat(type.fromSource(source, token).result()).isEqualTo(1);
    }

    @Misuse("M14")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void m14_anOperationThatNobodyConsumed_isReportedWhenTheNextOneStarts(TaskType type) {
        SourceSubject source = type.newSource();
        long forgotten = source.arm();
        source.complete(forgotten, 42);

        assertThatThrownBy(source::arm).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("or its result was not taken")
                .hasMessageContaining("token=1, current=1, state=SUCCEEDED, waiter=NONE")
                .hasMessageContaining("await it before you start the next operation");

        type.fromSource(source, forgotten).discard();
        assertThat(source.tryArm()).as("what to do with what nobody wants").isEqualTo(2);
    }

    @Misuse("M15")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m15_aContinuationThatThrows_isReportedAndTheCompleterGoesOn(Form form) throws IOException {
        IllegalStateException failure = new IllegalStateException("of the continuation");
        SourceSubject source = form.newSource();
        long token = source.arm();
        Operation operation = form.of(source, token);
        operation.onCompleted(state -> {
            throw failure;
        }, "state");

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(source.tryComplete(token, 42)).isTrue();
            assertThat(uncaught.failures()).containsExactly(failure);
        }
        assertThat(operation.result()).isEqualTo(42);
    }

    @Misuse("M16")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void m16_aChainOfInlineCompletions_doesNotGrowTheStack(TaskType type) {
        SynchronousChain chain = new SynchronousChain(type, SynchronousChain.Style.CONTINUATION, 20_000);

        assertThat(chain.run()).isEqualTo(20_000);

        assertThat(chain.deepest()).as("frames of %s", chain).isLessThan(500);
    }

    private static void assertMisuse(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining(message);
    }
}
