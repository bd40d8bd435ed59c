package io.valuetask;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call of {@link CancellationTokenSource#cancelAfter}: what waits at the timer, and whether it still counts. */
final class CancellationDelay implements Runnable {
    private static final Consumer<CancellationDelay> ELAPSED = CancellationDelay::elapsed;

    /** One thread for all delays, started with the first. */
    private static final class Timer {
        static final ScheduledThreadPoolExecutor SHARED = create();

        private static ScheduledThreadPoolExecutor create() {
            // Inherits nothing: it outlives whoever happens to be first, and must not keep its class loader.
            ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform()
                    .name("value-task-cancellation").daemon().inheritInheritableThreadLocals(false)
                    .factory());
            timer.setRemoveOnCancelPolicy(true); // else the queue keeps what was closed long ago
            return timer;
        }
    }

    private final CancellationTokenSource source;

    // Between start, which writes scheduled and then reads dropped, and drop, which does the opposite, one sees the
    // other. Volatile, since that takes a full fence on both sides.
    private volatile @Nullable ScheduledFuture<?> scheduled;
    private volatile boolean dropped;

    CancellationDelay(CancellationTokenSource source) {
        this.source = source;
    }

    /** How many wait at the timer; for tests. */
    static int waiting() {
        return Timer.SHARED.getQueue().size();
    }

    void start(long delayNanos) {
        ScheduledFuture<?> its = Timer.SHARED.schedule(this, delayNanos, TimeUnit.NANOSECONDS);
        scheduled = its;
        if (dropped) {
            its.cancel(false);
        }
    }

    /** Lets the timer forget it. Whether it still counts is decided by its source, under the lock. */
    void drop() {
        dropped = true;
        ScheduledFuture<?> its = scheduled;
        if (its != null) {
            its.cancel(false);
        }
    }

    /** On the timer's thread, which everybody shares: users' code runs elsewhere. */
    @Override
    public void run() {
        DispatchedContinuation.of(DispatchedContinuation.ASYNCHRONOUS, ELAPSED, this).dispatch(false);
    }

    private void elapsed() {
        source.elapsed(this);
    }
}
