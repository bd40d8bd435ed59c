package io.valuetask.netty;

import org.jspecify.annotations.Nullable;

/**
 * The operations in flight, oldest first. Links are in the operations, so that nothing is allocated. Executor
 * only.
 */
final class OperationList {
    private @Nullable ChannelOperation oldest;
    private @Nullable ChannelOperation youngest;
    private int size;
    private long sequence;

    boolean isEmpty() {
        return oldest == null;
    }

    int size() {
        return size;
    }

    @Nullable
    ChannelOperation oldest() {
        return oldest;
    }

    void add(ChannelOperation operation) {
        assert !operation.linked : operation;
        operation.linked = true;
        operation.sequence = ++sequence;
        operation.previous = youngest;
        if (youngest == null) {
            oldest = operation;
        } else {
            youngest.next = operation;
        }
        youngest = operation;
        size++;
    }

    /** The oldest of those that are younger; null if there is none. */
    @Nullable
    ChannelOperation behind(long older) {
        ChannelOperation next = oldest;
        while (next != null && next.sequence <= older) {
            next = next.next;
        }
        return next;
    }

    /** Removes an operation if it is in the list. The caller publishes it, and then passes barriers. */
    void remove(ChannelOperation operation) {
        if (operation.linked) {
            unlink(operation);
        }
    }

    /** Completes what only waited for operations that are gone. */
    void passBarriers() {
        for (ChannelOperation first = oldest; first != null && first.isBarrier(); first = oldest) {
            unlink(first);
            first.passBarrier();
        }
    }

    private void unlink(ChannelOperation operation) {
        ChannelOperation before = operation.previous;
        ChannelOperation after = operation.next;
        if (before == null) {
            oldest = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            youngest = before;
        } else {
            after.previous = before;
        }
        operation.previous = null;
        operation.next = null;
        operation.linked = false;
        size--;
    }
}
