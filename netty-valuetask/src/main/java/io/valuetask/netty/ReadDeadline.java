package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Ends a read that has waited for long enough. One per channel with one timer, which is set anew only when it fires: a
 * timeout of 30 seconds costs a timer every 30 seconds, however many reads there are.
 */
final class ReadDeadline extends HomingTask {
    /** Half of the range, so that a deadline made of it does not overflow. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    /*
     * The reader sets the deadline of a read that waits, and then asks whether a timer fires in time to look at it; the
     * executor takes the timer back, and then looks for a read that waits. All of it is volatile, so one of the two sees
     * the other:
     *
     *   reader: deadline, operation; then timer     executor: timer = null; then operation, deadline
     *
     *   no timer -> timer     // executor: a read waits, and there is time left
     *   timer -> no timer     // executor, as it fires, or a reader comes whose time is up earlier
     *
     * The executor reads the operation first, and asks last whether that one waits. So a deadline that belongs to a later
     * read ends nothing.
     *
     * The executor may change, when the channel is registered with another event loop. A timer that fires on the old one
     * goes on to the new one. A timer that ends with the old one is cancelled by it, and nobody trusts it; the read that
     * does already is looked for by the new executor, see ReadSource.registered().
     *
     * An executor without timers has those of the event loop, which go on to it likewise.
     *
     * See ReadDeadlineStress and StaleDeadlineStress, and their broken twins.
     */
    private final ReadPump pump;
    private final ReadSource<?> reads;

    // Written by the reader while its read waits: one at a time. Volatile: read by the executor.
    private volatile long operation = -1;
    private volatile long deadlineNanos;
    private volatile long timeoutNanos;

    // Written by the executor, the time first. Volatile: read by the reader.
    private volatile @Nullable Future<?> timer;
    private volatile long firesAtNanos;

    ReadDeadline(ReadPump pump, ReadSource<?> reads) {
        this.pump = pump;
        this.reads = reads;
    }

    static long toNanos(Duration timeout) {
        return timeout.compareTo(LONGEST) < 0 ? timeout.toNanos() : LONGEST.toNanos();
    }

    /** The read waits. Reader only. */
    void set(long token, long timeout) {
        long due = now() + timeout;
        timeoutNanos = timeout;
        deadlineNanos = due;
        operation = token;
        Future<?> set = timer;
        if (set != null && !set.isCancelled() && firesAtNanos - due <= 0) {
            return;
        }
        enter();
    }

    @Override
    EventExecutor executor() {
        return pump.executor();
    }

    /** The timer has fired, or must fire earlier than it would. */
    @Override
    void runAtHome() {
        unset(timer);
        long waiting = operation;
        long due = deadlineNanos;
        long timeout = timeoutNanos;
        if (!reads.isPending(waiting)) {
            return; // what was read belongs to a read that is over; the next one asks again
        }
        long remaining = due - now();
        if (remaining <= 0) {
            reads.timeOut(waiting, timeout);
            return;
        }
        firesAtNanos = due;
        try {
            timer = pump.schedule(this, remaining);
        } catch (RejectedExecutionException shutDown) {
            // The channel is closed with its loop, and so is the read.
        }
    }

    private void unset(@Nullable Future<?> set) {
        timer = null;
        if (set != null) {
            try {
                set.cancel(false);
            } catch (Throwable thrown) {
                FullQueue.rejection(thrown);
                // It was another executor's, which has ended, and so has the timer.
            }
        }
    }

    /** As the executor counts it. */
    private long now() {
        return executor().ticker().nanoTime();
    }
}
