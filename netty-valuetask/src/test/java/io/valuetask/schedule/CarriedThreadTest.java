package io.valuetask.schedule;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** H28: where a body runs, and that it goes on there, whoever unparks it and whenever. */
@Timeout(60)
class CarriedThreadTest {
    /** Who starts a body, or unparks it. */
    enum By {
        LOOP {
            @Override
            void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception {
                carrying.run(act);
            }
        },
        BODY {
            @Override
            void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception {
                CarryingLoop.join(carrying.start(act));
            }
        },
        BODY_OF_ANOTHER_LOOP {
            @Override
            void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception {
                CarryingLoop.join(other.start(act));
            }
        },
        ANOTHER_LOOP {
            @Override
            void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception {
                other.run(act);
            }
        },
        PLATFORM_THREAD {
            @Override
            void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception {
                CarryingLoop.join(Thread.ofPlatform().daemon().start(carrying.noting(act)));
            }
        },
        COMMON_VIRTUAL_THREAD {
            @Override
            void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception {
                CarryingLoop.join(Thread.ofVirtual().start(carrying.noting(act)));
            }
        };

        abstract void call(CarryingLoop carrying, CarryingLoop other, CarryingLoop.Body act) throws Exception;
    }

    private static Thread carrier() {
        return LoomAccess.currentCarrier();
    }

    @ParameterizedTest
    @EnumSource(By.class)
    void body_whoeverStartsItAndUnparksIt_runsOnTheLoopsThread(By by) throws Exception {
        for (CarryingLoop.Kind kind : CarryingLoop.Kind.values()) {
            try (CarryingLoop carrying = new CarryingLoop(kind); CarryingLoop other = new CarryingLoop()) {
                List<Thread> carriers = new CopyOnWriteArrayList<>();
                AtomicReference<Thread> started = new AtomicReference<>();

                by.call(carrying, other, () -> started.set(carrying.start(() -> {
                    assertThat(Thread.currentThread().isVirtual()).isTrue();
                    carriers.add(carrier());
                    LockSupport.park();
                    carriers.add(carrier());
                })));
                CarryingLoop.awaitParked(started.get());
                by.call(carrying, other, () -> LockSupport.unpark(started.get()));

                CarryingLoop.join(started.get());
                assertThat(carriers).containsExactly(carrying.thread(), carrying.thread());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(By.class)
    void park_whenThePermitCameBefore_doesNotWait(By by) throws Exception {
        try (CarryingLoop carrying = new CarryingLoop(); CarryingLoop other = new CarryingLoop()) {
            AtomicBoolean mayPark = new AtomicBoolean();
            Thread body = carrying.start(() -> {
                while (!mayPark.get()) {
                    Thread.yield();
                }
                LockSupport.park();
            });

            by.call(carrying, other, () -> LockSupport.unpark(body));
            mayPark.set(true);

            CarryingLoop.join(body);
        }
    }

    @Test
    void unpark_byAnotherBody_resumesAfterItsMountAndInOrder() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            List<String> order = new CopyOnWriteArrayList<>();
            Thread first = carrying.start(() -> {
                LockSupport.park();
                order.add("first");
            });
            Thread second = carrying.start(() -> {
                LockSupport.park();
                order.add("second");
            });
            CarryingLoop.awaitParked(first);
            CarryingLoop.awaitParked(second);

            CarryingLoop.join(carrying.start(() -> {
                LockSupport.unpark(second);
                LockSupport.unpark(first);
                order.add("the unparker goes on");
                Thread.yield();
                order.add("the unparker goes on again");
            }));

            CarryingLoop.join(first, second);
            assertThat(order).containsExactly("the unparker goes on", "second", "first",
                    "the unparker goes on again");
        }
    }

    @Test
    void unpark_onTheLoop_resumesWhenItsTaskIsOver() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            List<String> order = new CopyOnWriteArrayList<>();
            Thread body = carrying.start(() -> {
                LockSupport.park();
                order.add("body");
            });
            CarryingLoop.awaitParked(body);

            carrying.run(() -> {
                carrying.loop.execute(() -> order.add("a task that was there before"));
                LockSupport.unpark(body);
                order.add("the task goes on");
            });

            CarryingLoop.join(body);
            assertThat(order).containsExactly("the task goes on", "a task that was there before", "body");
        }
    }

    @Test
    void start_whenManyStartOneAnother_keepsTheirOrder() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            List<Integer> order = new CopyOnWriteArrayList<>();
            CountDownLatch done = new CountDownLatch(100);

            carrying.run(() -> {
                for (int i = 0; i < 100; i++) {
                    int number = i;
                    carrying.start(() -> {
                        order.add(number);
                        done.countDown();
                    });
                }
            });

            CarryingLoop.await(done);
            assertThat(order).isSorted();
        }
    }

    @Test
    void body_whichThrows_endsAndHarmsNobody() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            AtomicReference<Throwable> uncaught = new AtomicReference<>();
            Thread throwing = EventLoopVirtualThreads.create(BodyScheduling.EVENT_LOOP, carrying.loop,
                    "throwing", () -> {
                        Thread.currentThread()
                                .setUncaughtExceptionHandler((thread, failure) -> uncaught.set(failure));
                        throw new IllegalStateException("of the body");
                    });
            throwing.start();

            CarryingLoop.join(throwing, carrying.start(() -> {}));
            assertThat(uncaught.get()).hasMessage("of the body");
        }
    }

    /** H28: each signal is the last one that comes, so that one that is lost is never made good for. */
    @ParameterizedTest
    @EnumSource(CarryingLoop.Kind.class)
    void unpark_whileItParks_isNeverLost(CarryingLoop.Kind kind) throws Exception {
        int laps = 20_000;
        try (CarryingLoop carrying = new CarryingLoop(kind)) {
            AtomicInteger turn = new AtomicInteger();
            AtomicReference<Thread> body = new AtomicReference<>();
            Thread partner = Thread.ofPlatform().daemon().unstarted(carrying.noting(() -> {
                for (int lap = 0; lap < laps; lap++) {
                    while (turn.get() != 2 * lap + 1) {
                        LockSupport.park();
                    }
                    turn.set(2 * lap + 2);
                    LockSupport.unpark(body.get());
                }
            }));
            body.set(carrying.body(() -> {
                for (int lap = 0; lap < laps; lap++) {
                    turn.set(2 * lap + 1);
                    LockSupport.unpark(partner);
                    while (turn.get() != 2 * lap + 2) {
                        LockSupport.park();
                    }
                }
            }));
            partner.start();
            body.get().start();

            CarryingLoop.join(body.get(), partner);
        }
    }
}
