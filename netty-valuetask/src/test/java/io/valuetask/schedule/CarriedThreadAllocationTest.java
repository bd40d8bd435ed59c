package io.valuetask.schedule;

import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.ForkedJvm;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** H39, H40: a body that goes on and parks again costs no object, once it has parked at that depth before. */
@Timeout(120)
class CarriedThreadAllocationTest {
    private static final double LIMIT_BYTES = 0.5;
    private static final int ROUNDS = 40;
    private static final int OPERATIONS = 20_000;

    private final CarryingLoop carrying = new CarryingLoop();
    private volatile boolean done;

    @AfterEach
    void close() {
        carrying.close();
    }

    /** On the loop's thread, which is the one that resumes and is resumed on. */
    private double leastOnTheLoop(AllocatedBytes.Operation operation) throws Exception {
        return carrying.loop.submit(() -> AllocatedBytes.leastOfRounds(ROUNDS, OPERATIONS, operation)).get();
    }

    private Thread parking() {
        Thread body = carrying.start(() -> {
            while (!done) {
                LockSupport.park();
            }
        });
        CarryingLoop.awaitParked(body);
        return body;
    }

    private void end(Thread body) throws InterruptedException {
        done = true;
        LockSupport.unpark(body);
        CarryingLoop.join(body);
    }

    @Test
    void resumptionAndPark_onTheLoop_allocateNothing() throws Exception {
        Thread body = parking();
        assertThat(leastOnTheLoop(() -> {
            LockSupport.unpark(body);
            carrying.carrier.turn();
        })).as("bytes per resumption").isLessThan(LIMIT_BYTES);
        end(body);
    }

    @Test
    void resumptionOfABodyThatPosts_onTheLoop_allocatesNothing() throws Exception {
        Runnable task = () -> {};
        Runnable posted = () -> carrying.carrier.afterwards(task);
        Thread body = carrying.start(() -> {
            while (!done) {
                carrying.carrier.post(posted);
                LockSupport.park();
            }
        });
        CarryingLoop.awaitParked(body);
        assertThat(leastOnTheLoop(() -> {
            LockSupport.unpark(body);
            carrying.carrier.turn();
        })).as("bytes per resumption").isLessThan(LIMIT_BYTES);
        end(body);
    }

    @Test
    void passingOn_betweenTwoBodies_allocatesNothing() throws Exception {
        AtomicReference<Thread> second = new AtomicReference<>();
        Thread first = carrying.start(() -> {
            while (!done) {
                LockSupport.park();
                LockSupport.unpark(second.get());
            }
        });
        second.set(parking());
        CarryingLoop.awaitParked(first);
        assertThat(leastOnTheLoop(() -> {
            LockSupport.unpark(first);
            carrying.carrier.turn();
        })).as("bytes per two resumptions").isLessThan(LIMIT_BYTES);
        done = true;
        LockSupport.unpark(first);
        CarryingLoop.join(first, second.get());
    }

    /** What is compared with it: a task of the loop, which costs Netty something itself. */
    @Test
    void unparking_fromAnotherThread_allocatesNoMoreThanATaskOfTheLoop() throws Exception {
        Thread loopThread = carrying.thread();
        Thread body = parking();
        Runnable task = () -> {};
        double plain = AllocatedBytes.onceWarm(() -> {}, () -> carrying.loop.execute(task),
                () -> AllocatedBytes
                        .leastOf(LIMIT_BYTES, () -> AllocatedBytes.perOperation(OPERATIONS,
                                () -> carrying.loop.execute(task), loopThread)));
        double unparking = AllocatedBytes.leastOf(plain + LIMIT_BYTES,
                () -> AllocatedBytes.perOperation(OPERATIONS, () -> LockSupport.unpark(body), loopThread));
        assertThat(unparking).as("bytes per wake-up, and plain: " + plain).isLessThan(plain + LIMIT_BYTES);
        end(body);
    }

    /** H42: C1 makes every object that is written in the code, also those that nobody looks at. */
    @Test
    void resumptionAndPark_compiledByC1_allocateNothing() throws Exception {
        String printed = new ForkedJvm().with("--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1", "-XX:-BackgroundCompilation", "-Dio.valuetask.blockedLoopMillis=0")
                .run(Cold.class);
        assertThat(Double.parseDouble(printed.strip())).as("bytes per resumption").isLessThan(LIMIT_BYTES);
    }

    /** The same in a JVM of its own. */
    public static final class Cold {
        private Cold() {}

        /** Prints bytes per resumption. */
        public static void main(String[] arguments) throws Exception {
            CarriedThreadAllocationTest test = new CarriedThreadAllocationTest();
            Thread body = test.parking();
            System.out.println(test.leastOnTheLoop(() -> {
                LockSupport.unpark(body);
                test.carrying.carrier.turn();
            }));
            test.end(body);
            test.close();
        }
    }
}
