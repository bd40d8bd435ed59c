package io.valuetask.schedule;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What a body starts, and what belongs to it: threads, thread-locals, scoped values. */
@Timeout(60)
class CarriedContextTest {
    private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();

    private final CarryingLoop carrying = new CarryingLoop();

    @AfterEach
    void close() {
        carrying.close();
    }

    @Test
    void threads_thatABodyStarts_runOnItsLoopAndAreJoined() throws Exception {
        List<Thread> carriers = new CopyOnWriteArrayList<>();
        AtomicReference<Integer> sum = new AtomicReference<>();
        Callable<Integer> part = () -> {
            carriers.add(LoomAccess.currentCarrier());
            Thread.sleep(1);
            assertThat(carrying.carrier.isCarrying()).isTrue();
            carriers.add(LoomAccess.currentCarrier());
            return 7;
        };

        CarryingLoop.join(carrying.start(() -> {
            FutureTask<Integer> first = new FutureTask<>(part);
            FutureTask<Integer> second = new FutureTask<>(part);
            Thread.ofVirtual().start(first);
            Thread.startVirtualThread(second);
            sum.set(first.get() + second.get());
        }));

        assertThat(sum).hasValue(14);
        assertThat(carriers).hasSize(4).containsOnly(carrying.thread());
    }

    @Test
    void executor_thatABodyMakes_runsOnItsLoop() throws Exception {
        AtomicReference<Thread> carrier = new AtomicReference<>();
        CarryingLoop.join(carrying.start(() -> {
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Thread> grandchild = executor.submit(() -> executor.submit(LoomAccess::currentCarrier)
                        .get(CarryingLoop.LIMIT.toSeconds(), TimeUnit.SECONDS));
                carrier.set(grandchild.get());
            }
        }));
        assertThat(carrier.get()).isSameAs(carrying.thread());
    }

    @Test
    void commonThread_thatABodyAsksFor_isNotCarried() throws Exception {
        AtomicReference<Thread> carrier = new AtomicReference<>();
        CarryingLoop.join(carrying.start(() -> {
            Thread common = EventLoopVirtualThreads.create(BodyScheduling.COMMON, carrying.loop, "common",
                    () -> carrier.set(LoomAccess.currentCarrier()));
            common.start();
            common.join();
        }));
        assertThat(carrier.get()).isNotSameAs(carrying.thread());
    }

    /** H27: they go on as their parent does, and to cancel them is that one's affair. */
    @Test
    void threadsOfABody_whenTheLoopHasEnded_goOn() throws Exception {
        AtomicReference<Thread> child = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread parent = carrying.start(() -> {
            child.set(Thread.startVirtualThread(carrying.noting(() -> {
                started.countDown();
                while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.park();
                }
                Thread grandchild = Thread.startVirtualThread(() -> LockSupport.parkNanos(1));
                Thread.interrupted();
                grandchild.join();
            })));
            while (!Thread.interrupted()) {
                LockSupport.park();
            }
            child.get().interrupt();
            child.get().join();
        });
        CarryingLoop.await(started);

        carrying.end(0);

        CarryingLoop.join(parent, child.get());
    }

    @Test
    void threadLocals_ofBodiesThatTakeTurns_areTheirOwn() throws Exception {
        ThreadLocal<String> local = new ThreadLocal<>();
        carrying.run(() -> local.set("loop"));
        Thread[] bodies = new Thread[3];
        for (int i = 0; i < bodies.length; i++) {
            String own = "body " + i;
            bodies[i] = carrying.start(() -> {
                assertThat(local.get()).isNull();
                local.set(own);
                for (int lap = 0; lap < 10; lap++) {
                    Thread.yield();
                    assertThat(local.get()).isEqualTo(own);
                }
            });
        }
        CarryingLoop.join(bodies);
        carrying.run(() -> assertThat(local.get()).isEqualTo("loop"));
    }

    @Test
    void inheritableThreadLocals_areThoseOfTheCreator() throws Exception {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        local.set("creator");
        CarryingLoop.join(carrying.start(() -> {
            assertThat(local.get()).isEqualTo("creator");
            local.set("body");
            Thread.startVirtualThread(carrying.noting(() -> assertThat(local.get()).isEqualTo("body")))
                    .join();
        }));
        assertThat(local.get()).isEqualTo("creator");
    }

    @Test
    void scopedValues_stayBoundOverAPark() throws Exception {
        Thread other = carrying.start(() -> {
            for (int i = 0; i < 100; i++) {
                assertThat(SCOPED.isBound()).isFalse();
                Thread.yield();
            }
        });
        CarryingLoop.join(carrying.start(() -> ScopedValue.where(SCOPED, "bound").run(() -> {
            for (int i = 0; i < 100; i++) {
                Thread.yield();
                assertThat(SCOPED.get()).isEqualTo("bound");
            }
        })), other);
        carrying.run(() -> assertThat(SCOPED.isBound()).isFalse());
    }
}
