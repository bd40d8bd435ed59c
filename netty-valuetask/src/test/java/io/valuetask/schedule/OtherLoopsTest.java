package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Executors that cannot carry, and event loops of somebody else's making: bodies run all the same. */
@Timeout(60)
class OtherLoopsTest {
    private static void parkAndGoOn() {
        LockSupport.parkNanos(1);
        Thread.yield();
    }

    @Test
    void executor_whichIsNoEventLoop_fallsBack() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        assertThat(EventLoopCarrier.of(executor)).isNull();

        ThreadFactory threads = EventLoopVirtualThreads.factory(executor, "body-");
        Thread first = threads.newThread(OtherLoopsTest::parkAndGoOn);
        Thread second = threads.newThread(OtherLoopsTest::parkAndGoOn);
        first.start();
        second.start();
        CarryingLoop.join(first, second);
        assertThat(List.of(first.getName(), second.getName())).containsExactly("body-0", "body-1");
        assertThatThrownBy(
                () -> EventLoopVirtualThreads.create(BodyScheduling.EVENT_LOOP, executor, "body", () -> {}))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining(executor.toString());
        executor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Test
    void embeddedChannel_whoseLoopTakesAllThreadsForItsOwn_fallsBack() throws Exception {
        EmbeddedChannel channel = new EmbeddedChannel();
        assertThat(EventLoopCarrier.of(channel.eventLoop())).isNull();
        Thread body = EventLoopVirtualThreads.factory(channel.eventLoop(), "body-")
                .newThread(OtherLoopsTest::parkAndGoOn);
        body.start();
        CarryingLoop.join(body);
        channel.finishAndReleaseAll();
    }

    @Test
    void globalExecutor_fallsBack() throws Exception {
        Thread body = EventLoopVirtualThreads.factory(GlobalEventExecutor.INSTANCE, "body-")
                .newThread(OtherLoopsTest::parkAndGoOn);
        body.start();
        CarryingLoop.join(body);
    }

    /** A virtual thread cannot be mounted on another one: the loop passes its bodies on. */
    @Test
    void loop_whichIsAVirtualThread_passesItsBodiesOn() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, Thread.ofVirtual().factory(),
                NioIoHandler.newFactory());
        EventLoop loop = group.next();
        EventLoopCarrier carrier = EventLoopCarrier.of(loop);
        List<Boolean> carried = new CopyOnWriteArrayList<>();
        Thread outside = EventLoopVirtualThreads.factory(loop, "outside-").newThread(() -> {
            for (int i = 0; i < 100; i++) {
                parkAndGoOn();
            }
            carried.add(carrier != null && carrier.isCarrying());
            Thread child = Thread.startVirtualThread(OtherLoopsTest::parkAndGoOn);
            try {
                child.join();
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
        });
        Thread parked = EventLoopVirtualThreads.factory(loop, "parked-").newThread(LockSupport::park);
        outside.start();
        loop.submit(parked::start).get(20, TimeUnit.SECONDS);
        CarryingLoop.join(outside);
        assertThat(carried).containsExactly(false);

        CarryingLoop.awaitParked(parked);
        assertThat(group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(20_000)).isTrue();
        LockSupport.unpark(parked);
        CarryingLoop.join(parked);
    }

    @Test
    void loop_ofAnUnknownClass_carries() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            EventLoop foreign = ForeignLoop.around(carrying.loop);
            EventLoopCarrier carrier = EventLoopCarrier.of(foreign);
            AtomicReference<Thread> first = new AtomicReference<>();
            AtomicReference<Thread> afterPark = new AtomicReference<>();
            Thread body = EventLoopVirtualThreads.create(BodyScheduling.EVENT_LOOP, foreign, "foreign",
                    carrying.noting(() -> {
                        first.set(LoomAccess.currentCarrier());
                        parkAndGoOn();
                        assertThat(carrier.isCarrying()).isTrue();
                        assertThat(carrying.carrier.isCarrying()).as("the carrier of the loop inside")
                                .isFalse();
                        afterPark.set(LoomAccess.currentCarrier());
                        LockSupport.park();
                        assertThat(Thread.interrupted()).isTrue();
                    }));
            body.start();
            Thread neighbour = carrying.start(() -> {
                parkAndGoOn();
                assertThat(carrier.isCarrying()).isFalse();
            });
            CarryingLoop.join(neighbour);
            CarryingLoop.awaitParked(body);
            assertThat(first.get()).isSameAs(carrying.thread());
            assertThat(afterPark.get()).isSameAs(carrying.thread());
            carrying.end(0);
            CarryingLoop.join(body);
        }
    }

    /** A loop without channels can be suspended, and goes on with another thread when it gets a task. */
    @Test
    void loop_whichIsSuspended_goesOnWithAnotherThread() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            List<Thread> carriers = new CopyOnWriteArrayList<>();
            Thread body = carrying.start(() -> {
                for (int i = 0; i < 20; i++) {
                    carriers.add(LoomAccess.currentCarrier());
                    LockSupport.park();
                    Thread.yield();
                }
            });
            for (int i = 0; i < 20; i++) {
                CarryingLoop.awaitParked(body);
                Thread before = carrying.thread();
                carrying.run(() -> assertThat(
                        ((io.netty.util.concurrent.SingleThreadEventExecutor) carrying.loop).trySuspend())
                        .isTrue());
                CarryingLoop.join(before);
                LockSupport.unpark(body);
            }
            CarryingLoop.join(body);
            assertThat(carriers).hasSize(20).doesNotHaveDuplicates();
        }
    }

    /** The first question about a loop can come from whoever is told that it has ended. */
    @Test
    void of_whenTheLoopHasEnded_isForgottenAtOnce() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        carrying.end(0);
        AtomicReference<EventLoopCarrier> first = new AtomicReference<>();
        AtomicReference<EventLoopCarrier> second = new AtomicReference<>();
        GlobalEventExecutor.INSTANCE.submit(() -> {
            EventLoop foreign = ForeignLoop.around(carrying.loop);
            first.set(EventLoopCarrier.of(foreign));
            second.set(EventLoopCarrier.of(foreign));
        }).get(20, TimeUnit.SECONDS);
        assertThat(second.get()).isNotNull().isNotSameAs(first.get());
    }
}
