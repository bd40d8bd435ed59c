package io.valuetask.testing;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Catches what a thread reports to its uncaught exception handler, until closed. For continuations that throw: the
 * library reports their failures there.
 */
public final class UncaughtFailures implements AutoCloseable {
    private final Thread thread;
    private final UncaughtExceptionHandler before;
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    private UncaughtFailures(Thread thread) {
        this.thread = thread;
        before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((reporter, failure) -> failures.add(failure));
    }

    /** Catches what the calling thread reports. */
    public static UncaughtFailures ofCurrentThread() {
        return of(Thread.currentThread());
    }

    /** Catches what another thread reports, such as that of an event loop. */
    public static UncaughtFailures of(Thread thread) {
        return new UncaughtFailures(thread);
    }

    /** What was reported so far. */
    public List<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() {
        thread.setUncaughtExceptionHandler(before);
    }
}
