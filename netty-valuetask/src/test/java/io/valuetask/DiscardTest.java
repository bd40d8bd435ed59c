package io.valuetask;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.ValueTaskSourceStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Nobody wants the outcome: it is taken as soon as there is one, and what it holds is released. */
class DiscardTest {
    /** A result that has to be closed. */
    private static final class Resource implements AutoCloseable {
        private final IOException failure;
        private final CountDownLatch closed = new CountDownLatch(1);
        private int closings; // written by whoever closes; a latch, or the end of a race, orders the reader

        Resource(IOException failure) {
            this.failure = failure;
        }

        Resource() {
            this(null);
        }

        @Override
        public void close() throws IOException {
            closings++;
            closed.countDown();
            if (failure != null) {
                throw failure;
            }
        }
    }

    private final ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
    private final List<Object> resumed = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void discard_ofASuccess_closesTheResultAndFreesTheSource(boolean completeFirst) {
        Resource result = new Resource();
        long token = source.arm();
        ValueTask<Object> task = ValueTask.fromSource(source, token);
        if (completeFirst) {
            source.complete(token, result);
            task.discard();
        } else {
            task.discard();
            assertThat(source.getStatus(token)).as("it goes on").isEqualTo(PENDING);
            assertThat(source.tryArm()).isNegative();
            source.complete(token, result);
        }
        assertThat(result.closings).isEqualTo(1);
        assertThat(source.tryArm()).isEqualTo(token + 1);
    }

    /** There is no source that could refuse the second, and a handle remembers nothing. */
    @Test
    void discard_ofAHandleThatWasMadeOfAResult_releasesItEachTime() {
        ByteBuf twice = ByteBufAllocator.DEFAULT.buffer(16).retain();
        ValueTask<ByteBuf> completed = ValueTask.completed(twice);

        completed.discard();
        assertThat(twice.refCnt()).isEqualTo(1);
        completed.discard();

        assertThat(twice.refCnt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void discard_ofABuffer_releasesIt(boolean completeFirst) {
        ByteBuf result = ByteBufAllocator.DEFAULT.buffer(16);
        ByteBuf shared = ByteBufAllocator.DEFAULT.buffer(16).retain();
        for (ByteBuf buffer : List.of(result, shared)) {
            long token = source.arm();
            if (completeFirst) {
                source.complete(token, buffer);
            }
            ValueTask.fromSource(source, token).discard();
            source.tryComplete(token, buffer);
        }
        assertThat(result.refCnt()).isZero();
        assertThat(shared.refCnt()).as("the other reference is somebody else's").isEqualTo(1);
        shared.release();
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void discard_ofAFailure_forgetsItSilently(TaskType type) {
        SourceSubject subject = type.newSource();
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            for (boolean completeFirst : new boolean[]{true, false}) {
                for (Throwable failure : List.of(new IOException("faulted"), new Error("worse"),
                        new CancellationException("cancelled"))) {
                    long token = subject.arm();
                    if (completeFirst) {
                        subject.completeExceptionally(token, failure);
                    }
                    type.fromSource(subject, token).discard();
                    assertThat(subject.tryCompleteExceptionally(token, failure)).isEqualTo(!completeFirst);
                }
                long cancelled = subject.arm();
                type.fromSource(subject, cancelled).discard();
                assertThat(subject.cancel(cancelled)).as("by the owner").isTrue();
            }
            assertThat(uncaught.failures()).isEmpty();
        }
        assertThat(subject.tryArm()).isEqualTo(9);
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void discard_ofANumber_freesTheSource(TaskType type) throws IOException {
        SourceSubject subject = type.newSource();
        for (boolean completeFirst : new boolean[]{true, false}) {
            long token = subject.arm();
            if (completeFirst) {
                subject.complete(token, 42);
            }
            type.fromSource(subject, token).discard();
            assertThat(subject.tryComplete(token, 42)).isEqualTo(!completeFirst);
        }
        TaskType.Task known = type.completed(42);
        known.discard();
        known.discard();
        assertThat(known.result()).as("a number has no owner").isEqualTo(42);
        assertThat(subject.tryArm()).isEqualTo(3);
    }

    @Test
    void discard_ofAHandleWithoutASource_closesItsResult() {
        Resource result = new Resource();
        ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(16);

        ValueTask.completed(result).discard();
        ValueTask.completed(buffer).discard();
        ValueTask.completed().discard();
        ValueTask.completed("nothing to close").discard();
        ValueTask.failed(new IOException("nobody cares")).discard();
        ValueTask.canceled().discard();

        assertThat(result.closings).isEqualTo(1);
        assertThat(buffer.refCnt()).isZero();
    }

    /** Others may hold the future, and await it any number of times. */
    @Test
    void discard_ofAFuture_leavesItAndItsResultAlone() {
        CompletableFuture<Resource> future = new CompletableFuture<>();
        ValueTask<Resource> task = ValueTask.fromFuture(future);
        task.discard();
        assertThat(future).isNotDone();
        Resource result = new Resource();

        future.complete(result);
        task.discard();

        assertThat(result.closings).isZero();
        assertThat(task.toCompletableFuture()).isCompletedWithValue(result);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void discard_whenClosingThrows_isReportedAndHarmsNobody(boolean completeFirst) {
        IOException failure = new IOException("of close");
        Resource result = new Resource(failure);
        long token = source.arm();
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            if (completeFirst) {
                source.complete(token, result);
            }
            ValueTask.fromSource(source, token).discard();
            assertThat(source.tryComplete(token, result)).isEqualTo(!completeFirst);
            ValueTask.completed(new Resource(failure)).discard();
            ByteBuf released = ByteBufAllocator.DEFAULT.buffer(16);
            released.release();
            ValueTask.completed(released).discard();

            assertThat(uncaught.failures()).hasSize(3).startsWith(failure, failure).last()
                    .isInstanceOf(IllegalReferenceCountException.class);
        }
        assertThat(result.closings).isEqualTo(1);
        assertThat(source.tryArm()).isEqualTo(token + 1);
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void everyCall_whenDiscarded_isRefused(TaskType type) {
        SourceSubject subject = type.newSource();
        long token = subject.arm();
        TaskType.Task task = type.fromSource(subject, token);
        task.discard();
        assertThatThrownBy(task::discard).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(task::await).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(task::result).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(task::toCompletableFuture).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(task::preserve).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> task.onCompleted(resumed::add, "late"))
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("already has a waiter");

        subject.complete(token, 42);

        assertThatThrownBy(task::discard).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("already taken");
        assertThatThrownBy(task::status).isInstanceOf(ValueTaskMisuseException.class);
        assertThat(resumed).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void discard_whenSomebodyWaits_isRefusedAndTheWaiterIsServed(Form form) throws IOException {
        SourceSubject subject = form.newSource();
        Form.Operation operation = form.arm(subject);
        long token = subject.core().pendingToken();
        operation.onCompleted(resumed::add, "state");
        TaskType.Task second = form.type.fromSource(subject, token);

        assertThatThrownBy(second::discard).isInstanceOf(ValueTaskMisuseException.class);
        subject.complete(token, 42);
        assertThatThrownBy(second::discard).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(resumed).containsExactly("state");
        assertThat(operation.result()).isEqualTo(42);
    }

    @Test
    void discard_whenContinuationsRunAsynchronously_closesTheResultElsewhere() throws InterruptedException {
        source.setRunContinuationsAsynchronously(true);
        Resource result = new Resource();
        long token = source.arm();
        ValueTask.fromSource(source, token).discard();

        source.complete(token, result);

        assertThat(result.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(result.closings).isEqualTo(1);
    }

    /** To close a result completes the next operation, which was discarded, too. */
    @Test
    void discard_inAChainOfAHundredThousand_runsInConstantStackAndClosesAll() {
        int length = 100_000;
        List<ManualResetValueTaskSource<AutoCloseable>> chain = new ArrayList<>();
        int[] closed = new int[1];
        for (int i = 0; i < length; i++) {
            ManualResetValueTaskSource<AutoCloseable> link = new ManualResetValueTaskSource<>();
            ValueTask.fromSource(link, link.arm()).discard();
            chain.add(link);
        }

        completeFrom(0, chain, closed);

        assertThat(closed[0]).isEqualTo(length);
        assertThat(chain).allMatch(link -> link.tryArm() == 2);
    }

    private static void completeFrom(int i, List<ManualResetValueTaskSource<AutoCloseable>> chain,
            int[] closed) {
        if (i < chain.size()) {
            chain.get(i).complete(1, () -> {
                closed[0]++;
                completeFrom(i + 1, chain, closed);
            });
        }
    }

    @Test
    void discard_ofOneOperationAfterAnother_freesTheSourceEachTime() {
        for (int i = 0; i < 100_000; i++) {
            long token = source.arm();
            ValueTask.fromSource(source, token).discard();
            source.complete(token, "result");
        }
        assertThat(source.tryArm()).isEqualTo(100_001);
    }

    @Test
    @Timeout(120)
    void discard_againstComplete_closesTheResultOnceAndFreesTheSource() throws Exception {
        long[] token = new long[1];
        Resource[] result = new Resource[1];
        Map<String, Integer> outcomes = Race.run(() -> {
            result[0] = new Resource();
            return token[0] = source.arm();
        }, () -> {
            ValueTask.fromSource(source, token[0]).discard();
            return "discarded";
        }, () -> source.tryComplete(token[0], result[0]),
                () -> "closed=" + result[0].closings + " " + source);

        assertThat(outcomes.keySet()).as("%s", outcomes)
                .allMatch(outcome -> outcome.matches("discarded true closed=1 .*state=IDLE, waiter=NONE]"));
    }

    @Test
    void discard_ofAnOperationThatFailedWithAMisuseOfItsOwn_forgetsIt() {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        source.completeExceptionally(token, new ValueTaskMisuseException("of another source"));

        ValueTask.fromSource(source, token).discard();

        assertThat(source.tryArm()).as("free again").isEqualTo(token + 1);
    }

    @Test
    void discard_ofANumber_doesNotBoxIt() {
        List<String> asked = new ArrayList<>();
        IntValueTaskSource numbers = new IntValueTaskSource() {
            @Override
            public int getResultAsInt(long token) {
                asked.add("getResultAsInt");
                return 42;
            }

            @Override
            public Integer getResult(long token) {
                asked.add("getResult");
                return 42;
            }

            @Override
            public ValueTaskSourceStatus getStatus(long token) {
                return ValueTaskSourceStatus.SUCCEEDED;
            }

            @Override
            public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
                return false;
            }
        };

        IntValueTask.fromSource(numbers, 1).discard();

        assertThat(asked).containsExactly("getResultAsInt");
    }
}
