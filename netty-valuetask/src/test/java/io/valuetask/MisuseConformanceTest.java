package io.valuetask;

import io.valuetask.Form.Operation;
import io.valuetask.TaskType.Task;
import io.valuetask.testing.Misuse;
import io.valuetask.testing.MisuseNotDetected;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The misuses of {@code conformance.md} by those who wait: noticed at the place of the mistake, and harmless to everybody
 * else.
 */
@MisuseNotDetected(value = "M19", reason = "The core does not know the buffer of an operation. A message that was handed "
        + "to a channel belongs to it from the call on, and Netty's reference counts notice who touches it after its "
        + "release; who writes into it meanwhile, nobody notices.")
class MisuseConformanceTest {
    private final List<Object> resumed = new ArrayList<>();

    @Misuse("M1")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void m1_everyWayToConsume_whenTheResultWasTaken_isRefused(TaskType type) throws Exception {
        SourceSubject source = type.newSource();
        long token = source.arm();
        Task task = type.fromSource(source, token);
        source.complete(token, 42);
        assertThat(task.result()).isEqualTo(42);

        List<Callable<?>> again = List.of(task::result, task::await, () -> task.await(Duration.ofSeconds(1)),
                () -> task.onCompleted(resumed::add, "late"), () -> task.onCompleted(resumed::add, "late", 3),
                () -> task.onCompleted(resumed::add, "late", Runnable::run), task::toCompletableFuture,
                task::preserve, () -> {
                    task.discard();
                    return null;
                }, () -> type.newAwaiter().onCompleted(task, resumed::add, "late"), task::status,
                task::isCompleted);
        for (Callable<?> call : again) {
            assertThatThrownBy(call::call).isInstanceOf(ValueTaskMisuseException.class)
                    .hasMessageContaining("already taken");
        }
        assertThat(source.arm()).as("nobody freed it twice").isEqualTo(token + 1);
        for (Callable<?> call : again) {
            assertThatThrownBy(call::call).isInstanceOf(ValueTaskMisuseException.class)
                    .hasMessageContaining("an earlier operation");
        }
        assertThat(source.getStatus(token + 1)).isEqualTo(PENDING);
        assertThat(resumed).isEmpty();
    }

    @Misuse("M2")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m2_aSecondWaiter_beforeCompletion_isRefusedAndTheFirstLosesNothing(Form form) throws Exception {
        try (PropagatedText text = new PropagatedText();
                CountingLoop loop = new CountingLoop();
                CountingLoop other = new CountingLoop()) {
            SourceSubject source = form.newSource();
            Operation operation = form.arm(source);
            long token = source.core().pendingToken();
            CompletableFuture<String> seen = new CompletableFuture<>();
            int everything = USE_SCHEDULING_CONTEXT | FLOW_EXECUTION_CONTEXT;
            loop.on(() -> {
                text.set("text of the first");
                return operation.onCompleted(
                        state -> seen.complete(
                                state + ", " + text.get() + ", " + loop.inEventLoop()),
                        "state of the first", everything);
            });

            other.on(() -> {
                text.set("text of the second");
                assertMisuse("already has a waiter", () -> form.of(source, token)
                        .onCompleted(resumed::add, "state of the second", everything));
                return null;
            });
            source.complete(token, 42);

            assertThat(seen.get(10, TimeUnit.SECONDS))
                    .isEqualTo("state of the first, text of the first, true");
            assertThat(other.takeExecuted()).isZero();
            assertThat(resumed).isEmpty();
            assertThat(operation.result()).isEqualTo(42);
        }
    }

    @Misuse("M3")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m3_aSecondWaiter_afterCompletion_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (boolean registersFirst : new boolean[]{true, false}) {
            for (Object state : new Object[]{"first", null}) {
                resumed.clear();
                long token = source.arm();
                Operation operation = form.of(source, token);
                if (registersFirst) {
                    operation.onCompleted(resumed::add, state);
                    source.complete(token, 42);
                } else {
                    source.complete(token, 42);
                    assertThat(operation.onCompleted(resumed::add, state)).isFalse();
                }

                assertMisuse("already has a waiter",
                        () -> form.of(source, token).onCompleted(resumed::add, "second"));

                assertThat(resumed).hasSize(registersFirst ? 1 : 0);
                assertThat(operation.result()).isEqualTo(42);
            }
        }
    }

    @Misuse("M4")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m4_aResult_beforeCompletion_isRefusedAndIsNotThePreviousOne(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long previous = source.arm();
        source.complete(previous, 111);
        assertThat(form.of(source, previous).result()).isEqualTo(111);

        long token = source.arm();
        Operation operation = form.of(source, token);
        assertMisuse("has not completed", operation::result);
        assertThat(source.tryArm()).as("the operation in flight is not handed out again").isNegative();

        source.complete(token, 42);
        assertThat(operation.result()).isEqualTo(42);
    }

    @Misuse("M5")
    @ParameterizedTest
    @EnumSource(value = Form.class, names = {"AWAITER", "INT_SOURCE"})
    @Timeout(120)
    void m5_twoResults_atTheSameTime_haveOneWinner(Form form) throws Exception {
        SourceSubject source = form.newSource();
        Operation[] parties = new Operation[2];
        Map<String, Integer> outcomes = Race.run(() -> {
            long token = source.arm();
            source.complete(token, 42);
            // An awaiter registers as the first and only waiter; the other one of that form takes the handle.
            parties[0] = form.of(source, token);
            parties[1] = (form.type == TaskType.INT ? Form.INT_HANDLE : Form.HANDLE).of(source, token);
            return null;
        }, () -> parties[0].result(), () -> parties[1].result(), () -> source.core().toString());

        assertThat(outcomes.keySet()).as("%s", outcomes).allMatch(
                outcome -> outcome.matches("(42 misuse|misuse 42) .*state=IDLE, waiter=NONE]"));
        assertThat(source.tryArm()).isEqualTo(Race.ROUNDS + 1);
    }

    @Misuse("M6")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m6_aResult_withAStaleHandle_isRefusedAndNoTwoOperationsShareTheSource(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long stale = source.spend();
        Operation old = form.of(source, stale);
        assertMisuse("already taken", old::result);
        long first = source.arm();
        assertMisuse("an earlier operation", old::result);

        assertThat(source.tryArm()).as("a second operation beside the first").isNegative();
        source.complete(first, 42);
        assertMisuse("an earlier operation", old::result);
        assertThat(source.tryArm()).isNegative();
        assertThat(form.of(source, first).result()).isEqualTo(42);
    }

    @Misuse("M7")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m7_aHandle_whoseTokenIsAMultipleOf65536Old_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long stale = source.spend();
        for (int i = 1; i < 65_536; i++) {
            source.spend();
        }
        long token = source.arm();
        assertThat(token - stale).isEqualTo(65_536);
        source.complete(token, 777);

        assertMisuse("an earlier operation", form.of(source, stale)::result);
        assertMisuse("an earlier operation", form.of(source, stale)::status);
        assertThat(form.of(source, token).result()).isEqualTo(777);
    }

    @Misuse("M17")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m17_lookingAtIt_doesNotConsume(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long token = source.arm();
        Operation operation = form.of(source, token);
        source.complete(token, 42);
        for (int i = 0; i < 3; i++) {
            assertThat(operation.toString()).contains("state=SUCCEEDED, waiter=NONE");
            assertThat(operation.hashCode()).isEqualTo(operation.hashCode());
        }
        assertThat(operation.result()).isEqualTo(42);
    }

    @Misuse("M18")
    @ParameterizedTest
    @EnumSource(Form.class)
    void m18_aStaleAwaiter_isNotShownTheCurrentOperationsFailure(Form form) {
        IOException failure = new IOException("of the current operation");
        SourceSubject source = form.newSource();
        Operation stale = form.of(source, source.spend());
        long token = source.arm();
        source.completeExceptionally(token, failure);

        assertMisuse("an earlier operation", stale::result);
        assertMisuse("an earlier operation", stale::status);
        assertThatThrownBy(form.of(source, token)::result).isSameAs(failure);
    }

    @Test
    void assertMisuse_ofAnotherException_fails() {
        assertThatThrownBy(() -> assertMisuse("x", () -> {
            throw new IllegalStateException("x");
        })).isInstanceOf(AssertionError.class);
    }

    private static void assertMisuse(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining(message);
    }
}
