package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.ValueTaskSourceStatus.CANCELED;
import static io.valuetask.ValueTaskSourceStatus.FAULTED;
import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static io.valuetask.ValueTaskSourceStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Rows 49 to 57: what .NET's builders of pooled async methods do, {@link ValueTasks#start} does for a body. */
class PoolingConformanceTest {
    private static final Executor HERE = Runnable::run;

    private final List<Runnable> submitted = new ArrayList<>();
    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

    /** The ways in which an operation ends. */
    private enum Ending {
        SUCCESS(SUCCEEDED, null),
        FAILURE(FAULTED, new IOException("failed")),
        UNCHECKED(FAULTED, new IllegalStateException("failed")),
        CANCELLATION(CANCELED, new CancellationException("cancelled"));

        private final ValueTaskSourceStatus status;
        private final Exception failure;

        Ending(ValueTaskSourceStatus status, Exception failure) {
            this.status = status;
            this.failure = failure;
        }

        String body() throws Exception {
            if (failure != null) {
                throw failure;
            }
            return "result";
        }

        void assertEndOf(ValueTask<String> task) throws IOException {
            assertThat(task.status()).isEqualTo(status);
            if (failure != null) {
                assertThatThrownBy(task::result).isSameAs(failure);
            } else {
                assertThat(task.result()).isEqualTo("result");
            }
        }

        void end(ManualResetValueTaskSource<String> source, long token) {
            if (failure != null) {
                source.completeExceptionally(token, failure);
            } else {
                source.complete(token, "result");
            }
        }

        void end(CompletableFuture<String> future) {
            if (failure != null) {
                future.completeExceptionally(failure);
            } else {
                future.complete("result");
            }
        }
    }

    /** There is no builder that could know better: it is the pool's source, which is free again at once. */
    @Row(49)
    @Test
    void row49_start_ofWhatEndsAtOnce_isCompleteAndNeedsNoSourceOfItsOwn() throws Exception {
        Object first = sourceOf(takeFrom(ValueTasks.start(HERE, () -> "result")));

        assertThat(sourceOf(takeFrom(ValueTasks.start(HERE, () -> "result")))).isSameAs(first);
        assertThat(ValueTask.completed()).as("not even that").isSameAs(ValueTask.completed());
    }

    private static ValueTask<String> takeFrom(ValueTask<String> task) throws IOException {
        assertThat(task.isCompletedSuccessfully()).isTrue();
        assertThat(task.result()).isEqualTo("result");
        return task;
    }

    private static Object sourceOf(ValueTask<?> task) {
        return task.payload();
    }

    @Row(50)
    @ParameterizedTest
    @EnumSource(Ending.class)
    void row50_outcomeOfTheBody_isThatOfTheOperation(Ending ending) throws IOException {
        ValueTask<String> task = ValueTasks.start(submitted::add, ending::body);
        assertThat(task.status()).isEqualTo(PENDING);

        submitted.remove(0).run();

        ending.assertEndOf(task);
    }

    @Row(50)
    @Test
    void row50_aBodyThatFailsWithNothing_failsWithWhatThatIs() {
        ValueTask<String> task = ValueTasks.start(HERE, () -> {
            throw null;
        });

        assertThatThrownBy(task::result).isInstanceOf(NullPointerException.class);
    }

    @Row(51)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row51_aBodyThatWaits_hasAnOperationThatWaits(Kind kind) throws Throwable {
        ValueTask<String> inner = ValueTask.fromSource(source, source.arm());
        List<BackgroundCall<Void>> running = new ArrayList<>();
        ValueTask<String> task = ValueTasks.start(
                body -> running.add(BackgroundCall.start(kind, () -> {
                    body.run();
                    return null;
                })), () -> inner.await() + " of the body");
        running.get(0).awaitParked();
        assertThat(task.isCompleted()).isFalse();

        source.complete(1, "result");
        running.get(0).result();

        assertThat(task.result()).isEqualTo("result of the body");
    }

    @Row(52)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row52_whatABodyDoesToItsContext_staysInside(Kind kind) throws Throwable {
        try (PropagatedText text = new PropagatedText()) {
            text.set("of the caller");
            List<Object> seen = new ArrayList<>();
            ValueTask<String> task = ValueTasks.start(submitted::add, () -> {
                text.set("of the body");
                return text.get();
            });
            assertThat(task.onCompleted(state -> seen.add(state + " sees " + text.get()), "continuation",
                    ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT)).isTrue();
            BackgroundCall.start(kind, () -> {
                submitted.remove(0).run();
                return null;
            }).result();

            assertThat(task.result()).isEqualTo("of the body");
            assertThat(seen).containsExactly("continuation sees of the caller");
            assertThat(text.get()).isEqualTo("of the caller");
        }
    }

    @Row(52)
    @Test
    void row52_whatABodyDoesToItsContext_whenTheCallerRunsIt_staysInside() throws Exception {
        try (PropagatedText text = new PropagatedText(); PropagatedText absent = new PropagatedText()) {
            text.set("of the caller");

            ValueTask<String> succeeded = ValueTasks.start(HERE, () -> {
                String before = text.get();
                text.set("of the body");
                absent.set("of the body");
                return before;
            });
            ValueTask<String> failed = ValueTasks.start(HERE, () -> {
                text.set(null);
                throw new IOException("of the body");
            });

            assertThat(succeeded.result()).as("flows in").isEqualTo("of the caller");
            assertThatThrownBy(failed::result).hasMessage("of the body");
            assertThat(text.get()).isEqualTo("of the caller");
            assertThat(absent.get()).isNull();
        }
    }

    /** Not a context: as .NET's {@code ThreadLocal}, which flows out there, too. */
    @Row(52)
    @Test
    void row52_whatABodyDoesToAPlainThreadLocal_whenTheCallerRunsIt_isDoneToTheCallers() {
        ThreadLocal<String> plain = new ThreadLocal<>();
        try {
            ValueTasks.start(HERE, () -> {
                plain.set("of the body");
                return "result";
            }).discard();

            assertThat(plain.get()).isEqualTo("of the body");
        } finally {
            plain.remove();
        }
    }

    @Row(53)
    @ParameterizedTest
    @EnumSource(Ending.class)
    void row53_aBody_awaitsEveryKindCompleteOrNot(Ending ending) throws Throwable {
        for (boolean completeFirst : new boolean[]{true, false}) {
            CompletableFuture<String> future = new CompletableFuture<>();
            long token = source.arm();
            List<ValueTask<String>> kinds = List.of(ValueTask.fromFuture(future),
                    ValueTask.fromSource(source, token));
            for (ValueTask<String> kind : kinds) {
                if (completeFirst && kind.token() < 0) {
                    ending.end(future);
                } else if (completeFirst) {
                    ending.end(source, token);
                }
                List<BackgroundCall<Void>> running = new ArrayList<>();
                ValueTask<String> task = ValueTasks.start(
                        body -> running.add(BackgroundCall.start(Kind.VIRTUAL, () -> {
                            body.run();
                            return null;
                        })), kind::await);
                if (!completeFirst) {
                    running.get(0).awaitParked();
                    if (kind.token() < 0) {
                        ending.end(future);
                    } else {
                        ending.end(source, token);
                    }
                }
                running.get(0).result();

                ending.assertEndOf(task);
            }
        }
    }

    @Row(55)
    @Test
    void row55_bodies_useFewerSourcesThanThereAreBodies() throws Exception {
        Set<Object> sources = Collections.newSetFromMap(new IdentityHashMap<>());
        int sum = 0;
        int bodies = 0;
        for (int round = 0; round < 3; round++) {
            for (int i = 1; i <= 10; i++) {
                int addend = i;
                Callable<Integer> body = () -> addend * 2;
                ValueTask<Integer> task = ValueTasks.start(HERE, body);
                sources.add(sourceOf(task));
                sum += task.result();
                bodies++;
            }
        }

        assertThat(sum).isEqualTo(330);
        assertThat(sources).hasSizeLessThan(bodies);
    }

    @Row(57)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row57_theFourOutcomes_areTheSameByEveryRoad(boolean completeFirst) throws Exception {
        for (Ending ending : Ending.values()) {
            CompletableFuture<String> future = new CompletableFuture<>();
            long token = source.arm();
            if (completeFirst) {
                ending.end(future);
                ending.end(source, token);
            }
            ValueTask<String> ofFuture = ValueTask.fromFuture(future);
            ValueTask<String> ofSource = ValueTask.fromSource(source, token);
            ValueTask<String> ofBody = ValueTasks.start(completeFirst ? HERE : submitted::add, ending::body);
            if (!completeFirst) {
                assertThat(List.of(ofFuture.status(), ofSource.status(), ofBody.status()))
                        .containsOnly(PENDING);
                ending.end(future);
                ending.end(source, token);
                submitted.remove(0).run();
            }

            ending.assertEndOf(ofFuture);
            ending.assertEndOf(ofSource);
            ending.assertEndOf(ofBody);
        }
    }
}
