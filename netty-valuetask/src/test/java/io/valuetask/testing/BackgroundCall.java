package io.valuetask.testing;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.valuetask.schedule.BodyScheduling;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * A call on a thread of its own whose progress a test can follow: wait until it is parked, interrupt it, take its
 * outcome. Every wait is bounded, and none is a sleep in the hope that something has happened meanwhile.
 *
 * @param <T> the type of the result
 */
public final class BackgroundCall<T> {
    /** The kinds of threads that can wait; a parameter of tests. */
    public enum Kind {
        PLATFORM,
        /** One of the common scheduler. */
        VIRTUAL,
        /** A virtual one that an event loop carries, and no channel's. Where none can, one of the common scheduler. */
        CARRIED
    }

    /** Carries the threads of tests that bring no loop of their own; a daemon that lives as long as the JVM. */
    private static final class AnyLoop {
        static final EventLoop LOOP = new MultiThreadIoEventLoopGroup(1,
                new DefaultThreadFactory("carrying-loop", true), LocalIoHandler.newFactory()).next();
    }

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Thread thread;
    private T result;
    private Throwable failure;

    private BackgroundCall(Callable<T> call, Function<Runnable, Thread> threads) {
        thread = threads.apply(() -> {
            try {
                result = call.call();
            } catch (Throwable thrown) {
                failure = thrown;
            }
        });
        thread.start();
    }

    /** Starts the call. */
    public static <T> BackgroundCall<T> start(Kind kind, Callable<T> call) {
        return switch (kind) {
            case PLATFORM -> new BackgroundCall<>(call,
                    Thread.ofPlatform().name("background-call").daemon()::unstarted);
            case VIRTUAL -> new BackgroundCall<>(call,
                    body -> EventLoopVirtualThreads.create(BodyScheduling.COMMON, AnyLoop.LOOP,
                            "background-call", body));
            case CARRIED -> start(AnyLoop.LOOP, call);
        };
    }

    /** Starts the call on a virtual thread that this loop carries. Where none can, on one of the common scheduler. */
    public static <T> BackgroundCall<T> start(EventLoop carrier, Callable<T> call) {
        BodyScheduling scheduling = EventLoopVirtualThreads.isSupported()
                ? BodyScheduling.EVENT_LOOP
                : BodyScheduling.COMMON;
        return new BackgroundCall<>(call,
                body -> EventLoopVirtualThreads.create(scheduling, carrier, "background-call", body));
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
