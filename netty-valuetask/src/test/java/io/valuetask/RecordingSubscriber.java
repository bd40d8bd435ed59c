package io.valuetask;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Writes down what a publisher signals, and notices signals that overlap or nest. */
class RecordingSubscriber<T> implements Flow.Subscriber<T> {
    /** Elements, and at the end "complete" or the failure. */
    final List<Object> signals = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Consumer<RecordingSubscriber<T>> onEachSignal;
    Flow.Subscription subscription;
    private volatile boolean inside;

    /** Requests nothing by itself. */
    RecordingSubscriber() {
        this(subscriber -> {});
    }

    /** Does something inside {@code onSubscribe} and each {@code onNext}. */
    RecordingSubscriber(Consumer<RecordingSubscriber<T>> onEachSignal) {
        this.onEachSignal = onEachSignal;
    }

    void request(long n) {
        subscription.request(n);
    }

    RecordingSubscriber<T> awaitEnd() throws InterruptedException {
        if (!ended.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("no end: " + signals);
        }
        return this;
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        enter();
        subscription = given;
        onEachSignal.accept(this);
        leave();
    }

    @Override
    public void onNext(T element) {
        enter();
        signals.add(element);
        onEachSignal.accept(this);
        leave();
    }

    @Override
    public void onError(Throwable failure) {
        end(failure);
    }

    @Override
    public void onComplete() {
        end("complete");
    }

    private void end(Object signal) {
        enter();
        signals.add(signal);
        ended.countDown();
        leave();
    }

    private void enter() {
        if (inside) {
            throw new AssertionError("a signal inside another one: " + signals);
        }
        if (hasEnded()) {
            throw new AssertionError("a signal after the end: " + signals);
        }
        inside = true;
    }

    private void leave() {
        inside = false;
    }
}
