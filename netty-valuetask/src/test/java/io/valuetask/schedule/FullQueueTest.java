package io.valuetask.schedule;

import io.valuetask.testing.BoundedLoops;
import io.valuetask.testing.BoundedLoops.Refusal;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A loop that takes only so many tasks refuses more of them while it lives, in whatever way; that is not its end. */
@Timeout(60)
class FullQueueTest {
    private static CarryingLoop carrying(Refusal refusal) {
        return new CarryingLoop(BoundedLoops.newGroup(refusal));
    }

    /** Holds the loop, with a full queue, till somebody lets it go on. */
    private static CountDownLatch hold(CarryingLoop carrying) throws InterruptedException {
        CountDownLatch full = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        carrying.loop.execute(carrying.noting(() -> {
            BoundedLoops.fill(carrying.loop);
            full.countDown();
            CarryingLoop.await(goOn);
        }));
        CarryingLoop.await(full);
        return goOn;
    }

    @ParameterizedTest
    @EnumSource
    void unpark_onTheLoopWhenItsQueueIsFull_isNotForgotten(Refusal refusal) throws Exception {
        try (CarryingLoop carrying = carrying(refusal)) {
            AtomicBoolean resumed = new AtomicBoolean();
            Thread body = carrying.start(() -> {
                LockSupport.park();
                resumed.set(true);
            });
            CarryingLoop.awaitParked(body);

            carrying.run(() -> {
                BoundedLoops.fill(carrying.loop);
                LockSupport.unpark(body);
                assertThat(resumed).as("resumed inside of who unparks it").isFalse();
            });

            CarryingLoop.join(body);
        }
    }

    @ParameterizedTest
    @EnumSource
    void unpark_elsewhereWhenTheQueueIsFull_resumesItOnItsLoop(Refusal refusal) throws Exception {
        try (CarryingLoop carrying = carrying(refusal)) {
            Thread loopThread = carrying.thread();
            AtomicReference<Thread> resumedOn = new AtomicReference<>();
            Thread body = carrying.start(() -> {
                LockSupport.park();
                resumedOn.set(LoomAccess.currentCarrier());
            });
            CarryingLoop.awaitParked(body);
            CountDownLatch goOn = hold(carrying);

            LockSupport.unpark(body);
            goOn.countDown();

            CarryingLoop.join(body);
            assertThat(resumedOn.get()).isSameAs(loopThread);
        }
    }

    @ParameterizedTest
    @EnumSource
    void unpark_byAVirtualThreadWhenTheQueueIsFull_resumesItOnItsLoop(Refusal refusal) throws Exception {
        try (CarryingLoop carrying = carrying(refusal)) {
            Thread loopThread = carrying.thread();
            AtomicReference<Thread> resumedOn = new AtomicReference<>();
            Thread body = carrying.start(() -> {
                LockSupport.park();
                resumedOn.set(LoomAccess.currentCarrier());
            });
            CarryingLoop.awaitParked(body);
            CountDownLatch goOn = hold(carrying);

            CarryingLoop.join(Thread.startVirtualThread(() -> LockSupport.unpark(body)));
            goOn.countDown();

            CarryingLoop.join(body);
            assertThat(resumedOn.get()).isSameAs(loopThread);
        }
    }

    @ParameterizedTest
    @EnumSource
    void start_whenTheQueueIsFull_beginsOnItsLoop(Refusal refusal) throws Exception {
        try (CarryingLoop carrying = carrying(refusal)) {
            Thread loopThread = carrying.thread();
            AtomicReference<Thread> begunOn = new AtomicReference<>();
            CountDownLatch goOn = hold(carrying);

            Thread body = carrying.start(() -> begunOn.set(LoomAccess.currentCarrier()));
            goOn.countDown();

            CarryingLoop.join(body);
            assertThat(begunOn.get()).isSameAs(loopThread);
        }
    }

    /** Netty forgets a timer that is set while it cancels those that there are. */
    @ParameterizedTest
    @EnumSource
    void unpark_byACancelledTimerWhenTheQueueIsFull_isNotForgotten(Refusal refusal) throws Exception {
        try (CarryingLoop carrying = carrying(refusal)) {
            AtomicBoolean carried = new AtomicBoolean();
            Thread body = carrying.start(() -> {
                LockSupport.park();
                carried.set(carrying.carrier.isCarrying());
            });
            CarryingLoop.awaitParked(body);
            carrying.loop.schedule(() -> {}, 1, TimeUnit.HOURS).addListener(cancelled -> {
                BoundedLoops.fill(carrying.loop);
                LockSupport.unpark(body);
            });

            carrying.end(1_000);

            CarryingLoop.join(body);
            assertThat(carried).as("went on before the end").isTrue();
        }
    }
}
