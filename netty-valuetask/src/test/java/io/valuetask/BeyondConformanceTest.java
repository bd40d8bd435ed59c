package io.valuetask;

import io.valuetask.Form.Operation;
import io.valuetask.testing.Beyond;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceStatus.CANCELED;
import static io.valuetask.ValueTaskSourceStatus.FAULTED;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static io.valuetask.ValueTaskSourceStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET does not promise and we do, see {@code conformance.md}: tokens, winners, and when a source is free. */
class BeyondConformanceTest {
    private static final int A_MILLION = 1_000_000;
    private static final IOException FAILURE = new IOException("of the operation");
    private static final CancellationException CANCELLATION = new CancellationException("of the operation");

    private final List<Object> resumed = new ArrayList<>();

    @Beyond("B1")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b1_aToken_of16BitsAgoAndOlder_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long stale = source.spend();
        for (long age : new long[]{1L << 16, 1L << 17, 3L << 16, (1L << 16) + 1, (1L << 16) - 1}) {
            source.core().startAtGeneration(stale + age - 1);
            assertRefused(form, source, stale);
        }
    }

    @Beyond("B2")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b2_aToken_of32BitsAgoAndOlder_isRefused(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long stale = source.spend();
        for (long age : new long[]{1L << 24, 1L << 31, 1L << 32, 1L << 33, 5L << 32, 1L << 40, 1L << 48,
            1L << 55}) {
            source.core().startAtGeneration(stale + age - 1);
            assertRefused(form, source, stale);
        }
    }

    private static void assertRefused(Form form, SourceSubject source, long stale) throws IOException {
        long token = source.arm();
        assertMisuse(form.of(source, stale)::status);
        assertMisuse(() -> form.of(source, stale).onCompleted(state -> {}, "state"));
        assertThat(source.tryComplete(stale, 666)).isFalse();
        source.complete(token, 777);
        assertMisuse(form.of(source, stale)::result);
        assertThat(form.of(source, token).result()).isEqualTo(777);
    }

    @Beyond("B2")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b2_theLastToken_isGoodAndThenTheSourceSaysThatItIsUsedUp(Form form) throws IOException {
        SourceSubject source = form.newSource();
        source.core().startAtGeneration(StateWord.MAX_GENERATION - 1);
        long last = source.arm();
        assertThat(last).isEqualTo((1L << 56) - 1);
        Operation operation = form.of(source, last);
        operation.onCompleted(resumed::add, "state");
        source.complete(last, 42);
        assertThat(operation.result()).isEqualTo(42);

        assertThatThrownBy(source::arm).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("used up all its tokens").hasMessageContaining("make a new source");
        assertThat(source.tryArm()).isNegative();
        assertMisuse(form.of(source, last)::result);
    }

    @Beyond("B3")
    @Test
    @Timeout(120)
    void b3_aMillionTimesTwoResultsAtOnce_haveOneWinnerEach() throws Exception {
        // Ten at each meeting: those who race through them stay side by side, and meetings are what costs.
        List<ManualResetIntValueTaskSource> sources = Stream.generate(ManualResetIntValueTaskSource::new)
                .limit(A_MILLION / Race.ROUNDS).toList();
        int everyone = (1 << sources.size()) - 1;
        int[] won = new int[2];
        Map<String, Integer> outcomes = Race.run(() -> {
            for (ManualResetIntValueTaskSource source : sources) {
                source.complete(source.arm(), 42);
            }
            return null;
        }, () -> {
            won[0] = takeAll(sources);
            return "";
        }, () -> {
            won[1] = takeAll(sources);
            return "";
        }, () -> (won[0] & won[1]) == 0 && (won[0] | won[1]) == everyone ? "one winner each" : "wrong");

        assertThat(outcomes.keySet()).containsExactly("  one winner each");
        assertThat(sources).as("freed once each").allMatch(source -> source.tryArm() == Race.ROUNDS + 1);
    }

    /** Answers a bit for each one that this party won. */
    private static int takeAll(List<ManualResetIntValueTaskSource> sources) throws IOException {
        int won = 0;
        for (int i = 0; i < sources.size(); i++) {
            ManualResetIntValueTaskSource source = sources.get(i);
            try {
                // By the token that its operation has: nobody arms it meanwhile.
                won |= (source.getResultAsInt(StateWord.generation(source.wordAcquire())) == 42 ? 1 : 0) << i;
            } catch (ValueTaskMisuseException lost) {
                // The other one took it.
            }
        }
        return won;
    }

    @Beyond("B4")
    @ParameterizedTest
    @EnumSource(value = Form.class, names = {"SOURCE", "HANDLE", "INT_AWAITER"})
    @Timeout(120)
    void b4_twoWaitersAtOnce_theWinnerKeepsItsStateContextAndExecutor(Form form) throws Exception {
        try (PropagatedText text = new PropagatedText()) {
            SourceSubject source = form.newSource();
            Operation[] parties = new Operation[2];
            int[] round = new int[1];
            Map<String, Integer> outcomes = Race.run(() -> {
                resumed.clear();
                round[0]++;
                long token = source.arm();
                parties[0] = form.of(source, token);
                parties[1] = form.of(source, token);
                return null;
            }, () -> register(parties[0], text, "left", round[0]),
                    () -> register(parties[1], text, "right", round[0]), () -> {
                        text.set("of the completer");
                        long token = source.core().pendingToken();
                        source.complete(token, 42);
                        return resumed + " " + source.getResult(token);
                    });

            assertThat(outcomes.keySet()).as("%s", outcomes).isSubsetOf(
                    "true misuse [left in the context of left] 42",
                    "misuse true [right in the context of right] 42",
                    "true misuse [left on the executor of left] 42",
                    "misuse true [right on the executor of right] 42");
        }
    }

    private boolean register(Operation operation, PropagatedText text, String name, int round) {
        if (round % 2 == 0) {
            return operation.onCompleted(state -> resumed.add(state + resumed.removeLast()), name,
                    task -> {
                        resumed.add(" on the executor of " + name);
                        task.run();
                    });
        }
        text.set("of " + name);
        return operation.onCompleted(state -> resumed.add(state + " in the context " + text.get()), name,
                FLOW_EXECUTION_CONTEXT);
    }

    @Beyond("B5")
    @ParameterizedTest
    @EnumSource(value = Form.class, names = {"AWAITER", "INT_HANDLE"})
    @Timeout(120)
    void b5_completionAgainstFailure_oneWinsAndTheContinuationRunsOnce(Form form) throws Exception {
        SourceSubject source = form.newSource();
        long[] token = new long[1];
        Operation[] waiter = new Operation[1];
        Map<String, Integer> outcomes = Race.run(() -> {
            resumed.clear();
            token[0] = source.arm();
            waiter[0] = form.of(source, token[0]);
            return waiter[0].onCompleted(resumed::add, "state");
        }, () -> source.tryComplete(token[0], 42),
                () -> source.tryCompleteExceptionally(token[0], CANCELLATION), () -> {
                    ValueTaskSourceStatus status = waiter[0].status();
                    try {
                        return status + " " + waiter[0].result() + " " + resumed;
                    } catch (CancellationException canceled) {
                        return status + " " + resumed;
                    }
                });

        assertThat(outcomes.keySet()).as("%s", outcomes).isSubsetOf("true false SUCCEEDED 42 [state]",
                "false true CANCELED [state]");
    }

    @Beyond("B6")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b6_anyOutcome_afterAnyOther_isRefusedAndTheFirstStays(Form form) throws IOException {
        SourceSubject source = form.newSource();
        for (ValueTaskSourceStatus first : List.of(SUCCEEDED, FAULTED, CANCELED)) {
            long token = source.arm();
            Operation operation = form.of(source, token);
            operation.onCompleted(resumed::add, first);
            assertThat(end(source, token, first)).isTrue();
            for (ValueTaskSourceStatus second : List.of(SUCCEEDED, FAULTED, CANCELED)) {
                assertThat(source.tryComplete(token, 666)).isFalse();
                assertThat(end(source, token, second)).as("%s after %s", second, first).isFalse();
            }
            assertThat(operation.status()).isEqualTo(first);
            assertThat(resumed).last().isEqualTo(first);
            switch (first) {
                case SUCCEEDED -> assertThat(operation.result()).isEqualTo(42);
                case FAULTED -> assertThatThrownBy(operation::result).isSameAs(FAILURE);
                default ->
                    assertThatThrownBy(operation::result).isInstanceOf(CancellationException.class);
            }
        }
        assertThat(resumed).containsExactly(SUCCEEDED, FAULTED, CANCELED);
    }

    private static boolean end(SourceSubject source, long token, ValueTaskSourceStatus outcome) {
        return switch (outcome) {
            case SUCCEEDED -> source.tryComplete(token, 42);
            case FAULTED -> source.tryCompleteExceptionally(token, FAILURE);
            default -> source.cancel(token);
        };
    }

    @Beyond("B7")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    @Timeout(120)
    void b7_aLateTimeoutCancellationOrClose_againstTheNextOperation_neverHitsIt(TaskType type)
            throws Exception {
        SourceSubject source = type.newSource();
        long[] token = new long[2];
        Map<String, Integer> outcomes = Race.run(() -> {
            token[0] = source.arm();
            return source.cancel(token[0]);
        }, () -> switch ((int) (token[0] % 3)) {
            case 0 -> source.tryComplete(token[0], 666);
            case 1 -> source.cancel(token[0]);
            default -> source.tryCompleteExceptionally(token[0], FAILURE);
        }, () -> {
            assertThatThrownBy(() -> source.getResult(token[0])).isInstanceOf(CancellationException.class);
            token[1] = source.arm();
            return "armed";
        }, () -> {
            ValueTaskSourceStatus status = source.getStatus(token[1]);
            source.complete(token[1], 42);
            return status + " " + source.getResult(token[1]);
        });

        assertThat(outcomes.keySet()).as("%s", outcomes).containsExactly("false armed PENDING 42");
    }

    @Beyond("B8")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b8_aResult_askedForTooEarly_doesNotFreeTheSource(Form form) throws IOException {
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        long token = source.core().pendingToken();
        for (boolean registered : new boolean[]{false, true}) {
            if (registered) {
                operation.onCompleted(resumed::add, "state");
            }
            for (int i = 0; i < 3; i++) {
                assertMisuse(() -> source.getResult(token));
                assertThat(source.tryArm()).isNegative();
                assertThat(source.tryBegin()).isNegative();
            }
        }
        assertMisuse(operation::result);
        assertThat(operation.status()).isEqualTo(PENDING);

        source.complete(token, 42);
        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(42);
    }

    @Beyond("B9")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b9_aResult_askedForTooLate_doesNotFreeTheSource(Form form) throws IOException {
        SourceSubject source = form.newSource();
        long stale = source.spend();
        long token = source.arm();
        Operation operation = form.of(source, token);
        assertStaleResultFreesNothing(form, source, stale);
        operation.onCompleted(resumed::add, "state");
        assertStaleResultFreesNothing(form, source, stale);
        source.complete(token, 42);
        assertStaleResultFreesNothing(form, source, stale);
        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(42);

        assertMisuse(form.of(source, stale)::result);
        assertThat(source.arm()).as("free, once").isEqualTo(token + 1);
        assertThat(source.tryArm()).isNegative();
    }

    private static void assertStaleResultFreesNothing(Form form, SourceSubject source, long stale) {
        assertMisuse(form.of(source, stale)::result);
        assertThat(source.tryArm()).isNegative();
    }

    @Beyond("B10")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void b10_arming_whileAnyKindOfWaiterWaits_isRefusedAndItIsServed(TaskType type) throws IOException {
        SourceSubject source = type.newSource();

        CompletableFuture<Integer> future = type.fromSource(source, source.arm()).toCompletableFuture();
        assertMisuse(source::arm);
        source.complete(1, 42);
        assertThat(future).isCompletedWithValue(42);

        TaskType.Task kept = type.fromSource(source, source.arm()).preserve();
        assertMisuse(source::arm);
        source.complete(2, 43);
        assertThat(kept.result()).isEqualTo(43);

        type.fromSource(source, source.arm()).discard();
        assertMisuse(source::arm);
        source.complete(3, 44);
        assertThat(source.arm()).as("nobody wanted the third").isEqualTo(4);
    }

    private static void assertMisuse(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(ValueTaskMisuseException.class);
    }
}
