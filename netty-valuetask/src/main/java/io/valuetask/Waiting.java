package io.valuetask;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a thread, virtual or platform, waits for an operation: it registers itself as the waiter and parks. The
 * continuation is one shared constant and its state is the thread, so a wait allocates nothing.
 */
final class Waiting {
    /** Half of the range, so that a deadline made of it does not overflow. */
    static final long FOREVER_NANOS = Long.MAX_VALUE / 2;

    private Waiting() {}

    static <T extends @Nullable Object> T await(ValueTaskSource<T> source, long token)
            throws IOException, InterruptedException {
        untilCompleted(source, token);
        return source.getResult(token);
    }

    static int awaitAsInt(IntValueTaskSource source, long token) throws IOException, InterruptedException {
        untilCompleted(source, token);
        return source.getResultAsInt(token);
    }

    private static void untilCompleted(ValueTaskSource<?> source, long token)
            throws IOException, InterruptedException {
        try {
            untilCompleted(source, token, FOREVER_NANOS, CancellationToken.NONE);
        } catch (TimeoutException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * Returns when the outcome can be taken. An interruption, the end of the time, or a cancellation token that
     * fires cancels the operation; what cannot be cancelled any more is waited for, since to leave it would lose
     * its result.
     */
    static void untilCompleted(ValueTaskSource<?> source, long token, long timeoutNanos,
            CancellationToken cancellation) throws IOException, InterruptedException, TimeoutException {
        if (!registered(source, token)) {
            return;
        }
        CancellationRegistration registration = canceledBy(cancellation, source, token);
        boolean bounded = timeoutNanos < FOREVER_NANOS;
        long deadline = bounded ? System.nanoTime() + timeoutNanos : 0;
        boolean interrupted = false;
        try {
            while (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
                Trampoline.handOverWaiting(); // perhaps it is what completes this operation
                long remaining = bounded ? deadline - System.nanoTime() : FOREVER_NANOS;
                if (!bounded) {
                    LockSupport.park(source);
                } else if (remaining > 0) {
                    LockSupport.parkNanos(source, remaining);
                } else if (cancel(source, token)) {
                    drop(source, token);
                    throw timedOut(timeoutNanos);
                } else {
                    bounded = false; // the outcome is on its way, or this source cannot cancel
                }
                if (Thread.interrupted()) {
                    interrupted = true;
                    if (cancel(source, token)) {
                        drop(source, token);
                        interrupted = false;
                        throw new InterruptedException();
                    }
                }
            }
        } finally {
            if (registration != null) {
                registration.close();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Has the operation cancelled when the token fires, by the thread that fires it; this one is resumed like by
     * any other completion. Only for the waiter: another party's token must not cancel what is not its own.
     */
    private static @Nullable CancellationRegistration canceledBy(CancellationToken cancellation,
            ValueTaskSource<?> source, long token) {
        if (!cancellation.canBeCanceled()) {
            return null;
        }
        CancellationRegistration registration = new CancellationRegistration(source);
        if (!registration.register(cancellation, token)) {
            registration.fire(token);
        }
        return registration;
    }

    /**
     * Becomes the waiter, also of an operation that is complete: a second party that comes then is refused, and cannot
     * take what the first is about to take.
     */
    private static boolean registered(ValueTaskSource<?> source, long token) {
        if (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
            CallerContexts.INSTANCE.checkMayBlock();
        }
        return source.onCompleted(SourceCore.UNPARK, Thread.currentThread(), token,
                ValueTaskSourceOnCompletedFlags.NONE);
    }

    /** A source that throws has not said that it did it. Who waits goes on: there is an outcome now, or there will be. */
    private static boolean cancel(ValueTaskSource<?> source, long token) {
        try {
            return source.cancel(token);
        } catch (Throwable failure) {
            Failures.report(failure);
            return false;
        }
    }

    static TimeoutException timedOut(long timeoutNanos) {
        return new TimeoutException("the operation was cancelled, since it did not complete within "
                + timeoutNanos + " ns");
    }

    /** Frees a source whose operation this thread has cancelled. */
    private static void drop(ValueTaskSource<?> source, long token) throws IOException {
        boolean interrupted = false;
        try {
            while (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
                Trampoline.handOverWaiting();
                LockSupport.park(source); // asked to cancel, and about to say so
                interrupted |= Thread.interrupted(); // a thread whose flag is set does not park
            }
            source.getResult(token);
        } catch (CancellationException expected) {
            // It says what this thread asked for.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
