package io.valuetask.perf.load;

import io.netty.channel.EventLoop;
import io.valuetask.perf.ProcessCpuClock;
import java.lang.management.CompilationMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import org.HdrHistogram.Histogram;

/**
 * What the generator itself needs while it measures others. Where it was the one that could not keep up, its numbers are
 * about itself, and it says so.
 */
final class GeneratorHealth {
    /** Of one processor, by one event loop. */
    private static final double MOST_BUSY = 0.9;
    /** Of all processors, by the process. */
    private static final double MOST_OF_ALL = 0.95;
    /** Of the time, in collections. */
    private static final double MOST_COLLECTING = 0.05;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private final ProcessCpuClock processClock = new ProcessCpuClock();
    private final long[] loopThreads;
    private Sample first;
    private Sample last;

    private record Sample(long nanos, long processNanos, long[] loopNanos, long gcMillis, long collections,
            long compilerMillis) {}

    GeneratorHealth(List<EventLoop> loops) throws InterruptedException {
        loopThreads = new long[loops.size()];
        for (int i = 0; i < loopThreads.length; i++) {
            try {
                loopThreads[i] = loops.get(i).submit(() -> Thread.currentThread().threadId()).get();
            } catch (ExecutionException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    void begin() {
        first = sample();
    }

    void end() {
        last = sample();
    }

    private Sample sample() {
        long[] loopNanos = new long[loopThreads.length];
        for (int i = 0; i < loopNanos.length; i++) {
            loopNanos[i] = threads.getThreadCpuTime(loopThreads[i]);
        }
        long gcMillis = 0;
        long collections = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            gcMillis += collector.getCollectionTime();
            collections += collector.getCollectionCount();
        }
        return new Sample(System.nanoTime(), processClock.nanos(), loopNanos, gcMillis, collections,
                compiler == null ? 0 : compiler.getTotalCompilationTime());
    }

    LoadResult.Generator generator() {
        double elapsed = last.nanos - first.nanos;
        double busiest = 0;
        for (int i = 0; i < loopThreads.length; i++) {
            busiest = Math.max(busiest, (last.loopNanos[i] - first.loopNanos[i]) / elapsed);
        }
        return new LoadResult.Generator(loopThreads.length, Runtime.getRuntime().availableProcessors(),
                (last.processNanos - first.processNanos) / elapsed, busiest, last.gcMillis - first.gcMillis,
                last.collections - first.collections, last.compilerMillis - first.compilerMillis);
    }

    /** Why a run must not be believed. */
    static List<String> judge(LoadResult.Generator generator, Histogram lateness, double seconds,
            boolean open,
            double maxLatenessMillis) {
        List<String> reasons = new ArrayList<>();
        double late = lateness.getValueAtPercentile(99) / 1e6;
        if (late > maxLatenessMillis) {
            reasons.add(String.format(Locale.ROOT,
                    "the generator was late: one in a hundred of its %s was %.1f ms late or more (bound: %s ms); "
                            + "%s a quieter machine",
                    open ? "operations" : "ticks", late, maxLatenessMillis,
                    open ? "lower --rate, use more --loops or" : "use"));
        }
        if (generator.busiestLoop() > MOST_BUSY) {
            reasons.add(String.format(Locale.ROOT,
                    "the generator was busy: an event loop used %.0f %% of a processor (bound: %.0f %%); use more --loops, "
                            + "or another machine for the generator",
                    100 * generator.busiestLoop(), 100 * MOST_BUSY));
        } else if (generator.cpus() > MOST_OF_ALL * generator.processors()) {
            reasons.add(String.format(Locale.ROOT,
                    "the generator was busy: its process used %.2f of %d processors (bound: %.0f %%); use another machine "
                            + "for it",
                    generator.cpus(), generator.processors(), 100 * MOST_OF_ALL));
        }
        if (generator.gcMillis() > MOST_COLLECTING * 1e3 * seconds) {
            reasons.add(String.format(Locale.ROOT,
                    "the generator collected garbage for %d ms of %.1f s (bound: %.0f %%); give it a larger heap, -Xmx",
                    generator.gcMillis(), seconds, 100 * MOST_COLLECTING));
        }
        return reasons;
    }
}
