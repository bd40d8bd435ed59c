package io.valuetask.perf.jmh;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Holds the promise that an operation of a reusable source allocates nothing. Bytes do not depend on how busy
 * the machine is, so that short runs decide; the times that come with them mean nothing and are not shown.
 */
public final class AllocationGate {
    /** Less than one object in a thousand operations; the rest is the harness. */
    static final double MOST_BYTES_PER_OPERATION = 0.01;

    /** What has to be free. */
    private static final List<String> FREE = List.of("sourceByToken", "sourceByHandle", "sourceContinuation",
            "sourceAwaiterContinuation");

    /** What is known to allocate: shows that the profiler looks. */
    static final String CONTROL = "completableFuture";

    private AllocationGate() {}

    public static void main(String[] arguments) throws RunnerException {
        List<Row> rows = measure();
        rows.forEach(System.out::println);
        System.exit(allPass(rows) ? 0 : 1);
    }

    /** One benchmark's bytes per operation. */
    record Row(String benchmark, double bytesPerOperation) {
        boolean mustBeFree() {
            return FREE.contains(benchmark);
        }

        boolean passes() {
            return !mustBeFree() || bytesPerOperation <= MOST_BYTES_PER_OPERATION;
        }

        @Override
        public String toString() {
            String verdict = !mustBeFree() ? "" : passes() ? "free" : "NOT FREE";
            return String.format(Locale.ROOT, "%-32s %9.3f B/op  %s", benchmark, bytesPerOperation, verdict);
        }
    }

    static boolean allPass(List<Row> rows) {
        // An empty table would pass by accident.
        return rows.stream().filter(Row::mustBeFree).count() == FREE.size()
                && rows.stream().allMatch(Row::passes);
    }

    static List<Row> measure() throws RunnerException {
        // The lock keeps two benchmarks from disturbing each other's times, which are not looked at here.
        System.setProperty("jmh.ignoreLock", "true");
        String benchmarks = SourceBenchmark.class.getName() + "\\.(" + String.join("|", FREE) + "|" + CONTROL
                + ")$";
        Collection<RunResult> results = new Runner(new OptionsBuilder().include(benchmarks)
                .addProfiler(GCProfiler.class).forks(1).warmupIterations(5)
                .warmupTime(TimeValue.milliseconds(300)).measurementIterations(5)
                .measurementTime(TimeValue.milliseconds(300)).verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true).build()).run();
        return results.stream().map(AllocationGate::row).toList();
    }

    private static Row row(RunResult result) {
        String name = result.getParams().getBenchmark();
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        // The least of the iterations: on a busy machine the first ones may still run before the last
        // compilation, but what an operation really allocates is in every one.
        return new Row(name.substring(name.lastIndexOf('.') + 1), bytes.getStatistics().getMin());
    }
}
