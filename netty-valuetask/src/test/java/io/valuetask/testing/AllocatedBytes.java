package io.valuetask.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Counts what operations allocate, as the JVM does for one platform thread, after their code has been compiled. */
public final class AllocatedBytes {
    /** How often an operation is run before it is measured, in rounds of {@link #perOperation}. */
    public static final int WARM_UP_ROUNDS = 20;

    private static final int OPERATIONS = 200_000;
    private static final int LIMIT_SECONDS = 50;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocatedBytes() {}

    /** What is measured. */
    public interface Operation {
        /** Runs it once. */
        void run() throws Exception;
    }

    /**
     * Measures on a thread of its own, once every branch has been seen and the operation is warm.
     *
     * @param everyBranch runs everything that is not the straight path, since a branch that has been seen is compiled
     * @param measurement asks {@link #perOperation} as often as it likes
     */
    public static double onceWarm(Operation everyBranch, Operation operation, Callable<Double> measurement)
            throws Exception {
        FutureTask<Double> measured = new FutureTask<>(() -> {
            everyBranch.run();
            for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                perOperation(operation);
            }
            return measurement.call();
        });
        Thread.ofPlatform().name("allocation").daemon().start(measured);
        return measured.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Measures on the calling thread until a round allocates nothing, or many have not: for an operation that takes too
     * long to be run hundreds of thousands of times.
     */
    public static double leastOfRounds(int rounds, int operations, Operation operation) throws Exception {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < rounds && least > 0; round++) {
            least = Math.min(least, perOperation(operations, operation));
        }
        return least;
    }

    /** The calling thread's bytes for one operation, on average over many. */
    public static double perOperation(Operation operation) throws Exception {
        return perOperation(OPERATIONS, operation);
    }

    /** The calling thread's bytes for one operation and those of others who have a part in it, on average over so many. */
    public static double perOperation(int operations, Operation operation, Thread... others)
            throws Exception {
        long before = bytesOf(others);
        for (int i = 0; i < operations; i++) {
            operation.run();
        }
        return (bytesOf(others) - before) / (double) operations;
    }

    private static long bytesOf(Thread... others) {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        for (Thread other : others) {
            bytes += THREADS.getThreadAllocatedBytes(other.threadId());
        }
        return bytes;
    }

    /**
     * The least of several rounds, up to the first that is below the limit. On a busy machine the last compilation may come
     * late; but what an operation allocates is in every round.
     */
    public static double leastOf(double limit, Callable<Double> round) throws Exception {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < WARM_UP_ROUNDS && least >= limit; i++) {
            least = Math.min(least, round.call());
        }
        return least;
    }
}
