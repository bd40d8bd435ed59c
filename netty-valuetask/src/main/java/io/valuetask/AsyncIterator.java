package io.valuetask;

import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A sequence whose next element may have to be waited for. Counterpart of .NET's {@code IAsyncEnumerator<T>}.
 *
 * <p>One consumer asks for one element after another; nothing is produced that was not asked for. It does so in one of
 * these ways:
 *
 * <ul>
 * <li>by hand: {@link #moveNext()}, awaited, and then {@link #current()};</li>
 * <li>in a loop, on a virtual or platform thread: {@link #iterable()};</li>
 * <li>as a reactive stream: {@link #toPublisher()}.</li>
 * </ul>
 *
 * {@snippet :
 * try (var each = lines.iterable()) {
 *     for (String line : each) {
 *         ...
 *     }
 * }
 *
 * while (lines.moveNext().await()) { // the same by hand
 *     String line = lines.current();
 *     ...
 * }
 * lines.close().await();
 * }
 *
 * <p>For a producer's side there is {@link AsyncIteratorSource}, and where that is a reactive stream
 * {@link #fromPublisher}. Implement it yourself with a reusable source that is
 * armed by each {@code moveNext}.
 *
 * <p><b>Threading.</b> {@code moveNext} and {@code current} belong to one consumer, which may go from thread to thread as
 * long as it awaits each move before the next. {@code close} may be called by any thread at any time. <b>Ownership.</b>
 * An element belongs to the consumer as soon as it has taken {@code true} out of the move to it. <b>Allocation.</b> The
 * implementation's business; those of this package allocate nothing per element.
 *
 * @param <T> the type of the elements, which are not null
 */
public interface AsyncIterator<T> {
    /**
     * Moves to the next element. One at a time: await the answer before the next call. Whoever takes the answer has the
     * element, also by discarding it. A move that is cancelled, such as
     * by {@link ValueTask#await(java.time.Duration)}, loses no element; the next move comes to it.
     *
     * @return true if there is a next element, which is then {@link #current()}; false if the sequence has ended, also
     *         when asked again. The failure of the sequence, if it has failed. Cancelled, if the iterator was closed:
     *         whoever has not seen the end must not take the sequence for complete
     * @throws ValueTaskMisuseException if the answer of the move before this one was not taken; not by iterators whose
     *         moves never wait
     */
    ValueTask<Boolean> moveNext();

    /**
     * The element that the iterator has moved to.
     *
     * @return the element, as often as asked until the next {@link #moveNext()}
     * @throws ValueTaskMisuseException before the first move, during a move, and after one that did not answer true
     */
    T current();

    /**
     * Says that no more elements are wanted, and frees what the iterator holds. A move that is pending, and each later
     * one, is cancelled; also one that has an answer that was not taken, whose status does not say so then. The current
     * element stays, as it belongs to the consumer. The second call and those after it change nothing.
     *
     * @return an operation that has ended when everything is free
     */
    ValueTask<@Nullable Void> close();

    /**
     * The elements that are still to come, for one loop that waits for each of them.
     *
     * @return a view that can be looped over once, and that closes this iterator when it is closed itself
     */
    default AwaitingIterable<T> iterable() {
        return new AwaitingIterable<>(this);
    }

    /**
     * The elements that are still to come, for one subscriber. It gets what it has requested and no more: the iterator
     * moves when there is demand, so the end is signalled in answer to a request, too. Elements that are there already
     * are signalled within {@code request}, others on the thread that brings them. Cancellation closes this iterator, as
     * does the end; an element that is being taken meanwhile is still signalled, as it has no other taker. A second subscriber gets an {@link IllegalStateException}.
     *
     * @return a publisher that follows the rules of Reactive Streams
     */
    default Flow.Publisher<T> toPublisher() {
        return new AsyncIteratorPublisher<>(this);
    }

    /**
     * A sequence of what is known already.
     *
     * @param <T> the type of the elements
     * @param elements the elements; copied. Those that are not taken stay the caller's
     * @return an iterator whose moves never wait
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of reads them only
    static <T> AsyncIterator<T> of(T... elements) {
        return fromIterable(List.of(elements));
    }

    /**
     * A sequence of what another collection, or a loop, has at once.
     *
     * @param <T> the type of the elements
     * @param elements where they come from; its iterator is asked in each move. Those that are not taken stay the
     *        caller's
     * @return an iterator whose moves never wait; what its source's {@code hasNext} and {@code next} throw is their
     *         failure
     */
    static <T> AsyncIterator<T> fromIterable(Iterable<? extends T> elements) {
        return new ImmediateIterator<>(elements.iterator());
    }

    /**
     * A sequence of what a reactive stream publishes. Subscribes at once, and requests an element for each move and none
     * ahead; {@link AsyncIteratorSubscriber} requests several. Closing the sequence cancels the subscription.
     *
     * {@snippet :
     * try (var each = AsyncIterator.fromPublisher(publisher).iterable()) {
     *     for (String line : each) {
     *         ...
     *     }
     * }
     * }
     *
     * @param <T> the type of the elements
     * @param publisher where they come from
     * @return an iterator over the elements, whose end or failure is the publisher's
     */
    static <T> AsyncIterator<T> fromPublisher(Flow.Publisher<? extends T> publisher) {
        AsyncIteratorSubscriber<T> elements = new AsyncIteratorSubscriber<>();
        publisher.subscribe(elements);
        return elements;
    }
}
