package io.valuetask.samples;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/** What a piece of code allocates, as the JVM counts it for the thread that runs it. */
final class SampleAllocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private SampleAllocations() {}

    /**
     * Runs a piece of code again and again, since it allocates less once it is compiled, and answers the best round.
     *
     * @param rounds how often
     * @param operations how many operations each round is
     * @param round the code, which must not be run by a virtual thread
     * @return bytes for each operation
     */
    static double perOperation(int rounds, int operations, Callable<?> round) throws Exception {
        long fewest = Long.MAX_VALUE;
        for (int i = 0; i < rounds; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            round.call();
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return (double) fewest / operations;
    }
}
