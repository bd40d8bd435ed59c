package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import io.valuetask.testing.Reachability;
import java.lang.ref.WeakReference;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** H40: nothing keeps a body that is over, nor a loop that has ended. */
@Timeout(60)
class CarrierRetentionTest {
    /** What a body refers to. */
    private record Session(byte[] state) {}

    private static WeakReference<Session> serve(CarryingLoop carrying) throws InterruptedException {
        Session session = new Session(new byte[1]);
        CarryingLoop.join(carrying.start(() -> {
            for (int i = 0; i < 3; i++) {
                LockSupport.parkNanos(1);
                Thread.yield();
                carrying.carrier.post(() -> assertThat(session.state()).hasSize(1));
            }
        }));
        return new WeakReference<>(session);
    }

    @Test
    void body_whenItIsOver_isLetGoByItsLoop() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            Thread neighbour = carrying.start(LockSupport::park);
            CarryingLoop.awaitParked(neighbour);
            WeakReference<Session> served = serve(carrying);
            Reachability.awaitUnreachable(served, "the carrier");
            LockSupport.unpark(neighbour);
            CarryingLoop.join(neighbour);
        }
    }

    private static WeakReference<Session> serveAndLeave(CarryingLoop carrying, AtomicReference<Thread> left)
            throws InterruptedException {
        Session session = new Session(new byte[1]);
        CarryingLoop.join(carrying.start(() -> {
            left.set(Thread.startVirtualThread(LockSupport::park));
            assertThat(session.state()).hasSize(1);
        }));
        return new WeakReference<>(session);
    }

    /** The JDK has it that this thread's scheduler is that of the one that has started it. */
    @Test
    void body_whenItIsOver_isLetGoByAThreadThatItHasStarted() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            AtomicReference<Thread> left = new AtomicReference<>();
            WeakReference<Session> served = serveAndLeave(carrying, left);
            Reachability.awaitUnreachable(served, "a thread that outlives it");
            LockSupport.unpark(left.get());
            CarryingLoop.join(left.get());
        }
    }

    private static WeakReference<Session> serveInAThreadOfItsOwn(CarryingLoop carrying,
            CarryingLoop.Body then)
            throws Throwable {
        Session session = new Session(new byte[1]);
        AtomicReference<Thread> started = new AtomicReference<>();
        Thread body = carrying.start(() -> {
            started.set(Thread.startVirtualThread(() -> {
                Thread.yield();
                LockSupport.park();
                assertThat(session.state()).hasSize(1);
            }));
            LockSupport.park();
        });
        CarryingLoop.awaitParked(body);
        CarryingLoop.awaitParked(started.get());
        carrying.run(() -> {
            LockSupport.unpark(started.get());
            then.run();
        });
        CarryingLoop.join(started.get());
        LockSupport.unpark(body);
        CarryingLoop.join(body);
        return new WeakReference<>(session);
    }

    @Test
    void threadStartedByABody_whenItIsOver_isLetGoByTheLoop() throws Throwable {
        try (CarryingLoop carrying = new CarryingLoop()) {
            Reachability.awaitUnreachable(serveInAThreadOfItsOwn(carrying, () -> {}), "the carrier");
        }
    }

    /** It stands in the loop's queue still when it has ended elsewhere. */
    @Test
    void threadStartedByABody_whenItIsOverWhileTheLoopWaits_isLetGoByTheLoop() throws Throwable {
        try (CarryingLoop carrying = new CarryingLoop()) {
            // longer than it takes the watchdog to look twice
            WeakReference<Session> served = serveInAThreadOfItsOwn(carrying, () -> Thread.sleep(500));
            Reachability.awaitUnreachable(served, "the carrier");
        }
    }

    private static WeakReference<EventLoop> ended() throws InterruptedException {
        CarryingLoop carrying = new CarryingLoop();
        Thread parked = carrying.start(LockSupport::park);
        CarryingLoop.awaitParked(parked);
        CountDownLatch told = new CountDownLatch(1);
        carrying.loop.terminationFuture().addListener(terminated -> told.countDown());
        carrying.close();
        CarryingLoop.join(parked);
        CarryingLoop.await(told);
        return new WeakReference<>(carrying.loop);
    }

    @Test
    void loop_whenItHasEnded_isLetGoByAllThatKnewIt() throws Exception {
        Reachability.awaitUnreachable(ended(), "the table of carriers, or the watchdog");
    }
}
