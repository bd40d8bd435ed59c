package io.valuetask.perf.load;

import java.util.NoSuchElementException;

/** Numbers, first in, first out, without a box for each. */
final class LongQueue {
    private long[] values = new long[16];
    private int first;
    private int size;

    void add(long value) {
        if (size == values.length) {
            long[] larger = new long[2 * size];
            for (int i = 0; i < size; i++) {
                larger[i] = values[first + i & size - 1];
            }
            values = larger;
            first = 0;
        }
        values[first + size & values.length - 1] = value;
        size++;
    }

    long peek() {
        if (size == 0) {
            throw new NoSuchElementException("the queue is empty");
        }
        return values[first];
    }

    long remove() {
        long value = peek();
        first = first + 1 & values.length - 1;
        size--;
        return value;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }
}
