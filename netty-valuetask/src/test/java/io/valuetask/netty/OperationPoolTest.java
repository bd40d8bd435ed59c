package io.valuetask.netty;

import io.valuetask.testing.BackgroundCall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Which operation a caller gets, whatever becomes of the others. */
@Timeout(60)
class OperationPoolTest {
    private static final int CAPACITY = 50;

    /** Does nothing; ends where it is told to. */
    private static final class Operation extends ChannelOperation {
        private final AtomicInteger owners = new AtomicInteger();

        private Operation(ValueTaskHandler<?, ?> handler) {
            super(handler);
        }

        private void free() {
            withdraw();
        }

        @Override
        void proceed() {
            throw new AssertionError("never posted");
        }

        @Override
        void perform(boolean claimed) {
            throw new AssertionError("never started");
        }

        @Override
        void abandon(Throwable cause) {
            throw new AssertionError("never in flight", cause);
        }
    }

    private final List<Operation> made = Collections.synchronizedList(new ArrayList<>());
    private final OperationPool<Operation> pool = new OperationPool<>(
            new ValueTaskHandler<>(ValueTaskChannelOptions.DEFAULTS, null), CAPACITY, this::make);

    private Operation make(ValueTaskHandler<?, ?> handler) {
        Operation operation = new Operation(handler);
        made.add(operation);
        return operation;
    }

    private List<Operation> claim(int count) {
        List<Operation> claimed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            claimed.add(pool.claim());
        }
        return claimed;
    }

    /** One object, which is in the caches, where writes come one by one. */
    @Test
    void claim_whenTheLastOneIsFree_answersThatOne() {
        for (int i = 0; i < 1_000; i++) {
            pool.claim().free();
        }
        assertThat(made).hasSize(1);
    }

    @Test
    void claim_whileOthersAreBusy_answersNewOnesAndKeepsThem() {
        List<Operation> first = claim(CAPACITY);
        assertThat(first).doesNotHaveDuplicates();

        for (int round = 0; round < 3; round++) {
            first.forEach(Operation::free);
            assertThat(claim(CAPACITY)).containsExactlyInAnyOrderElementsOf(first);
        }
        assertThat(made).hasSize(CAPACITY);
        assertThat(pool.overflows()).isZero();
    }

    @Test
    void claim_whileSomeAreAlwaysBusy_takesThemInTurn() {
        List<Operation> busy = claim(16);
        for (int i = 0; i < 1_000; i++) {
            busy.removeFirst().free();
            busy.add(pool.claim());
        }
        assertThat(made).hasSize(16);
    }

    @Test
    void claim_whenAllAreBusy_answersAnObjectThatIsCounted() {
        List<Operation> busy = claim(CAPACITY + 3);
        assertThat(busy).doesNotHaveDuplicates();
        assertThat(pool.overflows()).isEqualTo(3);
    }

    /** They may be somebody's for ever: whoever awaits what he was given later must not pay for that. */
    @Test
    void claim_afterMoreThanAllWereNeverConsumed_keepsOthers() {
        claim(3 * CAPACITY);
        int before = made.size();
        for (int i = 0; i < 1_000; i++) {
            pool.claim().free();
        }
        assertThat(made).hasSizeLessThanOrEqualTo(before + 1);
    }

    @Test
    void claim_whenOneIsRetired_takesAnotherInItsPlace() {
        Operation retired = pool.claim();
        retired.retire();
        retired.free();

        Operation next = pool.claim();

        assertThat(next).isNotSameAs(retired);
        next.free();
        assertThat(pool.claim()).isSameAs(next);
        assertThat(pool.overflows()).isZero();
    }

    @Test
    void claim_fromThreadsAtOnce_givesEachToOne() throws Throwable {
        List<BackgroundCall<Void>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            int atOnce = 1 + 7 * caller;
            callers.add(BackgroundCall.start(BackgroundCall.Kind.PLATFORM, () -> {
                for (int i = 0; i < 2_000; i++) {
                    List<Operation> mine = claim(atOnce);
                    for (Operation operation : mine) {
                        assertThat(operation.owners.incrementAndGet()).isOne();
                    }
                    for (Operation operation : mine) {
                        operation.owners.decrementAndGet();
                        operation.free();
                    }
                }
                return null;
            }));
        }
        for (BackgroundCall<Void> caller : callers) {
            assertThat(caller.result()).isNull();
        }
        Set<Operation> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        distinct.addAll(made);
        assertThat(distinct).as("all are free again").noneMatch(operation -> operation.owners.get() != 0);
    }
}
