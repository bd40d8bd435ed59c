package io.valuetask.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The operations that a channel keeps for reuse, made on demand. Callers on any thread claim a free one. When all are
 * busy, a new operation takes the place of an old one; the old one stays valid for whoever still holds it and is then
 * garbage. So an application that never consumes its value tasks pays for objects, and nothing else goes wrong.
 */
final class OperationPool<O extends ChannelOperation> {
    /*
     * Who is asked first: the one in the first slot, which is free where operations come one by one, and stays in the
     * caches; then the one behind that which was claimed last. Where many are under way these end in the order in which
     * they began, so that this is the oldest, and free if any is. Only then all the others.
     */

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(ChannelOperation[].class);
    private static final VarHandle OVERFLOWS;

    static {
        try {
            OVERFLOWS = MethodHandles.lookup().findVarHandle(OperationPool.class, "overflows", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** A connection that says little is not to pay for those that say much. */
    private static final int FEW = 8;

    private final ValueTaskHandler<?, ?> handler;
    private final Function<ValueTaskHandler<?, ?>, O> factory;
    private final int capacity;

    /**
     * Each slot by any thread: acquire to read, release to publish a new operation. Volatile: any thread puts a longer one
     * in its place, and what another has put into the shorter one meanwhile is used once and not kept.
     */
    private volatile ChannelOperation[] slots;
    /** Where to look next. Any thread, plain: a hint, and an int is not torn. */
    private int oldest;
    /** How often every slot was busy; also says whose turn it is to be replaced. Any thread, atomic add. */
    private volatile int overflows;

    OperationPool(ValueTaskHandler<?, ?> handler, int capacity, Function<ValueTaskHandler<?, ?>, O> factory) {
        this.handler = handler;
        this.factory = factory;
        this.capacity = capacity;
        slots = new ChannelOperation[Math.min(capacity, FEW)];
    }

    /** Answers an operation that the caller has claimed. */
    O claim() {
        ChannelOperation[] known = slots;
        O claimed = known.length == 0 ? null : claim(known, 0);
        return claimed != null ? claimed : claimAnyOf(known);
    }

    private O claimAnyOf(ChannelOperation[] known) {
        int slot = oldest;
        for (int i = 0; i < known.length; i++, slot++) {
            if (slot >= known.length || SLOT.getAcquire(known, slot) == null) {
                slot = 0; // those that have been made are in front
            }
            O claimed = claim(known, slot);
            if (claimed != null) {
                oldest = slot + 1;
                return claimed;
            }
        }
        return claimAnother(known);
    }

    /** All that have been made are busy. */
    private O claimAnother(ChannelOperation[] known) {
        for (int slot = 0; slot < known.length; slot++) {
            if (SLOT.getAcquire(known, slot) == null) {
                return replace(known, slot);
            }
        }
        if (known.length < capacity) {
            ChannelOperation[] longer = Arrays.copyOf(known, Math.min(capacity, 2 * known.length));
            O claimed = replace(longer, known.length);
            slots = longer;
            return claimed;
        }
        int turn = (int) OVERFLOWS.getAndAdd(this, 1);
        if (known.length == 0) {
            return claimedNew();
        }
        oldest = Math.floorMod(turn, known.length) + 1;
        return replace(known, Math.floorMod(turn, known.length));
    }

    /** Null if that one is busy. */
    @SuppressWarnings("unchecked")
    private @Nullable O claim(ChannelOperation[] known, int slot) {
        O operation = (O) SLOT.getAcquire(known, slot);
        if (operation == null || operation.isRetired()) {
            return replace(known, slot);
        }
        return operation.tryClaim() ? operation : null;
    }

    private O claimedNew() {
        O operation = factory.apply(handler);
        if (!operation.tryClaim()) {
            throw new AssertionError("a new operation is not free: " + operation);
        }
        return operation;
    }

    private O replace(ChannelOperation[] known, int slot) {
        O operation = claimedNew();
        // Claimed before it is published, so nobody else can be first. Two callers may replace the same slot;
        // then one of the two operations is used once and not kept.
        SLOT.setRelease(known, slot, operation);
        return operation;
    }

    int overflows() {
        return overflows;
    }
}
