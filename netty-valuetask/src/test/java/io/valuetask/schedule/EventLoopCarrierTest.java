package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a carried thread posts, and when the loop does it: H26, since no lock of a pipeline is ever held by a thread that has parked. */
@Timeout(60)
class EventLoopCarrierTest {
    private final CarryingLoop carrying = new CarryingLoop();
    private final EventLoopCarrier carrier = carrying.carrier;
    private final List<String> order = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        carrying.close();
    }

    // What is posted

    @Test
    void post_inABody_runsAfterItsParkInOrderOnTheLoopsThread() throws Exception {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        CarryingLoop.join(carrying.start(() -> {
            for (String name : List.of("first", "second")) {
                carrier.post(() -> {
                    threads.add(Thread.currentThread());
                    order.add(name);
                });
            }
            order.add("body");
            Thread.yield();
            order.add("body again");
            carrier.post(() -> order.add("after the end"));
        }));
        carrying.settle();
        assertThat(order).containsExactly("body", "first", "second", "body again", "after the end");
        assertThat(threads).containsOnly(carrying.thread());
    }

    @Test
    void post_whichUnparksThePoster_resumesItInTheSameTurn() throws Exception {
        AtomicBoolean turning = new AtomicBoolean();
        CarryingLoop.join(carrying.start(() -> {
            Thread self = Thread.currentThread();
            carrier.post(() -> {
                turning.set(carrier.isTurning());
                LockSupport.unpark(self);
            });
            LockSupport.park();
        }));
        assertThat(turning).isTrue();
        carrying.run(() -> assertThat(carrier.isTurning()).isFalse());
    }

    @Test
    void post_ofATaskThatThrows_harmsNoOther() throws Exception {
        CarryingLoop.join(carrying.start(() -> {
            Thread self = Thread.currentThread();
            carrier.post(() -> {
                throw new IllegalStateException("of a posted task, which is logged");
            });
            carrier.post(() -> {
                carrier.afterwards(() -> {
                    throw new AssertionError("of a task put off, which is logged");
                });
                carrier.afterwards(() -> order.add("afterwards"));
                LockSupport.unpark(self);
            });
            LockSupport.park();
            order.add("body");
        }));
        carrying.settle();
        assertThat(order).containsExactly("body", "afterwards");
    }

    // Whose it is

    @Test
    void turn_onAnotherThread_isAnErrorWhereAssertionsAreOn() throws Exception {
        assumeTrue(EventLoopCarrier.class.desiredAssertionStatus());
        assertThatThrownBy(carrier::turn).isInstanceOf(AssertionError.class)
                .hasMessageContaining("thread=" + Thread.currentThread());
        assertThatThrownBy(() -> carrier.turnIfMany(1)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> carrier.afterwards(() -> {})).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> carrier.post(() -> {})).isInstanceOf(AssertionError.class);
        carrying.run(
                () -> assertThatThrownBy(() -> carrier.post(() -> {})).isInstanceOf(AssertionError.class));
    }

    // What is put off

    @Test
    void afterwards_whenNobodyCanGoOn_runsOnceForAll() throws Exception {
        AtomicInteger flushes = new AtomicInteger();
        AtomicInteger resumed = new AtomicInteger();
        AtomicInteger resumedBeforeTheFlush = new AtomicInteger();
        AtomicBoolean scheduled = new AtomicBoolean();
        Thread[] bodies = carrying.parked(10, () -> {
            resumed.incrementAndGet();
            carrier.post(() -> {
                if (!scheduled.getAndSet(true)) {
                    carrier.afterwards(() -> {
                        scheduled.set(false);
                        flushes.incrementAndGet();
                        resumedBeforeTheFlush.set(resumed.get());
                    });
                }
            });
        });

        carrying.run(() -> {
            for (Thread body : bodies) {
                LockSupport.unpark(body);
            }
            carrier.turn();
        });

        CarryingLoop.join(bodies);
        assertThat(flushes).hasValue(1);
        assertThat(resumedBeforeTheFlush).hasValue(10);
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "3, 6", "20, 1"})
    void afterwards_whileManyGoOn_runsBehindSixteenTasks(int tasksEach, int most) throws Exception {
        int count = 50;
        AtomicInteger resumed = new AtomicInteger();
        AtomicBoolean scheduled = new AtomicBoolean();
        List<Integer> flushedAt = new ArrayList<>();
        Thread[] bodies = carrying.parked(count, () -> {
            resumed.incrementAndGet();
            for (int task = 1; task < tasksEach; task++) {
                carrier.post(() -> {});
            }
            carrier.post(() -> {
                if (!scheduled.getAndSet(true)) {
                    carrier.afterwards(() -> {
                        scheduled.set(false);
                        flushedAt.add(resumed.get());
                    });
                }
            });
        });

        carrying.run(() -> {
            for (Thread body : bodies) {
                LockSupport.unpark(body);
            }
            carrier.turn();
        });

        CarryingLoop.join(bodies);
        carrying.settle();
        assertThat(flushedAt).last().isEqualTo(count);
        int before = 0;
        for (int at : flushedAt) {
            assertThat(at - before).as("resumed since the last flush, of %s", flushedAt).isBetween(1, most);
            before = at;
        }
    }

    @Test
    void afterwards_whichMakesOthersReady_resumesThemInTheSameTurnAndRunsAgain() throws Exception {
        Thread waiting = carrying.start(() -> {
            LockSupport.park();
            order.add("waiting, turning=" + carrier.isTurning());
            carrier.post(() -> carrier.afterwards(() -> order.add("afterwards again")));
        });
        CarryingLoop.awaitParked(waiting);
        CarryingLoop.join(carrying.start(() -> carrier.post(() -> carrier.afterwards(() -> {
            order.add("afterwards");
            LockSupport.unpark(waiting);
        }))));
        CarryingLoop.join(waiting);
        carrying.settle();
        assertThat(order).containsExactly("afterwards", "waiting, turning=true", "afterwards again");
    }

    @Test
    void afterwards_whichSchedulesAnotherForEver_leavesTheLoopToOthers() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger runs = new AtomicInteger();
        class Flush implements Runnable {
            private Runnable other = () -> {};

            @Override
            public void run() {
                runs.incrementAndGet();
                if (!enough.get()) {
                    carrier.afterwards(other);
                }
            }
        }
        Flush one = new Flush();
        Flush two = new Flush();
        one.other = two;
        two.other = one;
        CarryingLoop.join(carrying.start(() -> carrier.post(() -> carrier.afterwards(one))));

        for (int i = 0; i < 10; i++) {
            int before = runs.get();
            carrying.run(() -> {});
            while (runs.get() == before) {
                Thread.onSpinWait(); // it goes on, too
            }
        }
        enough.set(true);
        carrying.settle();
    }

    // Turns

    @Test
    void turn_onTheLoop_resumesAtOnce() throws Exception {
        Thread body = carrying.start(() -> {
            LockSupport.park();
            order.add("body");
        });
        CarryingLoop.awaitParked(body);

        carrying.run(() -> {
            LockSupport.unpark(body);
            order.add("before the turn");
            carrier.turn();
            order.add("after the turn");
            carrier.turn();
        });

        CarryingLoop.join(body);
        assertThat(order).containsExactly("before the turn", "body", "after the turn");
    }

    @ParameterizedTest
    @CsvSource({"1, 1, false", "15, 1, false", "16, 1, true", "100, 1, true", "16, 0, true", "1, 15, false",
        "1, 16, true",
        "5, 3, false", "6, 3, true"})
    void turnIfMany_beginsATurnIfThereIsMuchToDo(int ready, int messagesEach, boolean many) throws Exception {
        AtomicInteger resumed = new AtomicInteger();
        AtomicInteger before = new AtomicInteger();
        Thread[] bodies = carrying.parked(ready, resumed::incrementAndGet);

        carrying.run(() -> {
            for (Thread body : bodies) {
                LockSupport.unpark(body);
                carrier.turnIfMany(messagesEach);
            }
            before.set(resumed.get());
        });

        CarryingLoop.join(bodies);
        assertThat(before.get() > 0).isEqualTo(many); // all of them, if the turn's time is enough
        assertThat(resumed).as("the others by a task of the loop").hasValue(ready);
    }

    /** Else all channels would be read before anybody goes on, and again and again: the loop would not come out of that. */
    @Test
    void turnIfMany_whenTheLastTurnTookAllItsTime_beginsOneMidIo() throws Exception {
        AtomicInteger resumed = new AtomicInteger();
        List<Thread> bodies = List.of(carrying.parked(20, () -> {
            resumed.incrementAndGet();
            CarryingLoop.computeForTwoTurns();
        }));
        List<Integer> counts = new ArrayList<>();

        carrying.run(() -> {
            bodies.subList(0, 19).forEach(LockSupport::unpark);
            carrier.turn();
            counts.add(resumed.get());
            carrier.turn();
            counts.add(resumed.get());
            LockSupport.unpark(bodies.getLast());
            carrier.turnIfMany(16);
            counts.add(resumed.get());
        });

        CarryingLoop.join(bodies.toArray(Thread[]::new));
        assertThat(counts.get(0)).isBetween(1, 19);
        assertThat(counts.get(1)).as("put off till behind the I/O").isEqualTo(counts.get(0));
        assertThat(counts.get(2)).isGreaterThan(counts.get(1));
    }

    /** What others read, and who is always ready, is no reason for one turn more between any two channels. */
    @Test
    void turnIfMany_whileOneYieldsForEver_resumesItOnceAtMost() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger yields = new AtomicInteger();
        Thread yielding = carrying.start(() -> {
            while (!enough.get()) {
                yields.incrementAndGet();
                Thread.yield();
            }
        });
        AtomicInteger resumed = new AtomicInteger();
        Thread other = carrying.start(() -> {
            LockSupport.park();
            resumed.incrementAndGet();
        });
        CarryingLoop.awaitParked(other);
        List<Integer> counts = new ArrayList<>();

        carrying.run(() -> {
            carrier.turn(); // which takes all its time
            int before = yields.get();
            for (int channels = 0; channels < 100; channels++) {
                carrier.turnIfMany(16);
            }
            counts.add(yields.get() - before);
            LockSupport.unpark(other);
            carrier.turnIfMany(16);
            counts.add(yields.get() - before);
            counts.add(resumed.get());
        });

        enough.set(true);
        CarryingLoop.join(yielding, other);
        assertThat(counts.get(0)).as("without anybody who has become ready").isZero();
        assertThat(counts.get(1)).isLessThanOrEqualTo(1);
        assertThat(counts.get(2)).isOne();
    }

    @Test
    void turnIfMany_whenManyComputeForLong_takesFewMillisecondsOfAnIoPass() throws Exception {
        AtomicInteger resumed = new AtomicInteger();
        List<Thread> bodies = List.of(carrying.parked(60, () -> {
            resumed.incrementAndGet();
            CarryingLoop.computeForTwoTurns();
        }));
        AtomicInteger amid = new AtomicInteger();

        carrying.run(() -> {
            bodies.subList(0, 20).forEach(LockSupport::unpark);
            carrier.turn();
            int before = resumed.get();
            for (Thread body : bodies.subList(20, 60)) {
                LockSupport.unpark(body);
                carrier.turnIfMany(16);
            }
            amid.set(resumed.get() - before);
        });

        CarryingLoop.join(bodies.toArray(Thread[]::new));
        assertThat(amid.get()).isBetween(1, 8);
    }

    @Test
    void turn_inATurn_isNotEnteredAgain() throws Exception {
        Thread other = carrying.start(() -> {
            LockSupport.park();
            order.add("other");
        });
        CarryingLoop.awaitParked(other);
        CarryingLoop.join(carrying.start(() -> carrier.post(() -> {
            LockSupport.unpark(other);
            carrier.turn();
            order.add("posted");
        })), other);
        assertThat(order).containsExactly("posted", "other");
    }

    // Who is carried

    @Test
    void isCarrying_isTrueInABodyOfThisLoopOnly() throws Exception {
        AtomicReference<Boolean> answer = new AtomicReference<>();
        CarryingLoop.Body ask = () -> answer.set(carrier.isCarrying());
        try (CarryingLoop other = new CarryingLoop()) {
            Thread spinning = null;
            AtomicBoolean asked = new AtomicBoolean();
            // A body is mounted here meanwhile, so that there is something to be mistaken for.
            CountDownLatch mounted = new CountDownLatch(1);
            spinning = carrying.start(() -> {
                mounted.countDown();
                while (!asked.get()) {
                    Thread.onSpinWait();
                }
            });
            CarryingLoop.await(mounted);

            CarryingLoop.join(other.start(ask));
            assertThat(answer).as("body of another loop").hasValue(false);
            other.run(ask);
            assertThat(answer).as("another loop").hasValue(false);
            CarryingLoop.join(Thread.ofVirtual().start(carrying.noting(ask)));
            assertThat(answer).as("common thread").hasValue(false);
            ask.run();
            assertThat(answer).as("platform thread").hasValue(false);
            asked.set(true);
            CarryingLoop.join(spinning);
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }

        carrying.run(ask);
        assertThat(answer).as("the loop itself").hasValue(false);
        CarryingLoop.join(carrying.start(() -> {
            ask.run();
            carrier.post(() -> order.add("posted: " + carrier.isCarrying()));
            Thread.yield();
        }));
        assertThat(answer).as("its body").hasValue(true);
        assertThat(order).containsExactly("posted: false");
    }

    @Test
    void isCarrying_onAThreadThatAForeignLibraryMountsOnTheLoop_isFalse() throws Exception {
        AtomicReference<Boolean> answer = new AtomicReference<>();
        EventLoop loop = carrying.loop;
        Executor foreign = loop::execute;
        CarryingLoop.join(LoomAccess.builder(foreign).start(() -> {
            Thread.yield();
            answer.set(carrier.isCarrying());
        }));
        assertThat(answer).hasValue(false);
    }

    @Test
    void of_sameLoop_isTheSameCarrierUntilItEnds() throws Exception {
        assertThat(EventLoopCarrier.of(carrying.loop)).isSameAs(carrier);
        assertThat(carrier.loop()).isSameAs(carrying.loop);
        carrying.end(0);
        CountDownLatch told = new CountDownLatch(1);
        carrying.loop.terminationFuture().addListener(ended -> told.countDown());
        CarryingLoop.await(told);
        assertThat(EventLoopCarrier.of(carrying.loop)).isNotSameAs(carrier);
    }
}
