package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.lookup;

/**
 * The subscription of a subscriber whose requests and whose cancellation come from several threads, perhaps before there
 * is a subscription. It is called by one thread at a time (2.7 of Reactive Streams), which passes on what the others
 * have asked for meanwhile.
 */
final class Upstream implements Flow.Subscription {
    private static final VarHandle SUBSCRIPTION = ConstantBootstraps.fieldVarHandle(lookup(), "subscription",
            VarHandle.class, Upstream.class, Flow.Subscription.class);
    private static final VarHandle DEMAND = ConstantBootstraps.fieldVarHandle(lookup(), "demand",
            VarHandle.class, Upstream.class, long.class);
    private static final VarHandle CALLS = ConstantBootstraps.fieldVarHandle(lookup(), "calls",
            VarHandle.class, Upstream.class, int.class);

    /** What a subscription has thrown, which it must not (3.15, 3.16): nothing may come of it any more. */
    private final Consumer<Throwable> whenItThrows;

    /**
     * By CAS from null; any thread. When it is over, one that does nothing: whoever keeps the elements is not to keep the
     * publisher.
     */
    private volatile Flow.@Nullable Subscription subscription;

    /** What was requested and not passed on; by getAndAdd, any thread. */
    @SuppressWarnings({"unused", "FieldMayBeFinal"})
    private volatile long demand;

    /** Written by any thread, once. */
    private volatile boolean canceled;

    /** By getAndAdd, any thread. Whoever raises it from 0 passes on, until all that came meanwhile is passed on, too. */
    @SuppressWarnings({"unused", "FieldMayBeFinal"})
    private volatile int calls;

    Upstream(Consumer<Throwable> whenItThrows) {
        this.whenItThrows = whenItThrows;
    }

    /** False if there is a subscription already; the given one is cancelled then (2.5). */
    boolean begin(Flow.Subscription given) {
        if (!SUBSCRIPTION.compareAndSet(this, null, given)) {
            given.cancel();
            return false;
        }
        passOn();
        return true;
    }

    @Override
    public void request(long n) {
        DEMAND.getAndAdd(this, n);
        passOn();
    }

    @Override
    public void cancel() {
        canceled = true;
        passOn();
    }

    /** The publisher has ended it. What another thread passes on now comes late, and does nothing (3.6, 3.7). */
    void end() {
        subscription = AsyncIteratorPublisher.NONE;
    }

    private void passOn() {
        if ((int) CALLS.getAndAdd(this, 1) != 0) {
            return;
        }
        int passedOn = 1;
        do {
            Flow.Subscription to = subscription;
            if (to != null) {
                passOn(to);
            }
            passedOn = (int) CALLS.getAndAdd(this, -passedOn) - passedOn;
        } while (passedOn != 0);
    }

    private void passOn(Flow.Subscription to) {
        try {
            if (canceled) {
                subscription = AsyncIteratorPublisher.NONE;
                to.cancel();
                return;
            }
            long n = (long) DEMAND.getAndSet(this, 0L);
            if (n > 0) {
                to.request(n);
            }
        } catch (Throwable thrown) {
            whenItThrows.accept(thrown);
        }
    }
}
