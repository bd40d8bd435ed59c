package io.valuetask.perf.jmh;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What benchmarks allocate per operation. Bytes do not depend on how busy the machine is, so that short runs decide; the
 * times that come with them mean nothing and are not shown.
 */
public final class AllocationRows {
    private AllocationRows() {}

    /**
     * Runs benchmarks, each in a JVM of its own with this one's flags.
     *
     * @param benchmarks the names of their methods
     * @return bytes per operation by name; without those that do not exist
     * @throws RunnerException if one of them throws
     */
    public static Map<String, Double> measure(Collection<String> benchmarks) throws RunnerException {
        // The lock keeps two benchmarks from disturbing each other's times, which are not looked at here.
        System.setProperty("jmh.ignoreLock", "true");
        Collection<RunResult> results = new Runner(
                new OptionsBuilder().include("\\.(" + String.join("|", benchmarks) + ")$")
                        .addProfiler(GCProfiler.class).forks(1).warmupIterations(5)
                        .warmupTime(TimeValue.milliseconds(300)).measurementIterations(5)
                        .measurementTime(TimeValue.milliseconds(300)).verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true).build())
                .run();
        Map<String, Double> rows = new TreeMap<>();
        for (RunResult result : results) {
            String name = result.getParams().getBenchmark();
            Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
            // The least of the iterations: on a busy machine the first ones may still run before the last
            // compilation, but what an operation really allocates is in every one.
            rows.put(name.substring(name.lastIndexOf('.') + 1), bytes.getStatistics().getMin());
        }
        return rows;
    }
}
