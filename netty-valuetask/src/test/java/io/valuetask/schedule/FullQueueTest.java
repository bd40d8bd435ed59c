package io.valuetask.schedule;

import io.valuetask.testing.BoundedLoops;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** A loop that takes only so many tasks rejects more of them while it lives; that is not its end. */
@Timeout(60)
class FullQueueTest {

    private final CarryingLoop carrying = new CarryingLoop(BoundedLoops.newGroup());

    @AfterEach
    void close() {
        carrying.close();
    }

    private void fill() {
        try {
            for (;;) {
                carrying.loop.execute(() -> {});
            }
        } catch (RejectedExecutionException full) {
            assertThat(carrying.loop.isShutdown()).isFalse();
        }
    }

    @Test
    void unpark_onTheLoopWhenItsQueueIsFull_isNotForgotten() throws Exception {
        Thread body = carrying.start(LockSupport::park);
        CarryingLoop.awaitParked(body);

        carrying.run(() -> {
            fill();
            LockSupport.unpark(body);
        });

        CarryingLoop.join(body);
    }

    @Test
    void unpark_elsewhereWhenTheQueueIsFull_resumesItOnItsLoop() throws Exception {
        AtomicReference<Thread> resumedOn = new AtomicReference<>();
        Thread body = carrying.start(() -> {
            LockSupport.park();
            resumedOn.set(LoomAccess.currentCarrier());
        });
        CarryingLoop.awaitParked(body);
        CountDownLatch full = new CountDownLatch(1);
        CountDownLatch unparked = new CountDownLatch(1);
        carrying.loop.execute(carrying.noting(() -> {
            fill();
            full.countDown();
            CarryingLoop.await(unparked);
        }));
        CarryingLoop.await(full);

        LockSupport.unpark(body);
        unparked.countDown();

        CarryingLoop.join(body);
        assertThat(resumedOn.get()).isSameAs(carrying.thread());
    }

    /** Netty forgets a timer that is set while it cancels those that there are. */
    @Test
    void unpark_byACancelledTimerWhenTheQueueIsFull_isNotForgotten() throws Exception {
        AtomicBoolean carried = new AtomicBoolean();
        Thread body = carrying.start(() -> {
            LockSupport.park();
            carried.set(carrying.carrier.isCarrying());
        });
        CarryingLoop.awaitParked(body);
        carrying.loop.schedule(() -> {}, 1, TimeUnit.HOURS).addListener(cancelled -> {
            fill();
            LockSupport.unpark(body);
        });

        carrying.end(1_000);

        CarryingLoop.join(body);
        assertThat(carried).as("went on before the end").isTrue();
    }
}
