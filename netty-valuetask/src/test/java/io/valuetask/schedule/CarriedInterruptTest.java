package io.valuetask.schedule;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** An interrupt hits the body that it is meant for, once, and neither the loop nor another body. */
@Timeout(60)
class CarriedInterruptTest {
    private final CarryingLoop carrying = new CarryingLoop();

    @AfterEach
    void close() throws Exception {
        carrying.run(() -> assertThat(Thread.currentThread().isInterrupted()).as("the loop").isFalse());
        carrying.close();
    }

    @Test
    void interrupt_ofAParkedBody_endsItsWait() throws Exception {
        Thread sleeping = carrying.start(() -> {
            assertThatThrownBy(() -> Thread.sleep(CarryingLoop.LIMIT.multipliedBy(10)))
                    .isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        });
        Thread waiting = carrying.start(() -> {
            assertThatThrownBy(() -> new CountDownLatch(1).await()).isInstanceOf(InterruptedException.class);
            Thread.sleep(1);
        });
        Thread parked = carrying.start(() -> {
            LockSupport.park();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(Thread.interrupted()).isFalse();
        });
        for (Thread body : new Thread[]{sleeping, waiting, parked}) {
            CarryingLoop.awaitParked(body);
            body.interrupt();
        }
        CarryingLoop.join(sleeping, waiting, parked);
    }

    @Test
    void interrupt_ofABodyThatIsQueued_isThereWhenItRuns() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean other = new AtomicBoolean();
        carrying.run(() -> {
            Thread queued = carrying.start(() -> interrupted.set(Thread.interrupted()));
            CarryingLoop.Body bystander = () -> other.set(Thread.interrupted());
            carrying.start(bystander);
            queued.interrupt();
        });
        carrying.settle();
        assertThat(interrupted).isTrue();
        assertThat(other).isFalse();
    }

    @Test
    void interrupt_ofABodyThatRuns_isSeenByItAlone() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        AtomicInteger misled = new AtomicInteger();
        Thread body = carrying.start(() -> {
            running.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            Thread next = carrying.start(() -> {
                if (Thread.interrupted()) {
                    misled.incrementAndGet();
                }
            });
            Thread.yield();
            assertThat(Thread.interrupted()).isTrue();
            next.join();
        });
        CarryingLoop.await(running);
        body.interrupt();

        CarryingLoop.join(body);
        assertThat(misled).hasValue(0);
    }

    @Test
    void interrupt_ofItself_staysOverAYield() throws Exception {
        CarryingLoop.join(carrying.start(() -> {
            Thread.currentThread().interrupt();
            Thread.yield();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(Thread.interrupted()).isFalse();
        }));
    }

    /** As Netty does to a loop that it wants to stop. */
    @Test
    void interrupt_ofTheLoop_isNoBodys() throws Exception {
        Thread loopThread = carrying.thread();
        Thread body = carrying.start(() -> {
            for (int i = 0; i < 1_000; i++) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                Thread.yield();
            }
        });
        for (int i = 0; i < 100 && body.isAlive(); i++) {
            loopThread.interrupt();
            carrying.settle();
        }
        CarryingLoop.join(body);
        carrying.run(Thread::interrupted);
    }
}
