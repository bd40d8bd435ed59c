package io.valuetask.perf.jmh;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import static java.util.Map.entry;

/**
 * Holds the promise that an operation of a reusable source allocates nothing. Bytes do not depend on how busy
 * the machine is, so that short runs decide; the times that come with them mean nothing and are not shown.
 */
public final class AllocationGate {
    /** Less than one object in a thousand operations; the rest is the harness. */
    private static final double FREE = 0.01;
    /** A handle that has to exist is an object of two words. */
    private static final double ONE_HANDLE = 24 + FREE;
    /** Measured to be known, and to show that the profiler looks. */
    private static final double ANYTHING = Double.MAX_VALUE;

    /** What each benchmark may allocate at most. */
    static final Map<String, Double> MOST_BYTES_PER_OPERATION = Map.ofEntries(entry("sourceByToken", FREE),
            entry("sourceByHandle", FREE), entry("sourceByHandleNotInlined", ONE_HANDLE),
            entry("sourceContinuation", FREE), entry("sourceAwaiterContinuation", FREE),
            entry("intSourceByToken", FREE), entry("intSourceByHandle", FREE),
            entry("intCompletedByHandle", FREE), entry("intSourceAwaiterContinuation", FREE),
            entry("schedulingContextAsked", FREE), entry("cancellationRegistered", FREE),
            entry("streamReadByte", FREE), entry("streamReadUntil", FREE), entry("streamWriteByte", FREE),
            entry("sendByHandle", FREE), entry("writeAndFlushByHandle", FREE),
            entry("writeAllByHandle", FREE),
            entry("contextCaptured", ANYTHING),
            entry("completableFuture", ANYTHING));

    /** What is known to allocate. */
    static final String CONTROL = "completableFuture";

    private AllocationGate() {}

    public static void main(String[] arguments) throws RunnerException {
        List<Row> rows = measure();
        rows.forEach(System.out::println);
        System.exit(allPass(rows) ? 0 : 1);
    }

    /** One benchmark's bytes per operation. */
    record Row(String benchmark, double bytesPerOperation) {
        private double most() {
            return MOST_BYTES_PER_OPERATION.getOrDefault(benchmark, 0.0);
        }

        boolean passes() {
            return bytesPerOperation <= most();
        }

        @Override
        public String toString() {
            String verdict = most() == ANYTHING ? "" : most() == FREE ? "free" : "one handle";
            return String.format(Locale.ROOT, "%-32s %9.3f B/op  %s%s", benchmark, bytesPerOperation,
                    passes() ? "" : "NOT ", verdict);
        }
    }

    static boolean allPass(List<Row> rows) {
        // An empty table would pass by accident, and a blind profiler too.
        return rows.size() == MOST_BYTES_PER_OPERATION.size() && rows.stream().allMatch(Row::passes)
                && rows.stream()
                        .anyMatch(row -> row.benchmark().equals(CONTROL) && row.bytesPerOperation() > 8);
    }

    static List<Row> measure() throws RunnerException {
        // The lock keeps two benchmarks from disturbing each other's times, which are not looked at here.
        System.setProperty("jmh.ignoreLock", "true");
        String benchmarks = "\\.(" + String.join("|", MOST_BYTES_PER_OPERATION.keySet()) + ")$";
        Collection<RunResult> results = new Runner(new OptionsBuilder().include(benchmarks)
                .addProfiler(GCProfiler.class).forks(1).warmupIterations(5)
                .warmupTime(TimeValue.milliseconds(300)).measurementIterations(5)
                .measurementTime(TimeValue.milliseconds(300)).verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true).build()).run();
        return results.stream().map(AllocationGate::row).sorted(Comparator.comparing(Row::benchmark))
                .toList();
    }

    private static Row row(RunResult result) {
        String name = result.getParams().getBenchmark();
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        // The least of the iterations: on a busy machine the first ones may still run before the last
        // compilation, but what an operation really allocates is in every one.
        return new Row(name.substring(name.lastIndexOf('.') + 1), bytes.getStatistics().getMin());
    }
}
