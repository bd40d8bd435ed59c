package io.valuetask.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Function;

/**
 * The operations that a channel keeps for reuse: a few slots, filled on demand. Callers on any thread claim the
 * first free one. When all are busy, a new operation takes the place of an old one; the old one stays valid for
 * whoever still holds it and is then garbage. So an application that never consumes its value tasks pays for
 * objects, and nothing else goes wrong.
 */
final class OperationPool<O extends ChannelOperation> {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(ChannelOperation[].class);
    private static final VarHandle OVERFLOWS;

    static {
        try {
            OVERFLOWS = MethodHandles.lookup().findVarHandle(OperationPool.class, "overflows", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final ValueTaskHandler<?, ?> handler;
    private final Function<ValueTaskHandler<?, ?>, O> factory;

    /** Any thread: acquire to read, release to publish a new operation. */
    private final ChannelOperation[] slots;
    /** How often every slot was busy; also says whose turn it is to be replaced. Any thread, atomic add. */
    private volatile int overflows;

    OperationPool(ValueTaskHandler<?, ?> handler, int capacity, Function<ValueTaskHandler<?, ?>, O> factory) {
        this.handler = handler;
        this.factory = factory;
        slots = new ChannelOperation[capacity];
    }

    /** Answers an operation that the caller has claimed. */
    @SuppressWarnings("unchecked")
    O claim() {
        for (int i = 0; i < slots.length; i++) {
            O operation = (O) SLOT.getAcquire(slots, i);
            if (operation == null || operation.isRetired()) {
                return replace(i);
            }
            if (operation.tryClaim()) {
                return operation;
            }
        }
        int turn = (int) OVERFLOWS.getAndAdd(this, 1);
        return slots.length == 0 ? claimedNew() : replace(Math.floorMod(turn, slots.length));
    }

    private O claimedNew() {
        O operation = factory.apply(handler);
        if (!operation.tryClaim()) {
            throw new AssertionError("a new operation is not free: " + operation);
        }
        return operation;
    }

    private O replace(int slot) {
        O operation = claimedNew();
        // Claimed before it is published, so nobody else can be first. Two callers may replace the same slot;
        // then one of the two operations is used once and not kept.
        SLOT.setRelease(slots, slot, operation);
        return operation;
    }

    int overflows() {
        return overflows;
    }
}
