package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import io.valuetask.testing.BackgroundCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A lock that a carried thread and the loop itself both want, such as one inside a {@code ConcurrentHashMap}, a logger or an
 * allocator of buffers. Whoever gives it up wakes the one that has waited for longest. That may be the carried thread, which
 * cannot run while its loop waits behind it.
 */
@Timeout(60)
class LoopLockTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final ReentrantLock lock = new ReentrantLock();

    @BeforeEach
    void requireCarriers() {
        assumeTrue(EventLoopVirtualThreads.isSupported());
    }

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void lock_thatACarriedThreadIsNextToGet_doesNotStopTheLoopBehindIt() throws Throwable {
        lock.lock(); // a third one, which is neither
        BackgroundCall<Void> carried;
        try {
            carried = BackgroundCall.<Void>start(loop, this::lockAndUnlock).awaitParked();
            loop.execute(this::lockAndUnlock);
            while (lock.getQueueLength() < 2) {
                Thread.onSpinWait();
            }
        } finally {
            lock.unlock();
        }

        assertThat(loop.submit(() -> {}).await(5, TimeUnit.SECONDS)).as("the loop goes on").isTrue();
        carried.result();
    }

    /** The same with a monitor. Nobody tells how many wait for one: the loop's thread shows that it does. */
    @Test
    void monitor_thatACarriedThreadIsNextToGet_doesNotStopTheLoopBehindIt() throws Throwable {
        Object monitor = new Object();
        Thread loopThread = loop.submit(Thread::currentThread).get();
        Runnable enter = () -> {
            synchronized (monitor) {
                lockAndUnlock();
            }
        };
        BackgroundCall<Object> carried;
        synchronized (monitor) {
            carried = BackgroundCall.start(loop, Executors.callable(enter));
            awaitBlocked(carried.thread());
            loop.execute(enter);
            awaitBlocked(loopThread);
        }

        assertThat(loop.submit(() -> {}).await(5, TimeUnit.SECONDS)).as("the loop goes on").isTrue();
        carried.result();
    }

    /** Waits for a lock in its static initializer, where it keeps its carrier. */
    private static final class Pinned {
        static final ReentrantLock LOCK = new ReentrantLock();

        private Pinned() {}

        private static final class Initializer {
            static {
                LOCK.lock();
                LOCK.unlock();
            }

            private Initializer() {}

            static void initialize() {}
        }
    }

    /** As on the common scheduler: a body that cannot be unmounted waits behind one that has a place in the loop's queue. */
    @Test
    void lock_thatACarriedThreadIsNextToGet_doesNotStopAnotherThatIsPinnedBehindIt() throws Throwable {
        Pinned.LOCK.lock();
        BackgroundCall<Void> next;
        BackgroundCall<Void> pinned;
        try {
            next = BackgroundCall.<Void>start(loop, () -> {
                Pinned.LOCK.lock();
                Pinned.LOCK.unlock();
                return null;
            }).awaitParked();
            pinned = BackgroundCall.start(loop, () -> {
                Pinned.Initializer.initialize();
                return null;
            });
            while (Pinned.LOCK.getQueueLength() < 2) {
                Thread.onSpinWait();
            }
        } finally {
            Pinned.LOCK.unlock();
        }

        next.result();
        pinned.result();
    }

    /** The loop makes it ready, and waits behind it before it runs anybody. */
    @Test
    void fairLock_thatAThreadWhichABodyHasStartedIsNextToGet_doesNotStopTheLoopBehindIt() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            ReentrantLock fair = new ReentrantLock(true);
            CompletableFuture<Thread> started = new CompletableFuture<>();
            Thread body = carrying.start(() -> {
                LockSupport.park();
                started.complete(Thread.ofVirtual().start(() -> {
                    fair.lock();
                    fair.unlock();
                }));
            });
            CarryingLoop.awaitParked(body);
            carrying.run(() -> {
                fair.lock();
                LockSupport.unpark(body);
            });
            CarryingLoop.awaitParked(started.get(5, TimeUnit.SECONDS));

            carrying.run(() -> {
                fair.unlock();
                fair.lock();
                fair.unlock();
            });

            CarryingLoop.join(body, started.get());
        }
    }

    /** Starts a thread in its static initializer, where it keeps its carrier, and waits for its end. */
    private static final class Joining {
        static final AtomicBoolean JOINED = new AtomicBoolean();

        private Joining() {}

        /** A class, since a lambda of the initializer's waits for that. */
        private static final class Task implements Runnable {
            @Override
            public void run() {
                LockSupport.parkNanos(1);
            }
        }

        private static final class Initializer {
            static {
                try {
                    JOINED.set(Thread.ofVirtual().start(new Task()).join(CarryingLoop.LIMIT));
                } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                }
            }

            private Initializer() {}

            static void initialize() {}
        }
    }

    @Test
    void threadThatABodyHasStarted_whileTheBodyIsPinnedAndWaitsForIt_goesOn() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            CarryingLoop.join(carrying.start(Joining.Initializer::initialize));

            assertThat(Joining.JOINED).isTrue();
        }
    }

    @Test
    void bodyThatAHandlerHasStarted_whileThatWaitsForItAndTheLoopHasNotRunAnyBefore_goesOn()
            throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            carrying.run(() -> CarryingLoop.join(carrying.start(() -> {})));
        }
    }

    @Test
    void bodyThatIsPosted_whileAHandlerWaitsForItAndTheLoopHasNotRunAnyBefore_goesOn() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            CountDownLatch waits = new CountDownLatch(1);
            CountDownLatch ran = new CountDownLatch(1);
            Future<?> handler = carrying.loop.submit(() -> {
                waits.countDown();
                CarryingLoop.await(ran);
                return null;
            });
            CarryingLoop.await(waits);

            Thread body = carrying.start(ran::countDown);

            CarryingLoop.join(body);
            handler.get(5, TimeUnit.SECONDS);
        }
    }

    private static void awaitBlocked(Thread thread) {
        while (thread.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
    }

    private Void lockAndUnlock() {
        lock.lock();
        lock.unlock();
        return null;
    }
}
