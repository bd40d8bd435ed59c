package io.valuetask.schedule;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * H31: the JDK submits a thread twice. Who asks a virtual thread that can go on for its stack suspends it for as long, and
 * submits it again afterwards, since it may have been run in vain meanwhile. A thread dump does that to all of them, and
 * so does the watchdog of this library.
 */
@Timeout(60)
class RepeatedSubmissionTest {
    private final CarryingLoop carrying = new CarryingLoop();
    private final List<String> resumed = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        carrying.close();
    }

    private Thread parked(String name) {
        Thread thread = carrying.start(() -> {
            LockSupport.park();
            resumed.add(name);
        });
        CarryingLoop.awaitParked(thread);
        return thread;
    }

    @Test
    void stackTrace_whenTheThreadIsReady_losesNoneOfThoseBehindIt() throws Exception {
        Thread first = parked("first");
        Thread second = parked("second");
        Thread third = parked("third");

        carrying.run(() -> {
            LockSupport.unpark(first);
            LockSupport.unpark(second);
            first.getStackTrace();
            LockSupport.unpark(third);
        });

        CarryingLoop.join(first, second, third);
        assertThat(resumed).containsExactly("first", "second", "third");
    }

    @Test
    void stackTrace_whenItIsTheOnlyOneReady_resumesItOnce() throws Exception {
        Thread first = parked("first");
        Thread second = parked("second");

        carrying.run(() -> {
            LockSupport.unpark(first);
            first.getStackTrace();
            LockSupport.unpark(second);
            second.getStackTrace();
        });

        CarryingLoop.join(first, second);
        assertThat(resumed).containsExactly("first", "second");
    }

    /** The second submission comes from another thread, and so as a task of the loop, when the body is over. */
    @Test
    void submission_whenTheBodyIsOver_leavesTheOthersAmongThoseThatLive() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread living = carrying.start(() -> {
            LockSupport.park();
            interrupted.set(Thread.interrupted());
        });
        CarryingLoop.awaitParked(living);
        CarriedThread over = new CarriedThread(carrying.carrier);
        Thread thread = over.create(LoomAccess.builder(over), () -> {});
        thread.start();
        CarryingLoop.join(thread);
        carrying.settle();

        over.post();
        carrying.settle();
        carrying.end(0);

        CarryingLoop.join(living);
        assertThat(interrupted).as("cancelled at the loop's end").isTrue();
    }

    @Test
    void stackTraces_whileManyThreadsGoOn_loseNone() throws Exception {
        int bodies = 50;
        int laps = 2_000;
        CountDownLatch lapsDone = new CountDownLatch(laps * bodies);
        Thread[] threads = new Thread[bodies];
        AtomicBoolean done = new AtomicBoolean();
        for (int i = 0; i < bodies; i++) {
            int next = (i + 1) % bodies;
            threads[i] = carrying.body(() -> {
                for (int lap = 0; lap < laps; lap++) {
                    Thread.yield();
                    LockSupport.unpark(threads[next]);
                    LockSupport.park();
                    lapsDone.countDown();
                }
                LockSupport.unpark(threads[next]);
            });
        }
        Thread dumper = carrying.start(() -> {
            for (int i = 0; !done.get(); i++) {
                threads[i % bodies].getStackTrace();
                Thread.yield();
            }
        });
        for (Thread thread : threads) {
            thread.start();
        }

        try {
            CarryingLoop.await(lapsDone);
            CarryingLoop.join(threads);
        } finally {
            done.set(true);
        }
        CarryingLoop.join(dumper);
    }
}
