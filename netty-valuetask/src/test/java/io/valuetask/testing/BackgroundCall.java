package io.valuetask.testing;

import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * A call on a thread of its own whose progress a test can follow: wait until it is parked, interrupt it, take its
 * outcome. Every wait is bounded, and none is a sleep in the hope that something has happened meanwhile.
 *
 * @param <T> the type of the result
 */
public final class BackgroundCall<T> {
    /** The two kinds of threads that can wait; a parameter of tests. */
    public enum Kind {
        PLATFORM,
        VIRTUAL
    }

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Thread thread;
    private T result;
    private Throwable failure;

    private BackgroundCall(Kind kind, Callable<T> call) {
        Runnable body = () -> {
            try {
                result = call.call();
            } catch (Throwable thrown) {
                failure = thrown;
            }
        };
        thread = kind == Kind.VIRTUAL
                ? Thread.ofVirtual().name("background-call").start(body)
                : Thread.ofPlatform().name("background-call").daemon().start(body);
    }

    /** Starts the call. */
    public static <T> BackgroundCall<T> start(Kind kind, Callable<T> call) {
        return new BackgroundCall<>(kind, call);
    }

    /** The thread that runs the call. */
    public Thread thread() {
        return thread;
    }

    /** Returns when the thread waits for something. */
    public BackgroundCall<T> awaitParked() {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (;;) {
            Thread.State state = thread.getState();
            if (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING) {
                return this;
            }
            if (state == Thread.State.TERMINATED || System.nanoTime() > deadline) {
                throw new AssertionError("the call does not wait: state=" + state, failure);
            }
            Thread.onSpinWait();
        }
    }

    /** The result, once the call has returned; throws what the call threw. */
    public T result() throws Throwable {
        join();
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    /** What the call threw, or null if it returned. */
    public Throwable failure() throws InterruptedException {
        join();
        return failure;
    }

    private void join() throws InterruptedException {
        if (!thread.join(LIMIT)) {
            AssertionError stuck = new AssertionError("the call has not returned within " + LIMIT);
            stuck.setStackTrace(thread.getStackTrace());
            throw stuck;
        }
    }
}
