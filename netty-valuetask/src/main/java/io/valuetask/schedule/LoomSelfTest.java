package io.valuetask.schedule;

import java.lang.invoke.MethodHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tries whether a virtual thread runs, parks and goes on where its scheduler says. Apart from {@link LoomAccess}, which is
 * being initialized meanwhile: other threads may not enter that yet.
 */
final class LoomSelfTest {
    private static final long LIMIT_SECONDS = 10;

    private final MethodHandle currentCarrier;
    private final LinkedBlockingQueue<Runnable> submitted = new LinkedBlockingQueue<>();

    // Each written by the virtual thread, and read after the carrier was joined, which ran it.
    private @Nullable Thread first;
    private @Nullable Thread afterPark;

    private LoomSelfTest(MethodHandle currentCarrier) {
        this.currentCarrier = currentCarrier;
    }

    /** Null if it does, else what was wrong. */
    static @Nullable String run(MethodHandle newBuilder, MethodHandle currentCarrier) throws Throwable {
        // The JDK's own pollers take over the scheduler of whoever needs them first, and must outlive each event loop.
        Class.forName("sun.nio.ch.Poller", true, null);

        LoomSelfTest test = new LoomSelfTest(currentCarrier);
        Executor scheduler = test.submitted::add;
        Thread.Builder.OfVirtual builder = (Thread.Builder.OfVirtual) newBuilder.invokeExact(scheduler);
        Thread carried = builder.name("valuetask-self-test").unstarted(test::parkOnce);
        Thread carrier = Thread.ofPlatform().daemon().name("valuetask-self-test").unstarted(() -> {
            test.runNext();
            LockSupport.unpark(carried);
            test.runNext();
        });
        carried.start();
        carrier.start();
        join(carrier);
        boolean passed = !carried.isAlive() && test.first == carrier && test.afterPark == carrier;
        return passed
                ? null
                : "its self-test failed: expected carrier=" + carrier + ", first=" + test.first
                        + ", after a park=" + test.afterPark;
    }

    /** The answer is for the whole JVM: the interrupt of whoever asks first must not be it. */
    private static void join(Thread carrier) {
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        long left = LIMIT_SECONDS * 1_000;
        while (carrier.isAlive() && left > 0) {
            try {
                carrier.join(left);
            } catch (InterruptedException again) {
                interrupted = true;
            }
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void parkOnce() {
        first = carrier();
        LockSupport.park();
        afterPark = carrier();
    }

    private Thread carrier() {
        try {
            return (Thread) currentCarrier.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void runNext() {
        try {
            Runnable next = submitted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (next != null) {
                next.run();
            }
        } catch (InterruptedException givenUp) {
            Thread.currentThread().interrupt();
        }
    }
}
