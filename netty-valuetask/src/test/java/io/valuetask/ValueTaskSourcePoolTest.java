package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How sources come out of a pool and back into it. What happens to those that do not is in the test of the watch. */
class ValueTaskSourcePoolTest {
    private static final int RENTERS = 8;
    private static final int RENTALS = 20_000;

    private final ValueTaskSourcePool<Pooled> pool = new ValueTaskSourcePool<>(2, Pooled::new);

    /** A user's source. Whoever has it says so, and nobody else may be found there. */
    private static final class Pooled extends ManualResetValueTaskSource<String> {
        private final AtomicReference<Object> owner = new AtomicReference<>();
        private IOException failureOfTake;

        @Override
        protected String take(String value) throws IOException {
            if (failureOfTake != null) {
                throw failureOfTake;
            }
            return value;
        }
    }

    private static void succeedAndTake(Pooled source) throws IOException {
        long token = source.arm();
        source.complete(token, "result");
        assertThat(source.getResult(token)).isEqualTo("result");
    }

    // Out and back

    @Test
    void rent_whenThePoolIsEmpty_asksTheFactory() {
        Pooled first = pool.rent();
        Pooled second = pool.rent();

        assertThat(second).isNotSameAs(first);
        assertThat(pool)
                .hasToString("ValueTaskSourcePool[capacity=2, idle=0, outstanding=2, created=2, lost=0]");
    }

    @Test
    void rent_afterTheResultWasTaken_handsOutTheSameSourceWithTheNextToken() throws IOException {
        Pooled source = pool.rent();
        succeedAndTake(source);
        assertThat(pool)
                .hasToString("ValueTaskSourcePool[capacity=2, idle=1, outstanding=0, created=1, lost=0]");

        assertThat(pool.rent()).isSameAs(source);
        assertThat(source.arm()).isEqualTo(2);
        assertThat(pool.idle()).isZero();
    }

    @Test
    void rent_afterAFailureOrACancellationWasTaken_handsOutTheSameSource() {
        Pooled source = pool.rent();
        long failed = source.arm();
        source.completeExceptionally(failed, new IOException("of the operation"));
        assertThatThrownBy(() -> source.getResult(failed)).hasMessage("of the operation");

        assertThat(pool.rent()).isSameAs(source);
        long canceled = source.arm();
        source.cancel(canceled);
        assertThatThrownBy(() -> source.getResult(canceled)).isInstanceOf(CancellationException.class);

        assertThat(pool.rent()).isSameAs(source);
    }

    @Test
    void rent_afterTakeThrew_handsOutTheSameSource() {
        Pooled source = pool.rent();
        source.failureOfTake = new IOException("of take");
        long token = source.arm();
        source.complete(token, "ignored");
        assertThatThrownBy(() -> source.getResult(token)).hasMessage("of take");

        assertThat(pool.rent()).isSameAs(source);
    }

    @Test
    void rent_ofSourcesOfNumbers_handsOutTheSameSource() throws IOException {
        ValueTaskSourcePool<ManualResetIntValueTaskSource> numbers = new ValueTaskSourcePool<>(1,
                ManualResetIntValueTaskSource::new);
        ManualResetIntValueTaskSource source = numbers.rent();
        long token = source.arm();
        source.complete(token, 42);
        assertThat(source.getResultAsInt(token)).isEqualTo(42);

        assertThat(numbers.rent()).isSameAs(source);
    }

    @Test
    void rent_afterEveryWayToConsume_handsOutTheSameSource() throws Exception {
        ValueTaskSourcePool<ManualResetValueTaskSource<String>> plain = new ValueTaskSourcePool<>(1,
                ManualResetValueTaskSource::new);
        ManualResetValueTaskSource<String> source = plain.rent();
        long token = source.arm();
        source.complete(token, "result");
        assertThat(ValueTask.fromSource(source, token).await()).isEqualTo("result");

        assertThat(plain.rent()).isSameAs(source);
        token = source.arm();
        var future = ValueTask.fromSource(source, token).toCompletableFuture();
        source.complete(token, "result");
        assertThat(future).isCompletedWithValue("result");

        assertThat(plain.rent()).isSameAs(source);
        token = source.arm();
        ValueTask.fromSource(source, token).discard();
        source.complete(token, "result");

        assertThat(plain.rent()).isSameAs(source);
        long pended = source.begin();
        source.succeed("at once");
        assertThat(source.getResult(pended)).isEqualTo("at once");

        assertThat(plain.rent()).isSameAs(source);
        source.begin();
        source.withdraw();
        assertThat(plain.rent()).isSameAs(source);
    }

    @Test
    void getResult_whenThePoolIsFull_dropsTheSource() throws IOException {
        List<Pooled> rented = List.of(pool.rent(), pool.rent(), pool.rent());
        for (Pooled source : rented) {
            succeedAndTake(source);
        }

        assertThat(pool)
                .hasToString("ValueTaskSourcePool[capacity=2, idle=2, outstanding=0, created=3, lost=0]");
        assertThat(rented.get(2).tryArm()).as("dropped for good").isNegative();
        assertThat(Set.of(pool.rent(), pool.rent())).isEqualTo(Set.of(rented.get(0), rented.get(1)));
    }

    // Only the winning consumption brings a source back

    @Test
    void getResult_whenPremature_doesNotBringTheSourceBack() throws IOException {
        Pooled source = pool.rent();
        long token = source.arm();
        assertThatThrownBy(() -> source.getResult(token)).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(pool.idle()).isZero();
        assertThat(pool.rent()).isNotSameAs(source);
        source.complete(token, "result");
        assertThat(source.getResult(token)).isEqualTo("result");
        assertThat(pool.idle()).isEqualTo(1);
    }

    @Test
    void getResult_twice_bringsTheSourceBackOnce() throws IOException {
        Pooled source = pool.rent();
        long token = source.arm();
        source.complete(token, "result");
        source.getResult(token);
        assertThatThrownBy(() -> source.getResult(token)).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(pool.idle()).isEqualTo(1);
        assertThat(pool.rent()).isSameAs(source);
        assertThat(pool.rent()).isNotSameAs(source);
    }

    @Test
    void getResult_withAStaleToken_neitherBringsTheSourceBackNorTouchesTheNextOperation() throws IOException {
        Pooled source = pool.rent();
        long stale = source.arm();
        source.complete(stale, "first");
        source.getResult(stale);
        long token = pool.rent().arm();

        assertThatThrownBy(() -> source.getResult(stale)).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(pool.idle()).isZero();
        assertThat(pool.rent()).isNotSameAs(source);
        source.complete(token, "second");
        assertThat(source.getResult(token)).isEqualTo("second");
    }

    @Row(27)
    @Test
    void row27_everyCall_withTheTokenOfATakenOutcome_isRefusedAlsoWhileTheSourceIsIdle() throws IOException {
        Pooled source = pool.rent();
        long token = source.arm();
        source.complete(token, "result");
        source.getResult(token);

        assertThat(source.tryComplete(token, "late")).isFalse();
        assertThat(source.tryCompleteExceptionally(token, new IOException("late"))).isFalse();
        assertThat(source.cancel(token)).isFalse();
        assertThatThrownBy(() -> source.complete(token, "late")).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source.getStatus(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source.getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source.onCompleted(state -> {}, null, token, NONE))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(pool.rent()).isSameAs(source);
    }

    // A source that somebody kept

    @Test
    void arm_ofASourceThatLiesInThePool_isRefusedAndTheNextRenterIsNotDisturbed() throws IOException {
        Pooled kept = pool.rent();
        succeedAndTake(kept);

        assertThat(kept.tryArm()).isNegative();
        assertThatThrownBy(kept::arm).isInstanceOf(ValueTaskMisuseException.class).hasMessage(
                "this source went back to its pool when the result was taken: current=1, state=CONSUMING, "
                        + "waiter=NONE, source=Pooled; rent one for each operation"
                        + MisuseMessageContract.HINT);
        assertThatThrownBy(kept::begin).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(pool.rent()).isSameAs(kept);
        succeedAndTake(kept);
    }

    @Test
    void arm_twiceForOneRental_isRefusedAsForAnySource() {
        Pooled source = pool.rent();
        source.arm();

        assertThatThrownBy(source::arm).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("still in progress");
    }

    @Test
    void arm_twiceForASecondRental_isRefusedAsForAnySource() throws IOException {
        succeedAndTake(pool.rent());
        Pooled source = pool.rent();
        source.arm();

        assertThatThrownBy(source::arm).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("still in progress");
    }

    /** Somebody may still act on it when its outcome is taken, as with a body that is inside its thread. */
    private static final class Held extends ManualResetValueTaskSource<String> {
        @Override
        void endOperation() {
            retire();
        }
    }

    @Test
    void getResult_ofASourceThatSomebodyStillHolds_dropsIt() throws IOException {
        ValueTaskSourcePool<Held> roomy = new ValueTaskSourcePool<>(2, Held::new);
        Held held = roomy.rent();
        long token = held.arm();
        held.complete(token, "result");
        assertThat(held.getResult(token)).isEqualTo("result");

        assertThat(roomy)
                .hasToString("ValueTaskSourcePool[capacity=2, idle=0, outstanding=0, created=1, lost=0]");
        assertThat(held.tryArm()).as("dropped for good").isNegative();
        assertThat(roomy.rent()).isNotSameAs(held);
    }

    @Test
    void getResult_ofASourceThatSomebodyStillHoldsAndThatHasNoPool_leavesItOutOfUse() throws IOException {
        Held held = new Held();
        long token = held.arm();
        held.complete(token, "result");

        assertThat(held.getResult(token)).isEqualTo("result");

        assertThat(held.tryArm()).isNegative();
    }

    // The factory

    @Test
    void rent_whenTheFactoryThrows_throwsItAndThePoolGoesOn() throws IOException {
        List<Supplier<Pooled>> next = new ArrayList<>();
        ValueTaskSourcePool<Pooled> failing = new ValueTaskSourcePool<>(1, () -> next.removeFirst().get());
        IllegalArgumentException failure = new IllegalArgumentException();
        next.add(() -> {
            throw failure;
        });
        next.add(() -> null);
        next.add(Pooled::new);

        assertThatThrownBy(failing::rent).isSameAs(failure);
        assertThatThrownBy(failing::rent).isInstanceOf(NullPointerException.class)
                .hasMessage("the factory returned null");
        assertThat(failing.created()).isZero();
        succeedAndTake(failing.rent());
        assertThat(failing.idle()).isEqualTo(1);
    }

    @Test
    void rent_whenTheFactoryReturnsASourceAgain_isRefused() {
        Pooled shared = new Pooled();
        ValueTaskSourcePool<Pooled> wrong = new ValueTaskSourcePool<>(1, () -> shared);
        assertThat(wrong.rent()).isSameAs(shared);

        assertThatThrownBy(wrong::rent).isInstanceOf(IllegalStateException.class)
                .hasMessage("the factory returned a source that is in use or has a pool: "
                        + "source=Pooled[current=0, state=IDLE, waiter=NONE]; return a new one for each call");
        assertThatThrownBy(() -> new ValueTaskSourcePool<>(1, () -> shared).rent())
                .isInstanceOf(IllegalStateException.class);
        assertThat(wrong.created()).isEqualTo(1);
    }

    @Test
    void rent_whenTheFactoryReturnsAnArmedSource_isRefused() {
        ValueTaskSourcePool<Pooled> wrong = new ValueTaskSourcePool<>(1, () -> {
            Pooled armed = new Pooled();
            armed.arm();
            return armed;
        });

        assertThatThrownBy(wrong::rent).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void newPool_withoutCapacityOrFactory_isRefused() {
        assertThatThrownBy(() -> new ValueTaskSourcePool<>(0, Pooled::new))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new ValueTaskSourcePool<Pooled>(1, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("factory");
        assertThat(new ValueTaskSourcePool<>(3, Pooled::new).capacity()).isEqualTo(3);
    }

    // Many at once

    @Row(28)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row28_rent_byManyThreads_neverHandsOutOneSourceTwice(Kind kind) throws Throwable {
        ValueTaskSourcePool<Pooled> contended = new ValueTaskSourcePool<>(RENTERS / 2, Pooled::new);
        CyclicBarrier start = new CyclicBarrier(RENTERS);
        List<BackgroundCall<Set<Pooled>>> renters = new ArrayList<>();
        for (int i = 0; i < RENTERS; i++) {
            renters.add(BackgroundCall.start(kind, () -> {
                start.await(20, TimeUnit.SECONDS);
                return rentOftenAndMark(contended);
            }));
        }
        Set<Pooled> used = new HashSet<>();
        for (BackgroundCall<Set<Pooled>> renter : renters) {
            used.addAll(renter.result());
        }

        assertThat(contended.outstanding()).isZero();
        assertThat(contended.idle()).isBetween(1, RENTERS / 2);
        assertThat(contended.created()).as("sources were reused").isLessThan(RENTERS * (long) RENTALS)
                .isEqualTo(used.size());
    }

    private static Set<Pooled> rentOftenAndMark(ValueTaskSourcePool<Pooled> pool) throws IOException {
        Set<Pooled> used = new HashSet<>();
        Object me = new Object();
        for (int i = 0; i < RENTALS; i++) {
            Pooled source = pool.rent();
            if (!source.owner.compareAndSet(null, me)) {
                throw new AssertionError("handed out twice: " + source);
            }
            used.add(source);
            long token = source.arm();
            source.complete(token, "result");
            if (source.owner.getAndSet(null) != me) {
                throw new AssertionError("handed out twice: " + source);
            }
            source.getResult(token);
        }
        return used;
    }
}
