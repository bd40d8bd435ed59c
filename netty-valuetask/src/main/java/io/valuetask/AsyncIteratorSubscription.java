package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.lookup;

/** Moves an {@link AsyncIterator} as far as its subscriber has asked for. The numbers are those of Reactive Streams. */
final class AsyncIteratorSubscription<T> implements Flow.Subscription {
    /*
     * One long says how many elements are still wanted, and with it who may signal:
     *
     *   demand > 0   there is one runner: the thread in run(), or the continuation of a pending move. It alone moves the
     *                iterator and signals, so signals are serial (1.3) however request is called
     *   0            there is none
     *   < 0          over
     *
     *   1 at first                     // the runner is subscribe(), which calls onSubscribe
     *   0 -> n                         // request: the caller is the runner from here on
     *   n -> n+m                       // request: adds to what the runner does; no nesting (3.3); at most Long.MAX_VALUE (3.17)
     *   n -> n-1                       // runner, after a signal; at 0 it stops
     *   n -> DONE                      // runner: the end or the failure, which it then signals
     *   0 -> DONE                      // request(n <= 0): the caller signals the error (3.9)
     *   n -> REFUSED -> DONE           // request(n <= 0): the runner signals it
     *   any but DONE -> CANCELED       // cancel, or a subscriber that throws: nobody signals any more, see below
     *
     * Whoever ends it closes the iterator, which ends the runner's pending move.
     *
     * What the runner has taken when it is cancelled, or a request is refused, it still signals, once (2.8): the subscriber
     * has asked for it, and nobody else can have it any more. Hence the order of the two:
     *
     *   cancel: close; subscriber = null     runner: subscriber; take
     *
     * A runner that finds no subscriber finds the iterator closed, which refuses to give an element then. A hand-written one
     * that gives it all the same makes it nobody's, and it is released.
     */

    private static final VarHandle DEMAND = ConstantBootstraps.fieldVarHandle(lookup(), "demand",
            VarHandle.class,
            AsyncIteratorSubscription.class, long.class);
    private static final VarHandle REFUSAL = ConstantBootstraps.fieldVarHandle(lookup(), "refusal",
            VarHandle.class,
            AsyncIteratorSubscription.class, IllegalArgumentException.class);

    private static final long CANCELED = -1;
    private static final long REFUSED = -2;
    private static final long DONE = -3;

    private static final Consumer<AsyncIteratorSubscription<?>> RESUME = AsyncIteratorSubscription::resume;

    private final AsyncIterator<T> elements;
    private final ValueTaskAwaiter<Boolean> moving = new ValueTaskAwaiter<>(); // of the runner alone

    /** Any thread, by CAS; read with volatile semantics. */
    private volatile long demand = 1;

    /** The first request that was refused; by CAS from null, before REFUSED, and read after it. */
    @SuppressWarnings("unused")
    private volatile @Nullable IllegalArgumentException refusal;

    /** Cleared by whoever ends the subscription, so that nothing here holds on to it (3.13). Volatile, by any thread. */
    private volatile Flow.@Nullable Subscriber<? super T> subscriber;

    AsyncIteratorSubscription(AsyncIterator<T> elements, Flow.Subscriber<? super T> subscriber) {
        this.elements = elements;
        this.subscriber = subscriber;
    }

    void start() {
        Flow.Subscriber<? super T> receiver = subscriber;
        try {
            Objects.requireNonNull(receiver).onSubscribe(this);
        } catch (Throwable thrown) {
            subscriberHasThrown(thrown);
            return;
        }
        if (hasDemandAfterSignal()) {
            run();
        }
    }

    // The subscriber's side

    @Override
    public void request(long n) {
        if (n <= 0) {
            refuse(n);
            return;
        }
        for (;;) {
            long current = demand;
            if (current < 0) {
                return;
            }
            long next = current + n < 0 ? Long.MAX_VALUE : current + n;
            if (DEMAND.compareAndSet(this, current, next)) {
                if (current == 0) {
                    run();
                }
                return;
            }
        }
    }

    private void refuse(long n) {
        REFUSAL.compareAndSet(this, null,
                new IllegalArgumentException("n: " + n + " (expected: > 0, rule 3.9)"));
        for (;;) {
            long current = demand;
            if (current < 0) {
                return;
            }
            if (DEMAND.compareAndSet(this, current, current == 0 ? DONE : REFUSED)) {
                close();
                if (current == 0) {
                    signalEnd(refusal);
                }
                return;
            }
        }
    }

    @Override
    public void cancel() {
        for (;;) {
            long current = demand;
            if (current == CANCELED || current == DONE) {
                return;
            }
            if (DEMAND.compareAndSet(this, current, CANCELED)) {
                close();
                subscriber = null; // last, see above
                return;
            }
        }
    }

    // The runner

    private void run() {
        Flow.Subscriber<? super T> receiver;
        do {
            receiver = subscriber; // before the move: one that does not wait may take its element at once
            if (receiver == null) {
                return;
            }
            try {
                if (moving.onCompleted(elements.moveNext(), RESUME, this)) {
                    return;
                }
            } catch (Throwable refused) {
                end(refused);
                return;
            }
        } while (signalAnswer(receiver));
    }

    private void resume() {
        if (signalAnswer(subscriber)) { // not that of run(), which must not be held while a move waits (3.13)
            run();
        }
    }

    /** True if this runner goes on. The receiver is the subscriber of before the answer is taken; null if it is over. */
    private boolean signalAnswer(Flow.@Nullable Subscriber<? super T> receiver) {
        T element;
        try {
            if (!moving.result()) {
                end(null);
                return false;
            }
            element = Objects.requireNonNull(elements.current(), "element"); // 2.13
        } catch (Throwable failure) {
            end(failure);
            return false;
        }
        if (receiver == null) {
            Discarding.release(element);
            return false;
        }
        try {
            receiver.onNext(element);
        } catch (Throwable thrown) {
            subscriberHasThrown(thrown);
            return false;
        }
        return hasDemandAfterSignal();
    }

    private boolean hasDemandAfterSignal() {
        for (;;) {
            long current = demand;
            if (current < 0) {
                return stop();
            }
            if (DEMAND.compareAndSet(this, current, current - 1)) {
                return current > 1;
            }
        }
    }

    /** The runner stops, as it is over already. False. */
    private boolean stop() {
        if (DEMAND.compareAndSet(this, REFUSED, DONE)) {
            signalEnd(refusal);
        }
        return false;
    }

    /** The runner has come to the end, or to a failure; unless it is over already. */
    private void end(@Nullable Throwable failure) {
        for (;;) {
            long current = demand;
            if (current == CANCELED || current == DONE) {
                return;
            }
            if (DEMAND.compareAndSet(this, current, DONE)) {
                close();
                signalEnd(current == REFUSED ? refusal : failure);
                return;
            }
        }
    }

    private void signalEnd(@Nullable Throwable failure) {
        Flow.Subscriber<? super T> receiver = subscriber;
        subscriber = null;
        if (receiver == null) {
            return;
        }
        try {
            if (failure == null) {
                receiver.onComplete();
            } else {
                receiver.onError(failure);
            }
        } catch (Throwable thrown) {
            Failures.report(thrown);
        }
    }

    /** A subscriber must not throw (2.13). To it, that is the end; the iterator and the completing thread go on. */
    private void subscriberHasThrown(Throwable thrown) {
        Failures.report(thrown);
        cancel();
    }

    private void close() {
        try {
            ValueTask<@Nullable Void> closing = elements.close();
            if (!closing.isCompletedSuccessfully()) {
                closing.toCompletableFuture().whenComplete(AsyncIteratorSubscription::reportFailure);
            } else {
                closing.result();
            }
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }

    private static void reportFailure(@Nullable Void nothing, @Nullable Throwable failure) {
        if (failure != null) {
            Failures.report(failure);
        }
    }
}
