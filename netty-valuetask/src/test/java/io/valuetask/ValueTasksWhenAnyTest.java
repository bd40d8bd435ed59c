package io.valuetask;

import com.sun.management.ThreadMXBean;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The first of several operations. */
class ValueTasksWhenAnyTest {
    private final ManualResetValueTaskSource<Object> left = new ManualResetValueTaskSource<>();
    private final ManualResetValueTaskSource<Object> right = new ManualResetValueTaskSource<>();
    private final Uncancelable stubborn = new Uncancelable();
    private final AtomicInteger closed = new AtomicInteger();

    /** A source that does not let itself be cancelled. */
    private static final class Uncancelable extends ManualResetValueTaskSource<Object> {
        private int cancelAsked;

        @Override
        public boolean cancel(long token) {
            cancelAsked++;
            return false;
        }
    }

    private static ValueTask<Object> arm(ManualResetValueTaskSource<Object> source) {
        return ValueTask.fromSource(source, source.arm());
    }

    private AutoCloseable resource() {
        return closed::incrementAndGet;
    }

    // The first one

    @Test
    void whenAny_whenOneCompletes_namesItAndLeavesItsResultToTheCaller() throws Exception {
        ValueTask<Object> second = arm(right);
        IntValueTask any = ValueTasks.whenAny(arm(left), second);
        assertThat(any.isCompleted()).isFalse();

        right.complete(1, "result");

        assertThat(any.result()).isEqualTo(1);
        assertThat(left.tryArm()).as("cancelled and consumed").isEqualTo(2);
        assertThat(second.result()).isEqualTo("result");
        assertThat(right.tryArm()).isEqualTo(2);
    }

    @Test
    void whenAny_whenTheFirstFails_namesItAllTheSame() throws Exception {
        ValueTask<Object> first = arm(left);
        IntValueTask any = ValueTasks.whenAny(List.of(first, arm(right)));

        left.completeExceptionally(1, new IOException("of the operation"));

        assertThat(any.result()).isZero();
        assertThatThrownBy(first::result).hasMessage("of the operation");
        assertThat(right.tryArm()).isEqualTo(2);
    }

    @Test
    void whenAny_ofWhatIsComplete_namesTheFirstInOrderAndReleasesTheOthers() throws Exception {
        ValueTask<Object> early = arm(right);
        right.complete(1, "early");

        assertThat(ValueTasks.whenAny(arm(left), early, ValueTask.completed(resource())).result())
                .isEqualTo(1);

        assertThat(early.result()).isEqualTo("early");
        assertThat(left.tryArm()).isEqualTo(2);
        assertThat(closed).hasValue(1);
    }

    @Test
    void result_ofALargeIndex_isNotBoxed() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = -1;
        for (int round = 0; round < 2; round++) { // in the first one classes may be loaded
            List<ValueTask<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                tasks.add(arm(new ManualResetValueTaskSource<>()));
            }
            tasks.add(ValueTask.completed("result"));
            IntValueTask any = ValueTasks.whenAny(tasks);
            long before = threads.getCurrentThreadAllocatedBytes();
            int index = any.result();
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(index).isEqualTo(1000);
        }
        assertThat(allocated).isZero();
    }

    @Test
    void whenAny_ofAnotherWhenAny_namesIt() throws Exception {
        IntValueTask inner = ValueTasks.whenAny(arm(left));
        IntValueTask any = ValueTasks.whenAny(arm(right), inner.boxed());

        left.complete(1, "result");

        assertThat(any.result()).isEqualTo(1);
        assertThat(inner.result()).isZero();
        assertThat(right.tryArm()).as("cancelled and free").isEqualTo(2);
    }

    @Test
    void whenAny_ofOne_namesIt() throws Exception {
        IntValueTask any = ValueTasks.whenAny(arm(left));

        left.cancel(1);

        assertThat(any.result()).isZero();
    }

    @Test
    void whenAny_ofManyTasks_namesALargeIndexAndAnObjectForIt() throws Exception {
        List<ValueTask<?>> tasks = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            tasks.add(arm(new ManualResetValueTaskSource<>()));
        }
        tasks.add(arm(left));
        IntValueTask any = ValueTasks.whenAny(tasks);

        left.complete(1, "result");

        assertThat(any.boxed().result()).isEqualTo(1000);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_ofTheCombination_findsTheOtherSourcesFree(Kind kind) throws Throwable {
        IntValueTask any = ValueTasks.whenAny(arm(left), arm(right));
        BackgroundCall<Long> call = BackgroundCall.start(kind, () -> {
            assertThat(any.await()).isEqualTo(1);
            return left.arm();
        }).awaitParked();

        right.complete(1, "result");

        assertThat(call.result()).isEqualTo(2);
    }

    @Test
    void await_ofTheOneThatIsNamed_isRefusedAndItsResultStays() throws Exception {
        ValueTask<Object> first = arm(left);
        IntValueTask any = ValueTasks.whenAny(first);
        left.complete(1, "result");
        assertThat(any.await()).isZero();

        assertThatThrownBy(first::await).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageStartingWith("this value task already has a waiter");
        assertThat(first.result()).isEqualTo("result");
    }

    // The others

    @Test
    void whenAny_ifAnotherCannotBeCancelled_releasesItsResultWhenItComes() throws Exception {
        IntValueTask any = ValueTasks.whenAny(arm(stubborn), arm(left));
        left.complete(1, "result");

        assertThat(any.result()).isEqualTo(1);
        assertThat(stubborn.cancelAsked).isEqualTo(1);
        assertThat(closed).hasValue(0);
        stubborn.complete(1, resource());

        assertThat(closed).hasValue(1);
        assertThat(stubborn.tryArm()).isEqualTo(2);
    }

    @Test
    void whenAny_ifAnotherFailsLater_forgetsTheFailure() throws Exception {
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            IntValueTask any = ValueTasks.whenAny(arm(left), arm(stubborn));
            left.complete(1, "result");
            assertThat(any.result()).isZero();

            stubborn.completeExceptionally(1, new IOException());

            assertThat(stubborn.tryArm()).isEqualTo(2);
            assertThat(uncaught.failures()).isEmpty();
        }
    }

    @Test
    void whenAny_ofFutures_cancelsTheOthersAndReleasesNoneOfTheirResults() throws Exception {
        CompletableFuture<Object> pending = new CompletableFuture<>();
        CompletableFuture<Object> done = CompletableFuture.completedFuture(resource());

        assertThat(ValueTasks.whenAny(ValueTask.completed("first"), ValueTask.fromFuture(pending),
                ValueTask.fromFuture(done)).result()).isZero();

        assertThat(pending).isCancelled();
        assertThat(closed).as("others may hold the future").hasValue(0);
    }

    @Test
    void whenAny_ifCancellingOneCompletesTheNext_namesOnlyTheFirst() throws Exception {
        ManualResetValueTaskSource<Object> chained = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long token) {
                left.complete(1, resource());
                return tryCancel(token);
            }
        };
        ValueTask<Object> first = arm(right);
        IntValueTask any = ValueTasks.whenAny(first, arm(chained), arm(left));

        right.complete(1, "result");

        assertThat(any.result()).isZero();
        assertThat(first.result()).isEqualTo("result");
        assertThat(closed).hasValue(1);
        assertThat(left.tryArm()).isEqualTo(2);
        assertThat(chained.tryArm()).isEqualTo(2);
    }

    @Test
    void whenAny_ifSomebodyTakesAnothersResult_reportsThatMisuse() throws Exception {
        ManualResetValueTaskSource<Object> thieving = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long token) {
                left.complete(1, "stolen");
                assertThat(ValueTasksStartTest.take(ValueTask.fromSource(left, 1))).isEqualTo("stolen");
                return tryCancel(token);
            }
        };
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            IntValueTask any = ValueTasks.whenAny(arm(right), arm(thieving), arm(left));

            right.complete(1, "result");

            assertThat(any.result()).isZero();
            assertThat(uncaught.failures()).singleElement().isInstanceOf(ValueTaskMisuseException.class);
            assertThat(thieving.tryArm()).as("the rest goes on").isEqualTo(2);
        }
    }

    @Test
    void discard_ofAnotherThatIsComplete_isRefusedAsItWasConsumed() throws Exception {
        ValueTask<Object> second = arm(right);
        IntValueTask any = ValueTasks.whenAny(arm(left), second);
        left.complete(1, "result");
        assertThat(any.result()).isZero();

        assertThatThrownBy(second::result).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(second::discard).isInstanceOf(ValueTaskMisuseException.class);
    }

    // Cancellation

    @Test
    void cancel_cancelsAllAndLeavesNone() {
        IntValueTask any = ValueTasks.whenAny(arm(left), arm(right), arm(stubborn));

        assertThatThrownBy(() -> any.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

        assertThat(left.tryArm()).isEqualTo(2);
        assertThat(right.tryArm()).isEqualTo(2);
        stubborn.complete(1, resource());
        assertThat(closed).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void interrupt_ofTheWaiter_cancelsAll(Kind kind) throws Throwable {
        IntValueTask any = ValueTasks.whenAny(arm(left), arm(right));
        BackgroundCall<Integer> call = BackgroundCall.start(kind, any::await).awaitParked();

        call.thread().interrupt();

        assertThat(call.failure()).isInstanceOf(InterruptedException.class);
        assertThat(left.tryArm()).isEqualTo(2);
        assertThat(right.tryArm()).isEqualTo(2);
    }

    @Test
    void cancel_whenOneHasCompleted_isTooLate() throws Exception {
        ValueTask<Object> first = arm(left);
        IntValueTask any = ValueTasks.whenAny(first, arm(right));
        left.complete(1, "result");

        assertThat(((AnyOf) any.payload()).cancel(any.token())).isFalse();

        assertThat(any.result()).isZero();
        assertThat(first.result()).isEqualTo("result");
    }

    // Misuse

    @Test
    void whenAny_ofNothing_isRefused() {
        assertThatThrownBy(() -> ValueTasks.whenAny()).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tasks: none (expected: at least one)");
        assertThatThrownBy(() -> ValueTasks.whenAny(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whenAny_withATaskThatCannotBeAwaited_isRefusedAndNothingIsConsumed() throws Exception {
        ValueTask<Object> good = arm(left);
        ValueTask<Object> consumed = arm(right);
        right.complete(1, "result");
        consumed.result();

        assertThatThrownBy(() -> ValueTasks.whenAny(good, consumed))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> ValueTasks.whenAny(good, good)).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("given twice: tasks[0] and tasks[1]");

        IntValueTask any = ValueTasks.whenAny(good);
        left.complete(1, "result");
        assertThat(any.result()).isZero();
    }

    // Races

    @Test
    @Timeout(120)
    void complete_againstComplete_namesOneAndReleasesOrCancelsTheOther() throws Exception {
        Combined combined = new Combined();
        Map<String, Integer> outcomes = Race.run(combined::prepare,
                () -> left.tryComplete(left.pendingToken(), combined.leftResult),
                () -> right.tryComplete(right.pendingToken(), combined.rightResult), () -> {
                    int index = combined.any.result();
                    ((AutoCloseable) combined.tasks.get(index).result()).close();
                    return index + " resumed=" + combined.resumed + " left=" + combined.leftClosed + " right="
                            + combined.rightClosed;
                });

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf(
                "true true 0 resumed=1 left=1 right=1", "true true 1 resumed=1 left=1 right=1",
                "true false 0 resumed=1 left=1 right=0", "false true 1 resumed=1 left=0 right=1");
    }

    /** One round of a race. */
    private final class Combined {
        private final AtomicInteger leftClosed = new AtomicInteger();
        private final AtomicInteger rightClosed = new AtomicInteger();
        private final AtomicInteger resumed = new AtomicInteger();
        private final AutoCloseable leftResult = leftClosed::incrementAndGet;
        private final AutoCloseable rightResult = rightClosed::incrementAndGet;
        private List<ValueTask<Object>> tasks;
        private IntValueTask any;

        Object prepare() {
            leftClosed.set(0);
            rightClosed.set(0);
            resumed.set(0);
            tasks = List.of(arm(left), arm(right));
            any = ValueTasks.whenAny(tasks);
            return any.onCompleted(AtomicInteger::incrementAndGet, resumed);
        }
    }

    // The index that nobody learns

    @Test
    void discard_ofTheCombination_discardsTheOneItWouldName() {
        ValueTasks.whenAny(arm(left), arm(right)).discard();

        left.complete(1, (AutoCloseable) closed::incrementAndGet);

        assertThat(closed).hasValue(1);
        assertThat(left.tryArm()).as("free").isEqualTo(2);
    }

    @Test
    void whenAny_ofTwoThatAreComplete_discardsTheOneTheSecondWouldName() throws Exception {
        left.startAtGeneration(0);
        ValueTask<Object> first = arm(left);
        ValueTask<Object> second = arm(right);
        left.complete(1, "result");
        right.complete(1, (AutoCloseable) closed::incrementAndGet);

        IntValueTask any = ValueTasks.whenAny(ValueTasks.whenAny(first).boxed(),
                ValueTasks.whenAny(second).boxed());

        assertThat(any.result()).isZero();
        assertThat(first.result()).isEqualTo("result");
        assertThat(closed).hasValue(1);
        assertThat(right.tryArm()).as("free").isEqualTo(2);
    }

    @Test
    void whenAll_thatIsCancelledOverOne_discardsTheOneItWouldName() {
        ManualResetValueTaskSource<Object> pending = new ManualResetValueTaskSource<>();
        ValueTask<?> all = ValueTasks.whenAll(
                List.of(widened(ValueTasks.whenAny(arm(left), arm(right)).boxed()), arm(pending)));
        left.complete(1, (AutoCloseable) closed::incrementAndGet);

        assertThatThrownBy(() -> all.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

        assertThat(closed).hasValue(1);
        assertThat(left.tryArm()).as("free").isEqualTo(2);
        assertThat(right.tryArm()).as("free").isEqualTo(2);
        assertThat(pending.tryArm()).as("free").isEqualTo(2);
    }

    @Test
    void discard_ofAListWithAnIndex_discardsTheOneItNames() {
        ValueTasks.whenAll(List.of(ValueTasks.whenAny(arm(left), arm(right)).boxed())).discard();

        left.complete(1, (AutoCloseable) closed::incrementAndGet);

        assertThat(closed).hasValue(1);
        assertThat(left.tryArm()).as("free").isEqualTo(2);
    }

    @SuppressWarnings("unchecked")
    private static ValueTask<Object> widened(ValueTask<?> task) {
        return (ValueTask<Object>) task;
    }
}
