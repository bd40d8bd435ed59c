package io.valuetask;

import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Elements that need no waiting: an ordinary iterator, seen as an asynchronous one. */
final class ImmediateIterator<T> implements AsyncIterator<T> {
    /** Null once it is closed: written by any thread, read by the consumer. */
    private volatile @Nullable Iterator<? extends T> elements;

    // Of the consumer alone.
    private @Nullable T current;
    private @Nullable Throwable failure;

    ImmediateIterator(Iterator<? extends T> elements) {
        this.elements = elements;
    }

    @Override
    public ValueTask<Boolean> moveNext() {
        return advance() ? ValueTask.completed(current != null) : refuse();
    }

    /** False if the answer is an exception. */
    private boolean advance() {
        current = null;
        Iterator<? extends T> left = elements;
        if (left == null || failure != null) {
            return false;
        }
        try {
            if (left.hasNext()) {
                current = Objects.requireNonNull(left.next(), "element");
            }
            return true;
        } catch (Throwable thrown) {
            failure = thrown;
            return false;
        }
    }

    private ValueTask<Boolean> refuse() {
        Throwable cause = failure;
        return elements == null || cause == null
                ? ValueTask.failed(AsyncIteratorSource.closedException())
                : ValueTask.failed(cause);
    }

    @Override
    public T current() {
        T element = current;
        if (element == null) {
            throw AsyncIteratorSource.noCurrentElement(this);
        }
        return element;
    }

    @Override
    public ValueTask<@Nullable Void> close() {
        elements = null;
        return ValueTask.completed();
    }

    @Override
    public String toString() {
        return "AsyncIterator[current=" + (current != null) + ", closed=" + (elements == null) + ", failure="
                + failure
                + "]";
    }
}
