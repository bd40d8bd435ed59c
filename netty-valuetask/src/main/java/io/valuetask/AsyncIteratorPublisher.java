package io.valuetask;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/** An {@link AsyncIterator} for one subscriber of a reactive stream. */
final class AsyncIteratorPublisher<T> implements Flow.Publisher<T> {
    /** One that is over: a subscriber gets it that is told at once that there is nothing for it. */
    static final Flow.Subscription NONE = new Flow.Subscription() {
        @Override
        public void request(long n) {
            // Nothing is going to be signalled any more.
        }

        @Override
        public void cancel() {
            // As above.
        }
    };

    private final AsyncIterator<T> elements;
    private final AtomicBoolean subscribed = new AtomicBoolean();

    AsyncIteratorPublisher(AsyncIterator<T> elements) {
        this.elements = elements;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        if (subscribed.compareAndSet(false, true)) {
            new AsyncIteratorSubscription<>(elements, subscriber).start();
        } else {
            refuse(subscriber);
        }
    }

    private void refuse(Flow.Subscriber<? super T> subscriber) {
        try {
            subscriber.onSubscribe(NONE);
            subscriber
                    .onError(new ValueTaskMisuseException("this publisher had a subscriber before: elements="
                            + elements + "; an iterator has one consumer, so share what it has received"));
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }

    @Override
    public String toString() {
        return "Publisher[" + elements + "]";
    }
}
