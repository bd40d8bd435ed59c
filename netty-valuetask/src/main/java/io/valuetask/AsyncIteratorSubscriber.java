package io.valuetask;

import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.lookup;

/**
 * An {@link AsyncIterator} over what a reactive stream publishes: its {@link Flow.Subscriber}. Counterpart of the
 * {@code ToAsyncEnumerable} of .NET's {@code IObservable}, with backpressure.
 *
 * <p>Moves are demand: nothing is requested before the first one, and never more than a number of elements ahead of
 * them. Where the publisher is at hand, {@link AsyncIterator#fromPublisher} is shorter; this is for what takes a
 * subscriber:
 *
 * {@snippet :
 * AsyncIteratorSubscriber<List<ByteBuffer>> body = new AsyncIteratorSubscriber<>(4);
 * client.sendAsync(request, BodyHandlers.fromSubscriber(body));
 * while (body.moveNext().await()) {
 *     consume(body.current());
 * }
 * }
 *
 * <p>The end of the sequence, or its failure, comes behind the elements. {@link #close()} cancels the subscription, also
 * one that is still to come. A publisher that signals more than was requested is cancelled, and that is the failure.
 *
 * <p><b>Threading.</b> Lock-free. The publisher's signals come one after another, on any thread, and continuations of a
 * move run inside them, unless they asked for another executor. <b>Ownership.</b> An element belongs to the iterator from
 * {@code onNext} until the consumer takes it, and is released (see {@link ResultReleaser}) if the consumer closes
 * first. <b>Allocation.</b> None per element.
 *
 * @param <T> the type of the elements
 */
public final class AsyncIteratorSubscriber<T> implements AsyncIterator<T>, Flow.Subscriber<T> {
    /*
     * A ring between two parties, of as many slots as may be requested at once: a null slot is free. An element is taken
     * by atomic exchange of its slot, so that it has one taker, the consumer or the one who sweeps: close(), or an
     * onNext() that finds it closed.
     *
     *   onNext, onComplete, onError, close:  write; full fence; pendingToken()   moveNext: pend() (full fence); look
     *   onNext:  put; full fence; closed                                         close:    closed; full fence; sweep
     *
     * Of two who meet, one always sees the other; if both do, the source's word, or the slot, lets one of them act. Who
     * looks for a waiter reads its token first and the rest afterwards, as in AsyncIteratorSource.
     */

    private static final VarHandle END = ConstantBootstraps.fieldVarHandle(lookup(), "end", VarHandle.class,
            AsyncIteratorSubscriber.class, Object.class);
    private static final VarHandle CLOSED = ConstantBootstraps.fieldVarHandle(lookup(), "closed",
            VarHandle.class, AsyncIteratorSubscriber.class, boolean.class);

    private static final Object COMPLETE = new Object();

    private final AtomicReferenceArray<@Nullable T> ring;
    private final Moves moves = new Moves();
    private final Upstream upstream = new Upstream(this::subscriptionHasThrown);

    /** Of the publisher, whose signals are ordered (1.3). */
    private int putAt;

    // Written by the consumer; where the next element is taken also read by whoever has seen it wait.
    private int takeAt;
    private @Nullable T current;
    /** How many elements were requested and not taken. */
    private int awaited;

    /** Null, COMPLETE, or the failure; by CAS from null, after the last element. */
    @SuppressWarnings("unused")
    private volatile @Nullable Object end;

    /** By CAS, any thread. */
    @SuppressWarnings("unused")
    private volatile boolean closed;

    /** Creates an iterator that requests an element for each move, and none ahead. */
    public AsyncIteratorSubscriber() {
        this(1);
    }

    /**
     * Creates an iterator.
     *
     * @param most how many elements may be requested and not taken, at least 1. Where it is more than 1, they are
     *        requested in batches: the first move requests so many, and a later one when half of them were taken
     */
    public AsyncIteratorSubscriber(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("most: " + most + " (expected: >= 1)");
        }
        ring = new AtomicReferenceArray<>(most);
    }

    // The publisher's side

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        upstream.begin(Objects.requireNonNull(subscription, "subscription"));
    }

    @Override
    public void onNext(T element) {
        Objects.requireNonNull(element, "element");
        if (closed || end != null) {
            Discarding.release(element); // on its way when the subscription was cancelled (2.8)
            return;
        }
        int slot = putAt;
        if (ring.getAcquire(slot) != null) {
            Discarding.release(element);
            endAndCancel(new IllegalStateException("the publisher has signalled an element that was not "
                    + "requested: iterator=" + this
                    + "; a publisher must keep to its subscriber's demand (rule 1.1)"));
            return;
        }
        putAt = after(slot);
        ring.setRelease(slot, element); // the element is visible before its slot is
        VarHandle.fullFence();
        if (closed) {
            sweep();
        } else {
            answer(moves.pendingToken());
        }
    }

    @Override
    public void onComplete() {
        end(COMPLETE);
        upstream.end();
    }

    @Override
    public void onError(Throwable failure) {
        end(Objects.requireNonNull(failure, "failure"));
        upstream.end();
    }

    /** A subscription must not throw (3.15, 3.16). What no move is going to tell is reported. */
    private void subscriptionHasThrown(Throwable thrown) {
        endAndCancel(thrown);
        if (closed || end != thrown) {
            Failures.report(thrown);
        }
    }

    private void endAndCancel(Throwable failure) {
        end(failure);
        upstream.cancel();
    }

    private void end(Object how) {
        if (END.compareAndSet(this, null, how)) { // a full fence, too
            answer(moves.pendingToken());
        }
    }

    // The consumer's side

    @Override
    public ValueTask<Boolean> moveNext() {
        return ValueTask.fromSource(moves, InlineBarrier.startPublishedMove(this));
    }

    /** {@code moveNext().await()}, without a handle. */
    boolean awaitMove() throws IOException, InterruptedException {
        return Waiting.await(moves, startMove());
    }

    /** Called behind {@link InlineBarrier}. */
    static long startMove(AsyncIteratorSubscriber<?> iterator) {
        return iterator.startMove();
    }

    private long startMove() {
        long token = moves.begin();
        current = null;
        request(); // before it looks: what is requested may come inside this call
        if (outcome() == Outcome.ELEMENT) {
            moves.succeed(true);
        } else {
            moves.pend();
            answer(token);
        }
        return token;
    }

    private void request() {
        int most = ring.length();
        int wanted = most - awaited;
        if (awaited <= most / 2 && wanted > 0 && end == null && !closed) {
            awaited = most;
            upstream.request(wanted);
        }
    }

    @Override
    public T current() {
        T element = current;
        if (element == null) {
            throw AsyncIteratorSource.noCurrentElement(this);
        }
        return element;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Cancels the subscription. Elements that were not taken are released, also those that are still on their way.
     */
    @Override
    public ValueTask<@Nullable Void> close() {
        if (CLOSED.compareAndSet(this, false, true)) { // a full fence, too
            if (end == null) {
                upstream.cancel();
            }
            sweep();
            answer(moves.pendingToken());
        }
        return ValueTask.completed();
    }

    // What both need

    private enum Outcome {
        NONE,
        ELEMENT,
        END,
        CLOSED
    }

    /** What a move comes to. The consumer; or whoever has seen it wait. */
    private Outcome outcome() {
        if (closed) {
            return Outcome.CLOSED;
        } else if (ring.getAcquire(takeAt) != null) {
            return Outcome.ELEMENT;
        } else if (end == null) {
            return Outcome.NONE;
        }
        // What was put before the end comes before it.
        return ring.getAcquire(takeAt) != null ? Outcome.ELEMENT : Outcome.END;
    }

    /** Completes a pending move if there is an answer. */
    private void answer(long token) {
        if (token < 0) {
            return;
        }
        switch (outcome()) {
            case ELEMENT -> moves.tryComplete(token, true);
            case CLOSED -> moves.tryCompleteExceptionally(token, AsyncIteratorSource.closedException());
            case END -> {
                if (end instanceof Throwable failure) {
                    moves.tryCompleteExceptionally(token, failure);
                } else {
                    moves.tryComplete(token, false);
                }
            }
            case NONE -> {
                // There is none yet.
            }
        }
    }

    private void sweep() {
        for (int slot = 0; slot < ring.length(); slot++) {
            Discarding.release(ring.getAndSet(slot, null));
        }
    }

    private int after(int slot) {
        return slot + 1 < ring.length() ? slot + 1 : 0;
    }

    /** Tells where the iterator stands, without side effects and without touching an element. */
    @Override
    public String toString() {
        Object ended = end;
        return "AsyncIteratorSubscriber[awaited=" + awaited + ", most=" + ring.length() + ", current="
                + (current != null) + ", closed=" + closed + ", end="
                + (ended == COMPLETE ? "complete" : ended) + "]";
    }

    /** The element is taken in the step that consumes the move, so that a cancelled move loses none. */
    private final class Moves extends ManualResetValueTaskSource<Boolean> {
        @Override
        protected Boolean take(Boolean more) {
            if (more) {
                T element = ring.getAndSet(takeAt, null);
                if (element == null) {
                    throw AsyncIteratorSource.closedException(); // after the answer, and before it was taken
                }
                takeAt = after(takeAt);
                awaited--;
                current = element;
            }
            return more;
        }

        @Override
        String describeSource() {
            return "AsyncIteratorSubscriber.moveNext";
        }
    }
}
