package io.valuetask.testing;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;

/** Tells the TCK what a subscriber has received. */
public final class ProbedSubscriber<T> implements Flow.Subscriber<T> {
    private final Flow.Subscriber<T> subscriber;
    private final WhiteboxSubscriberProbe<T> probe;
    private final SubscriberPuppet puppet;

    /** The puppet is what the TCK makes the subscriber do. */
    public ProbedSubscriber(Flow.Subscriber<T> subscriber, WhiteboxSubscriberProbe<T> probe,
            SubscriberPuppet puppet) {
        this.subscriber = subscriber;
        this.probe = probe;
        this.puppet = puppet;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscriber.onSubscribe(subscription);
        probe.registerOnSubscribe(puppet);
    }

    @Override
    public void onNext(T element) {
        subscriber.onNext(element);
        probe.registerOnNext(element);
    }

    @Override
    public void onError(Throwable failure) {
        subscriber.onError(failure);
        probe.registerOnError(failure);
    }

    @Override
    public void onComplete() {
        subscriber.onComplete();
        probe.registerOnComplete();
    }
}
