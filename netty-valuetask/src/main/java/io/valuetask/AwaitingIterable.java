package io.valuetask;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The elements of an {@link AsyncIterator} for a {@code for} loop, which waits where there is none yet. What C# has as
 * {@code await foreach}; see {@link AsyncIterator#iterable()}.
 *
 * <p>Java does not tell an iterator that its loop was left. After {@code break}, {@code return} or an exception the
 * asynchronous iterator is where it was, neither closed nor used up: its producer may wait for ever. Name the view in a
 * {@code try} to close it, however the loop ends; or go on by hand, and close it then.
 *
 * {@snippet :
 * try (var each = lines.iterable()) {
 *     for (String line : each) {
 *         if (line.isEmpty()) {
 *             break; // the producer learns that no more is wanted
 *         }
 *     }
 * }
 * }
 *
 * <p>A loop has no place for checked exceptions: an {@link IOException} of the sequence comes as
 * {@link UncheckedIOException}. When the thread is interrupted while it waits, its interrupt flag is set again and a
 * {@link CancellationException} is thrown; no element is lost. Every other failure is thrown unchanged. A thread that
 * must not block, such as an event loop, is refused as in {@link ValueTask#await()}.
 *
 * <p><b>Threading.</b> For one loop; its thread waits, virtual or platform. {@code close} may be called by any thread.
 * <b>Ownership.</b> An element belongs to the loop. <b>Allocation.</b> This view and its iterator; none per element.
 *
 * @param <T> the type of the elements
 */
public final class AwaitingIterable<T> implements Iterable<T>, AutoCloseable {
    private final AsyncIterator<T> elements;
    private final AtomicBoolean used = new AtomicBoolean();

    AwaitingIterable(AsyncIterator<T> elements) {
        this.elements = elements;
    }

    /**
     * For the loop.
     *
     * @return an iterator over the elements that are still to come
     * @throws ValueTaskMisuseException if there was a loop before: its elements are gone
     */
    @Override
    public Iterator<T> iterator() {
        if (!used.compareAndSet(false, true)) {
            throw new ValueTaskMisuseException("this iterable was looped over before: elements=" + elements
                    + "; collect the elements if you need them twice, or ask for a new view to go on");
        }
        return new Loop<>(elements);
    }

    /**
     * Closes the asynchronous iterator, and waits until it is closed.
     *
     * @throws UncheckedIOException if that fails
     * @throws CancellationException if the thread is interrupted while it waits; its interrupt flag is set
     */
    @Override
    public void close() {
        try {
            elements.close().await();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw canceled(interrupted, "close");
        }
    }

    private static CancellationException canceled(InterruptedException interrupted, String operation) {
        Thread.currentThread().interrupt();
        CancellationException canceled = new CancellationException(
                "the thread was interrupted in " + operation + ", and its interrupt flag is set again");
        canceled.initCause(interrupted);
        return canceled;
    }

    private static final class Loop<T> implements Iterator<T> {
        private final AsyncIterator<T> elements;

        // What the last move has answered. Unknown before the first one, and after next().
        private boolean known;
        private boolean more;

        Loop(AsyncIterator<T> elements) {
            this.elements = elements;
        }

        @Override
        public boolean hasNext() {
            if (!known) {
                try {
                    more = move(elements);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                } catch (InterruptedException interrupted) {
                    throw canceled(interrupted, "moveNext");
                }
                known = true;
            }
            return more;
        }

        /**
         * This package's own iterators are asked without a handle: the call of an interface that many kinds implement is
         * not inlined, and the handle that it answers has to exist, see {@link InlineBarrier}.
         */
        private static boolean move(AsyncIterator<?> elements) throws IOException, InterruptedException {
            if (elements instanceof AsyncIteratorSource<?> own) {
                return own.awaitMove();
            } else if (elements instanceof AsyncIteratorSubscriber<?> own) {
                return own.awaitMove();
            }
            return elements.moveNext().await();
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the sequence has ended: elements=" + elements);
            }
            T element = elements.current();
            known = false;
            return element;
        }
    }
}
