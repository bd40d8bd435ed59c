package io.valuetask.schedule;

import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** An event loop with bodies on it. Every wait has a limit, and what a body throws fails the test when this is closed. */
final class CarryingLoop implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** The kinds of event loops; a parameter of tests. */
    enum Kind {
        NIO,
        EPOLL,
        IO_URING,
        LOCAL,
        DEFAULT;

        /** Netty's older event loops are still in use. */
        @SuppressWarnings("deprecation")
        EventLoopGroup newGroup() {
            return switch (this) {
                case NIO -> new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
                case EPOLL -> {
                    assumeTrue(Epoll.isAvailable(), "epoll is not available here");
                    yield new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
                }
                case IO_URING -> {
                    assumeTrue(IoUring.isAvailable(), "io_uring is not available here");
                    yield new MultiThreadIoEventLoopGroup(1, IoUringIoHandler.newFactory());
                }
                case LOCAL -> new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
                case DEFAULT -> new DefaultEventLoopGroup(1);
            };
        }
    }

    /** What a thread does. */
    interface Body {
        void run() throws Throwable;
    }

    final EventLoopGroup group;
    final EventLoop loop;
    final EventLoopCarrier carrier;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    CarryingLoop() {
        this(Kind.NIO);
    }

    CarryingLoop(Kind kind) {
        this(kind.newGroup());
    }

    /** Uses one loop of the group and ends all of them. */
    CarryingLoop(EventLoopGroup group) {
        this.group = group;
        loop = group.next();
        carrier = requireNonNull(EventLoopCarrier.of(loop), "the loop cannot carry");
    }

    /** The platform thread that all of them run on. */
    Thread thread() throws Exception {
        return on(Thread::currentThread);
    }

    Thread body(Body body) {
        return EventLoopVirtualThreads.create(BodyScheduling.EVENT_LOOP, loop, "body", noting(body));
    }

    Thread start(Body body) {
        Thread thread = body(body);
        thread.start();
        return thread;
    }

    /** So many that have parked, and do that when they go on. */
    Thread[] parked(int count, Body then) {
        Thread[] bodies = new Thread[count];
        for (int i = 0; i < count; i++) {
            bodies[i] = start(() -> {
                LockSupport.park();
                then.run();
            });
        }
        for (Thread body : bodies) {
            awaitParked(body);
        }
        return bodies;
    }

    /** Keeps the loop twice as long as a turn may. */
    static void computeForTwoTurns() {
        compute(TimeUnit.MILLISECONDS.toNanos(2));
    }

    static void computeForAThirdOfATurn() {
        compute(TimeUnit.MICROSECONDS.toNanos(334));
    }

    private static void compute(long nanos) {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < nanos) {
            Thread.onSpinWait();
        }
    }

    /** For threads that others make. */
    Runnable noting(Body body) {
        return () -> {
            try {
                body.run();
            } catch (Throwable failure) {
                failures.add(failure);
            }
        };
    }

    /** Calls it on the loop itself. */
    <T> T on(Callable<T> call) throws Exception {
        return loop.submit(call).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    void run(Body body) throws Exception {
        on(() -> {
            try {
                body.run();
            } catch (Exception | Error failure) {
                throw failure;
            } catch (Throwable failure) {
                throw new AssertionError(failure);
            }
            return null;
        });
    }

    /** Returns when the loop has done all that was there for it. */
    void settle() throws Exception {
        run(() -> {});
        run(() -> {});
    }

    static void join(Thread... threads) throws InterruptedException {
        for (Thread thread : threads) {
            if (!thread.join(LIMIT)) {
                AssertionError stuck = new AssertionError("has not ended within " + LIMIT + ": " + thread);
                stuck.setStackTrace(thread.getStackTrace());
                throw stuck;
            }
        }
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("in time").isTrue();
    }

    /** Returns when the thread waits for something, unmounted. */
    static void awaitParked(Thread thread) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (;;) {
            Thread.State state = thread.getState();
            if (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING
                    || state == Thread.State.BLOCKED) {
                return;
            }
            if (state == Thread.State.TERMINATED || System.nanoTime() > deadline) {
                throw new AssertionError("does not wait: " + thread);
            }
            Thread.onSpinWait();
        }
    }

    /** Ends the group, which takes as long as the quiet period at least. */
    void end(long quietMillis) {
        assertThat(group.shutdownGracefully(quietMillis, LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(LIMIT.toMillis() * 2)).as("the group has ended").isTrue();
    }

    void assertNoFailures() {
        assertThat(failures).isEmpty();
    }

    @Override
    public void close() {
        end(0);
        assertNoFailures();
    }
}
