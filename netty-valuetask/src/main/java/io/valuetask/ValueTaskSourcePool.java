package io.valuetask;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded store of reusable sources, for operations that do not come one after another and so cannot share one
 * source. Takes the place of what .NET's pooling builders and its socket keep for themselves.
 *
 * <p>{@link #rent} a source for each operation, arm it, hand out its value task, and keep no reference but the
 * completer's, who presents the token. There is no call to give a source back: it returns by itself when the outcome
 * is taken, and only then. A premature, repeated or stale {@code getResult} does not return it, so that it is never
 * handed out twice at a time. While it lies in the pool it cannot be armed.
 *
 * {@snippet :
 * final class Query extends ManualResetValueTaskSource<Row> {
 *     ValueTask<Row> send(String text) {
 *         long token = arm();
 *         driver.send(text, row -> tryComplete(token, row));
 *         return ValueTask.fromSource(this, token);
 *     }
 * }
 *
 * private final ValueTaskSourcePool<Query> queries = new ValueTaskSourcePool<>(64, Query::new);
 *
 * ValueTask<Row> query(String text) {
 *     return queries.rent().send(text);
 * }
 * }
 *
 * <p>A value task that is never consumed keeps its source from returning. When such a source is garbage, a warning says
 * what state it was in, and {@link #lost()} counts it.
 *
 * <p><b>Threading.</b> Every method may be called by any thread, virtual or platform; lock-free. <b>Ownership.</b> A
 * source is the renter's from {@code rent} until the outcome of the operation is taken; a renter that finds it has
 * no use for one arms it, completes it and takes the outcome itself. <b>Allocation.</b> None while the pool has an
 * idle source. A new source costs itself and what is needed to notice its loss; one that returns to a full pool is left
 * to the garbage collector.
 *
 * @param <S> the type of the sources
 */
public final class ValueTaskSourcePool<S extends ManualResetSource> {
    /*
     * Each source of a pool goes round. Whether it may be armed is said by its own word, not by a field beside it:
     *
     *                          the winner of getResult finds no free slot
     *                  RENTED -------------------------------------------> DROPPED   word: CONSUMING, for ever
     *                  | ^  |   garbage, its outcome not taken
     *   the winner of  | |  '--------------------------------------------> LOST      counted, warned about
     *   getResult puts | |
     *   it into a slot | | the renter that takes it out of the slot makes it IDLE
     *                  v |
     *                  AT REST                                                       word: CONSUMING
     *
     * - The winner of consumption leaves an unpooled source by CONSUMING -> IDLE. With a pooled one it skips that step:
     *   CONSUMING refuses every event, so whoever kept the source cannot do a thing with it, and it cannot come back
     *   twice. The renter takes the step, as the only one who got it out of the slot.
     * - A slot goes from null to a source by the CAS of a giver, and back by the CAS of a renter. The two order all that
     *   the last user of the source did before all that the next one does.
     *
     * Slots are not padded. Each thread starts at a slot of its own choice, so that threads rarely write to one cache
     * line, and a scan of an empty pool reads one line for sixteen slots.
     *
     * See PoolRentersStress, PoolReturnStress and PoolConsumersStress, and their broken twins.
     */

    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final Supplier<? extends S> factory;

    /** Written by CAS only, see above. */
    private final AtomicReferenceArray<@Nullable S> slots;

    private final PoolLedger ledger = new PoolLedger();

    /**
     * Creates an empty pool.
     *
     * @param capacity how many idle sources are kept at most; at least 1. Any number may be rented
     * @param factory makes a new source for each call; any thread
     */
    public ValueTaskSourcePool(int capacity, Supplier<? extends S> factory) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: >= 1)");
        }
        this.factory = Objects.requireNonNull(factory, "factory");
        slots = new AtomicReferenceArray<>(capacity);
    }

    /**
     * Hands out a source for one operation: an idle one, or else a new one of the factory.
     *
     * @return a source without an operation, which nobody else has
     * @throws IllegalStateException if the factory returned a source that is in use
     */
    public S rent() {
        S source = takeIdle();
        return source != null ? source : create();
    }

    private @Nullable S takeIdle() {
        int length = slots.length();
        int slot = firstSlot(length);
        for (int i = 0; i < length; i++) {
            // Opaque: only a hint where to try. The CAS decides, and orders.
            S source = slots.getOpaque(slot);
            if (source != null && slots.compareAndSet(slot, source, null)) {
                source.leavePool();
                return source;
            }
            slot = slot + 1 < length ? slot + 1 : 0;
        }
        return null;
    }

    private S create() {
        S source = Objects.requireNonNull(factory.get(), "the factory returned null");
        if (!source.joinPool(this)) {
            throw new IllegalStateException(
                    "the factory returned a source that is in use or has a pool: source="
                            + source + "; return a new one for each call");
        }
        ledger.created.incrementAndGet();
        return source;
    }

    /** Takes back a source that is at rest. False if there is no room for it. */
    @SuppressWarnings("unchecked")
    boolean keep(ManualResetSource atRest) {
        int length = slots.length();
        int slot = firstSlot(length);
        for (int i = 0; i < length; i++) {
            // Opaque: as in takeIdle.
            if (slots.getOpaque(slot) == null && slots.compareAndSet(slot, null, (S) atRest)) {
                return true;
            }
            slot = slot + 1 < length ? slot + 1 : 0;
        }
        return false;
    }

    /** The high bits of the product are well mixed, also for thread numbers that follow each other. */
    private static int firstSlot(int length) {
        long mixed = (Thread.currentThread().threadId() * GOLDEN_RATIO) >>> Integer.SIZE;
        return (int) ((mixed * length) >>> Integer.SIZE);
    }

    PoolLedger ledger() {
        return ledger;
    }

    /**
     * How many idle sources are kept at most.
     *
     * @return the capacity
     */
    public int capacity() {
        return slots.length();
    }

    /**
     * How many sources wait to be rented. Exact while nothing is rented or returned. Reads every slot.
     *
     * @return the number of idle sources
     */
    public int idle() {
        int idle = 0;
        for (int slot = 0; slot < slots.length(); slot++) {
            if (slots.getOpaque(slot) != null) {
                idle++;
            }
        }
        return idle;
    }

    /**
     * How many sources the factory has made.
     *
     * @return the number of sources
     */
    public long created() {
        return ledger.created.get();
    }

    /**
     * How many sources were rented and have not returned: operations whose outcome was not taken yet. Exact while
     * nothing is rented or returned. Reads every slot.
     *
     * @return the number of sources
     */
    public long outstanding() {
        return Math.max(0, created() - ledger.dropped.get() - lost() - idle());
    }

    /**
     * How many sources became garbage before the outcome of their operation was taken. Each is a value task that was
     * neither awaited nor discarded, or a source that was rented and never armed.
     *
     * @return the number of sources
     */
    public long lost() {
        return ledger.lost.get();
    }

    /** Tells the counters. */
    @Override
    public String toString() {
        return "ValueTaskSourcePool[capacity=" + capacity() + ", idle=" + idle() + ", outstanding="
                + outstanding()
                + ", created=" + created() + ", lost=" + lost() + "]";
    }
}
