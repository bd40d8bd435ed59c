package io.valuetask;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a thread, virtual or platform, waits for an operation: it registers itself as the waiter and parks. The
 * continuation is one shared constant and its state is the thread, so a wait allocates nothing.
 */
final class Waiting {
    private Waiting() {}

    static <T extends @Nullable Object> T await(ValueTaskSource<T> source, long token)
            throws IOException, InterruptedException {
        if (registered(source, token)) {
            boolean interrupted = false;
            while (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
                LockSupport.park(source);
                if (Thread.interrupted()) {
                    interrupted = true;
                    if (source.cancel(token)) {
                        drop(source, token);
                        throw new InterruptedException();
                    }
                }
            }
            restore(interrupted);
        }
        return source.getResult(token);
    }

    static <T extends @Nullable Object> T await(ValueTaskSource<T> source, long token, long timeoutNanos)
            throws IOException, InterruptedException, TimeoutException {
        if (registered(source, token)) {
            long deadline = System.nanoTime() + timeoutNanos;
            boolean interrupted = false;
            boolean cancelable = true;
            while (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
                long remaining = deadline - System.nanoTime();
                if (remaining > 0) {
                    LockSupport.parkNanos(source, remaining);
                } else if (cancelable) {
                    if (source.cancel(token)) {
                        drop(source, token);
                        restore(interrupted);
                        throw new TimeoutException(
                                "the operation was cancelled, since it did not complete within "
                                        + timeoutNanos + " ns");
                    }
                    // Either the outcome is on its way or this source cannot cancel: wait for it, lose nothing.
                    cancelable = false;
                } else {
                    LockSupport.park(source);
                }
                if (Thread.interrupted()) {
                    interrupted = true;
                    if (source.cancel(token)) {
                        drop(source, token);
                        throw new InterruptedException();
                    }
                }
            }
            restore(interrupted);
        }
        return source.getResult(token);
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

    /** Frees a source whose operation this thread has cancelled. */
    private static void drop(ValueTaskSource<?> source, long token) throws IOException {
        while (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
            LockSupport.park(source); // asked to cancel, and about to say so
        }
        try {
            source.getResult(token);
        } catch (java.util.concurrent.CancellationException expected) {
            // It says what this thread asked for.
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
