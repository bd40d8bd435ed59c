package io.valuetask.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * A publisher of one subscriber that signals what a test tells it to, and writes down what it is asked for.
 *
 * @param <T> the type of the elements
 */
public final class ManualPublisher<T> implements Flow.Publisher<T>, Flow.Subscription {
    private final List<Object> asked = new ArrayList<>();
    private Flow.Subscriber<? super T> subscriber;
    private Runnable whenRequested = () -> {};
    private Runnable whenCanceled = () -> {};

    /** The numbers that were requested, and "cancel". */
    public List<Object> asked() {
        return asked;
    }

    /** Where to signal. */
    public Flow.Subscriber<? super T> subscriber() {
        return subscriber;
    }

    /** Does something inside each request. */
    public void whenRequested(Runnable action) {
        whenRequested = action;
    }

    /** Does something inside each cancellation. */
    public void whenCanceled(Runnable action) {
        whenCanceled = action;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> first) {
        subscriber = first;
        first.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        asked.add(n);
        whenRequested.run();
    }

    @Override
    public void cancel() {
        asked.add("cancel");
        whenCanceled.run();
    }
}
