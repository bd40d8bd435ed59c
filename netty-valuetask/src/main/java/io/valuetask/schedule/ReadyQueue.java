package io.valuetask.schedule;

import org.jspecify.annotations.Nullable;

/** Those that can go on, in the order in which they became so. Linked through themselves, so that to add one allocates nothing. */
final class ReadyQueue {
    private @Nullable CarriedThread first;
    private @Nullable CarriedThread last;
    private int size;

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return size;
    }

    /** The JDK may submit one that stands here already, see {@link CarriedThread}; that one place does for both. */
    void add(CarriedThread ready) {
        if (ready.queued) {
            return;
        }
        ready.queued = true;
        size++;
        CarriedThread before = last;
        if (before == null) {
            first = ready;
        } else {
            before.nextReady = ready;
        }
        last = ready;
    }

    @Nullable
    CarriedThread poll() {
        CarriedThread next = first;
        if (next != null) {
            first = next.nextReady;
            next.nextReady = null;
            next.queued = false;
            size--;
            if (first == null) {
                last = null;
            }
        }
        return next;
    }
}
