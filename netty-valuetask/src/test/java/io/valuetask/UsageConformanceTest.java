package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

/**
 * The code that .NET's analyzer has tests for, see {@code conformance.md}. What it lets pass must work here. What it flags
 * must be noticed when it runs, or be harmless.
 */
class UsageConformanceTest {
    /** The object whose methods return value tasks: one source, one operation after another. */
    private static final class Device {
        private final ManualResetValueTaskSource<Integer> source = new ManualResetValueTaskSource<>();
        private final ManualResetIntValueTaskSource numbers = new ManualResetIntValueTaskSource();
        private int reads;

        /** Completes before it returns, as most reads do. */
        ValueTask<Integer> read() {
            ValueTask<Integer> task = readLater();
            arrive();
            return task;
        }

        /** Completes when the test says so. */
        ValueTask<Integer> readLater() {
            return ValueTask.fromSource(source, source.arm());
        }

        IntValueTask readNumber() {
            long token = numbers.arm();
            numbers.complete(token, ++reads);
            return IntValueTask.fromSource(numbers, token);
        }

        void arrive() {
            source.complete(source.pendingToken(), ++reads);
        }

        void assertFree() {
            assertThat(source.tryArm()).as("the source is free").isPositive();
        }
    }

    private final Device device = new Device();

    @Usage("U1")
    @Test
    void u1_awaitedAtOnce_everyCallWorks() throws Exception {
        for (int i = 1; i <= 10; i++) {
            assertThat(device.read().await()).isEqualTo(i);
        }
        for (int i = 11; i <= 20; i++) {
            assertThat(device.readNumber().await()).isEqualTo(i);
        }
        device.assertFree();
    }

    @Usage("U2")
    @Test
    void u2_oneOfSeveral_isAwaited() throws Exception {
        Device other = new Device();
        Device none = null;
        for (boolean first : new boolean[]{true, false}) {
            assertThat((first ? device.read() : other.read()).await()).isEqualTo(1);
            ValueTask<Integer> nullable = none == null ? ValueTask.completed(-1) : none.read();
            assertThat(nullable.await()).isEqualTo(-1);
        }
        for (int which = 0; which < 3; which++) {
            int result = switch (which) {
                case 0 -> device.read().await();
                case 1 -> device.readNumber().await();
                default -> ValueTask.completed(42).await();
            };
            assertThat(result).isEqualTo(which == 2 ? 42 : which + 2);
        }
        device.assertFree();
    }

    @Usage("U3")
    @Test
    void u3_passedAsAnArgument_isConsumedThere() throws Exception {
        assertThat(awaitFor(device.read())).isEqualTo(1);
        assertThat(awaitFor(device.read())).isEqualTo(2);
        device.assertFree();
    }

    private static int awaitFor(ValueTask<Integer> task) throws Exception {
        return task.await();
    }

    @Usage("U4")
    @Test
    void u4_preserved_isAwaitedAsOftenAsOneLikes() throws Exception {
        ValueTask<Integer> kept = device.read().preserve();
        device.assertFree();
        assertThat(kept.await() + kept.await() + kept.result()).isEqualTo(3);
    }

    @Usage("U5")
    @Test
    void u5_asAFuture_isSharedAndCombined() throws Exception {
        CompletableFuture<Integer> one = device.readLater().toCompletableFuture();
        CompletableFuture<Integer> other = new Device().read().toCompletableFuture();
        CompletableFuture<Void> both = CompletableFuture.allOf(one, other);
        assertThat(both).isNotDone();
        device.arrive();
        assertThat(both).isDone();
        assertThat(one.get() + one.get()).isEqualTo(2);
        device.assertFree();
    }

    @Usage("U6")
    @Test
    void u6_returned_isConsumedByTheCaller() throws Exception {
        assertThat(forward().await()).isEqualTo(1);
        List<ValueTask<Integer>> out = new ArrayList<>();
        out.add(forward());
        assertThat(out.removeFirst().await()).isEqualTo(2);
        device.assertFree();
    }

    private ValueTask<Integer> forward() {
        ValueTask<Integer> task = device.read();
        return task;
    }

    @Usage("U7")
    @ParameterizedTest
    @EnumSource(Kind.class)
    void u7_workBetweenTheCallAndTheAwait_isDoneMeanwhile(Kind kind) throws Throwable {
        ValueTask<Integer> task = device.readLater();
        ValueTask<Integer> meanwhile = new Device().read();
        assertThat(meanwhile.await()).isEqualTo(1);
        BackgroundCall<Integer> call = BackgroundCall.start(kind, task::await).awaitParked();
        device.arrive();
        assertThat(call.result()).isEqualTo(1);
    }

    @Usage("U8")
    @Test
    void u8_assertedToBeComplete_theResultIsTakenDirectly() throws IOException {
        ValueTask<Integer> task = device.read();
        assertThat(task.isCompletedSuccessfully()).isTrue();
        assertThat(task.result()).isEqualTo(1);
        IntValueTask number = device.readNumber();
        assertThat(number.isCompleted()).isTrue();
        assertThat(number.result()).isEqualTo(2);
    }

    @Usage("U9")
    @ParameterizedTest
    @EnumSource(Kind.class)
    void u9_theFastPath_takesWhatIsThereAndAwaitsTheRest(Kind kind) throws Throwable {
        for (int i = 1; i <= 10; i++) {
            boolean later = i % 2 == 0;
            ValueTask<Integer> task = later ? device.readLater() : device.read();
            BackgroundCall<Integer> call = BackgroundCall.start(kind,
                    () -> task.isCompletedSuccessfully() ? task.result() : task.await());
            if (later) {
                call.awaitParked();
                device.arrive();
            }
            assertThat(call.result()).isEqualTo(i);
        }
        IntValueTask number = device.readNumber();
        int sum = !number.isCompleted() ? number.await() : number.result();
        assertThat(sum).isEqualTo(11);
    }

    @Usage("U10")
    @Test
    void u10_madeInTry_isAwaitedInFinallyOrCatch() throws Exception {
        ValueTask<Integer> task = ValueTask.completed(-1);
        try {
            task = device.read();
            throw new IllegalStateException("on the way");
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessage("on the way");
        } finally {
            assertThat(task.await()).isEqualTo(1);
        }
        try {
            task = device.read();
            throw new IllegalStateException("on the way");
        } catch (IllegalStateException expected) {
            assertThat(task.await()).isEqualTo(2);
        }
        device.assertFree();
    }

    @Usage("U11")
    @Test
    void u11_storedAndNotUsed_holdsTheSourceUntilItIsUsedOrDiscarded() throws IOException {
        ValueTask<Integer> unused = device.read();
        assertNextCallIsRefused();
        if (unused.isCompletedSuccessfully()) {
            assertNextCallIsRefused(); // looking is not using
        }
        unused.discard();
        device.assertFree();
    }

    @Usage("U12")
    @Test
    void u12_notConsumed_isNoticedByTheNextCallOfTheSameObject() {
        device.read();
        assertNextCallIsRefused();
        assertNextCallIsRefused();
    }

    private void assertNextCallIsRefused() {
        assertThatThrownBy(device::read).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("its result was not taken");
    }

    /** The analyzer flags a place from where the handle might be used twice. Here only the second use is. */
    private ValueTask<Integer> field;

    @Usage("U13")
    @Test
    void u13_storedInAFieldOrACollection_isGoodForOneUseBeforeTheNextOperation() throws Exception {
        field = device.read();
        List<ValueTask<Integer>> collection = List.of(field);
        assertThat(field.await()).isEqualTo(1);

        assertMisuse(collection.getFirst());
        ValueTask<Integer> next = device.read();
        assertMisuse(field);
        assertMisuse(collection.getFirst());
        assertThat(next.await()).as("not harmed").isEqualTo(2);
    }

    @Usage("U14")
    @Test
    void u14_theResultTakenUnasked_isRefusedWhereItIsNotThere() throws IOException {
        ValueTask<Integer> pending = device.readLater();
        assertThatThrownBy(pending::result).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("has not completed").hasMessageContaining("check isCompleted() first");
        assertThatThrownBy(() -> new Device().readLater().result())
                .isInstanceOf(ValueTaskMisuseException.class);

        device.arrive();
        assertThat(pending.result()).as("it is still good").isEqualTo(1);
        assertThat(device.read().result()).as("what happens to be complete").isEqualTo(2);
    }

    @Usage("U15")
    @Test
    void u15_awaitedTwice_isRefusedTheSecondTime() throws Exception {
        ValueTask<Integer> task = device.read();
        assertThat(task.await()).isEqualTo(1);
        assertMisuse(task);
        device.assertFree();
    }

    @Usage("U16")
    @Test
    void u16_assertedAfterwards_theAssertionIsRefused() throws IOException {
        ValueTask<Integer> task = device.read();
        assertThat(task.result()).isEqualTo(1);
        assertThatThrownBy(task::isCompleted).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(task::isCompletedSuccessfully).isInstanceOf(ValueTaskMisuseException.class);
    }

    @Usage("U17")
    @Test
    void u17_awaitedOnTwoPaths_isRefusedOnTheSecond() throws Exception {
        for (int paths = 0; paths < 4; paths++) {
            ValueTask<Integer> task = device.read();
            boolean first = (paths & 1) != 0;
            boolean second = (paths & 2) != 0;
            if (first) {
                task.await();
            }
            if (second && first) {
                assertMisuse(task);
            } else if (second) {
                task.await();
            } else if (!first) {
                task.discard();
            }
        }
        ValueTask<Integer> failing = device.readLater();
        device.source.cancel(device.source.pendingToken());
        try {
            failing.await();
            fail("it was cancelled");
        } catch (CancellationException expected) {
            // The outcome is taken, whatever it was: in catch and in finally it is gone.
            assertMisuse(failing);
        } finally {
            assertMisuse(failing);
        }
        device.assertFree();
    }

    private static void assertMisuse(ValueTask<Integer> task) {
        assertThatThrownBy(task::await).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(task::result).isInstanceOf(ValueTaskMisuseException.class);
    }
}
