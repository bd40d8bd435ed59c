package io.valuetask.schedule;

import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** H27: the end of a loop cancels the threads that it carries, loses none of them and runs none of them. */
@Timeout(120)
class CarrierShutdownTest {
    private static final int MANY = 10_000;
    private static final int FEW = 100;

    @ParameterizedTest
    @EnumSource(CarryingLoop.Kind.class)
    void end_whenTenThousandBodiesAreParked_interruptsEachOfThem(CarryingLoop.Kind kind) throws Exception {
        CarryingLoop carrying = new CarryingLoop(kind);
        Thread loopThread = carrying.thread();
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        ReentrantLock lock = new ReentrantLock();
        Condition never = lock.newCondition();
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger onTheDeadLoop = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(MANY);
        List<Thread> bodies = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            int way = i % 4;
            bodies.add(carrying.start(() -> {
                begun.countDown();
                try {
                    switch (way) {
                        case 0 -> {
                            LockSupport.park();
                            if (Thread.interrupted()) {
                                throw new InterruptedException();
                            }
                        }
                        case 1 -> Thread.sleep(CarryingLoop.LIMIT.multipliedBy(100));
                        case 2 -> queue.take();
                        default -> {
                            lock.lock();
                            try {
                                never.await();
                            } finally {
                                lock.unlock();
                            }
                        }
                    }
                } catch (InterruptedException expected) {
                    interrupted.incrementAndGet();
                }
                if (LoomAccess.currentCarrier() == loopThread) {
                    onTheDeadLoop.incrementAndGet();
                }
                LockSupport.parkNanos(1); // and goes on all the same
            }));
        }
        CarryingLoop.await(begun);
        bodies.forEach(CarryingLoop::awaitParked);

        carrying.end(0);

        CarryingLoop.join(bodies.toArray(Thread[]::new));
        carrying.assertNoFailures();
        assertThat(interrupted).hasValue(MANY);
        assertThat(onTheDeadLoop).hasValue(0);
    }

    private static Thread commonBody(CarryingLoop carrying, AtomicInteger interrupted, CountDownLatch begun) {
        Thread body = EventLoopVirtualThreads.create(BodyScheduling.COMMON, carrying.loop, "common", () -> {
            begun.countDown();
            try {
                Thread.sleep(CarryingLoop.LIMIT.multipliedBy(100));
            } catch (InterruptedException expected) {
                interrupted.incrementAndGet();
            }
            try {
                Thread.sleep(1); // once only
            } catch (InterruptedException again) {
                interrupted.incrementAndGet();
            }
        });
        body.start();
        return body;
    }

    @ParameterizedTest
    @EnumSource(CarryingLoop.Kind.class)
    void end_whenTheCommonSchedulerRunsBodies_interruptsEachOfThemToo(CarryingLoop.Kind kind)
            throws Exception {
        CarryingLoop carrying = new CarryingLoop(kind);
        AtomicInteger interrupted = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(FEW);
        List<Thread> bodies = new ArrayList<>();
        for (int i = 0; i < FEW; i++) {
            bodies.add(commonBody(carrying, interrupted, begun));
        }
        CarryingLoop.await(begun);

        carrying.end(0);
        CarryingLoop.join(bodies.toArray(Thread[]::new));
        assertThat(interrupted).hasValue(FEW);

        Thread late = commonBody(carrying, interrupted, new CountDownLatch(1));
        CarryingLoop.join(late);
        assertThat(interrupted).hasValue(FEW + 1);
    }

    /** As the channels of a loop do that could not be closed on it. */
    @Test
    void end_whenSomebodyElseWhoIsToldOfItCompletesAnOperation_isNotItsInterruption() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        ValueTask<String> task = ValueTask.fromSource(source, token);
        AtomicReference<String> outcome = new AtomicReference<>();
        Thread body = carrying.start(() -> outcome.set(task.await()));
        CarryingLoop.awaitParked(body);
        carrying.loop.terminationFuture().addListener(ended -> {
            body.join(Duration.ofMillis(20)); // time enough for an interrupt that came before
            source.tryComplete(token, "closed");
        });

        carrying.end(0);

        CarryingLoop.join(body);
        carrying.assertNoFailures();
        assertThat(outcome).hasValue("closed");
    }

    /** A channel of the JDK that a thread waits in, and that an interrupt closes. */
    private static final class FailingChannel extends AbstractInterruptibleChannel {
        void await() throws AsynchronousCloseException {
            begin();
            try {
                LockSupport.park();
            } finally {
                end(false);
            }
        }

        @Override
        protected void implCloseChannel() {
            throw new IllegalStateException("in its close");
        }
    }

    @Test
    void end_whenAnInterruptThrows_interruptsAllOthersAndThatOneToo() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        AtomicInteger interrupted = new AtomicInteger();
        List<Thread> bodies = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            boolean failing = i % 3 == 0;
            bodies.add(carrying.start(() -> {
                try {
                    if (failing) {
                        new FailingChannel().await();
                    } else {
                        LockSupport.park();
                    }
                } catch (ClosedByInterruptException expected) {
                    // tells the same
                }
                interrupted.addAndGet(Thread.interrupted() ? 1 : 0);
            }));
        }
        bodies.forEach(CarryingLoop::awaitParked);

        carrying.end(0);

        CarryingLoop.join(bodies.toArray(Thread[]::new));
        carrying.assertNoFailures();
        assertThat(interrupted).hasValue(bodies.size());
    }

    @Test
    void start_whenTheLoopHasEnded_isRejected() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        Thread before = carrying.body(() -> {});
        carrying.end(0);

        assertThatThrownBy(before::start).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> carrying.start(() -> {})).isInstanceOf(RejectedExecutionException.class);
        carrying.assertNoFailures();
    }

    /** In each round they are in all states there are when the loop ends. */
    @Test
    void end_whileBodiesAreStartedUnparkedAndYield_losesNone() throws Exception {
        for (int round = 0; round < 30; round++) {
            CarryingLoop carrying = new CarryingLoop();
            List<Thread> started = new ArrayList<>();
            List<Thread> children = new ArrayList<>();
            AtomicBoolean stop = new AtomicBoolean();
            for (int i = 0; i < 4; i++) {
                started.add(carrying.start(() -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.yield();
                    }
                }));
                started.add(carrying.start(() -> {
                    Thread child = Thread.ofVirtual().start(carrying.noting(() -> {
                        for (int lap = 0; lap < 20; lap++) {
                            Thread.yield();
                        }
                    }));
                    synchronizedAdd(children, child);
                    while (!Thread.currentThread().isInterrupted()) {
                        LockSupport.park();
                    }
                }));
            }
            List<Thread> targets = List.copyOf(started);
            Thread unparker = Thread.ofPlatform().daemon().start(() -> {
                while (!stop.get()) {
                    targets.forEach(LockSupport::unpark);
                }
            });
            Thread starter = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (;;) {
                        Thread late = carrying.body(() -> {
                            LockSupport.park(); // for ever, unless it is cancelled
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        });
                        late.start();
                        synchronizedAdd(started, late);
                        while (late.getState() == Thread.State.RUNNABLE) {
                            Thread.onSpinWait(); // a loop that is flooded with tasks never ends
                        }
                    }
                } catch (RejectedExecutionException ended) {
                    // as it should
                }
            });
            carrying.settle();
            carrying.end(0);
            CarryingLoop.join(starter);
            CarryingLoop.join(started.toArray(Thread[]::new));
            CarryingLoop.join(children.toArray(Thread[]::new));
            stop.set(true);
            CarryingLoop.join(unparker);
            carrying.assertNoFailures();
        }
    }

    private static void synchronizedAdd(List<Thread> threads, Thread added) {
        synchronized (threads) {
            threads.add(added);
        }
    }

    /** The loop has just ended, and the one who starts it has not seen that yet. */
    @Test
    void end_whenABodyIsStartedInTheLastMoment_cancelsItToo() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        carrying.end(0);
        AtomicBoolean seemsToLive = new AtomicBoolean(true);
        EventLoopCarrier carrier = new EventLoopCarrier(ForeignLoop.around(carrying.loop,
                (method, proceed) -> method.equals("isShutdown") && seemsToLive.getAndSet(false)
                        ? false
                        : proceed.call()));
        CarriedThread late = new CarriedThread(carrier);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread body = late.create(LoomAccess.builder(late), () -> {
            LockSupport.park();
            interrupted.set(Thread.interrupted());
            LockSupport.parkNanos(1);
            assertThat(Thread.interrupted()).as("once").isFalse();
        });

        body.start();

        CarryingLoop.join(body);
        assertThat(interrupted).isTrue();
    }

    /** Its body is over, and the thread is not. */
    @Test
    void end_whenABodyWaitsInItsUncaughtExceptionHandler_interruptsItToo() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread body = EventLoopVirtualThreads.create(BodyScheduling.EVENT_LOOP, carrying.loop, "failing",
                () -> {
                    throw new IllegalStateException("of the body");
                });
        body.setUncaughtExceptionHandler((thread, failure) -> {
            LockSupport.park();
            interrupted.set(Thread.interrupted());
        });
        body.start();
        CarryingLoop.awaitParked(body);

        carrying.end(0);

        CarryingLoop.join(body);
        assertThat(interrupted).isTrue();
    }

    @Test
    void bodies_whileTheLoopShutsDownQuietly_goOnOnIt() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        CountDownLatch yielding = new CountDownLatch(2);
        AtomicInteger carried = new AtomicInteger();
        CarryingLoop.Body body = () -> {
            yielding.countDown();
            while (!carrying.loop.isShuttingDown()) {
                Thread.yield();
            }
            for (int i = 0; i < 5_000; i++) {
                Thread.yield();
            }
            carried.addAndGet(carrying.carrier.isCarrying() ? 1 : 0);
        };
        Thread first = carrying.start(body);
        Thread second = carrying.start(body);
        CarryingLoop.await(yielding);

        carrying.end(2_000);

        CarryingLoop.join(first, second);
        carrying.assertNoFailures();
        assertThat(carried).as("went on before the end").hasValue(2);
    }

    /** Netty forgets a timer that is set while it cancels those that there are. */
    @Test
    void quietEnd_whenATurnTakesAllItsTimeAsTimersAreCancelled_goesOnBeforeTheEnd() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        AtomicBoolean carried = new AtomicBoolean();
        Thread body = carrying.start(() -> {
            LockSupport.park();
            for (int i = 0; i < 10; i++) {
                CarryingLoop.computeForTwoTurns();
                Thread.yield();
            }
            carried.set(carrying.carrier.isCarrying());
        });
        CarryingLoop.awaitParked(body);
        carrying.loop.schedule(() -> {}, 1, TimeUnit.HOURS).addListener(cancelled -> {
            LockSupport.unpark(body);
            carrying.carrier.turn();
        });

        carrying.end(1_000);

        CarryingLoop.join(body);
        carrying.assertNoFailures();
        assertThat(carried).as("went on before the end").isTrue();
    }

    @Test
    void quietEnd_whenABodyYieldsForEver_comesAllTheSame() throws Exception {
        CarryingLoop carrying = new CarryingLoop();
        AtomicBoolean yielding = new AtomicBoolean();
        Thread body = carrying.start(() -> {
            yielding.set(true);
            while (!Thread.currentThread().isInterrupted()) {
                Thread.yield();
            }
        });
        while (!yielding.get()) {
            Thread.onSpinWait();
        }

        assertThat(carrying.group
                .shutdownGracefully(50, 500, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CarryingLoop.LIMIT.toMillis())).isTrue();

        CarryingLoop.join(body);
        carrying.assertNoFailures();
    }
}
