package io.valuetask.perf;

import io.valuetask.perf.Threshold.Verdict;
import io.valuetask.perf.jmh.AllocationRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Holds every promise of bytes: measures the rows of {@code thresholds.json} and fails where one is worse than recorded,
 * and also where it is better, so that the record stays true. Cpu is shown and judges nothing.
 */
@Command(name = "gate", sortOptions = false, description = "Fails when an operation allocates other than recorded.")
final class GateCommand implements Callable<Integer> {
    private static final int ATTEMPTS = 6;

    @Option(names = "--thresholds", paramLabel = "FILE", defaultValue = "thresholds.json", description = "What each row may allocate (${DEFAULT-VALUE}).")
    Path file;

    @Option(names = "--record", description = "Write what differs into the file, and do not fail.")
    boolean record;

    @Override
    public Integer call() throws InterruptedException {
        try {
            Thresholds thresholds = Thresholds.read(file);
            int feature = Runtime.version().feature();
            int release = thresholds.releaseFor(feature);
            if (release != feature) {
                System.out.printf("JDK %d has no rows of its own in %s; judged by those of %d%n", feature,
                        file,
                        release);
            }
            Map<String, Threshold> rows = thresholds.rows(release);
            Map<String, Double> measured = measureUntilMet(rows);
            if (record) {
                thresholds.recorded(feature, measured).write(file);
            }
            GateReport report = new GateReport(rows, measured);
            System.out.print(report);
            return report.passed() || record ? 0 : 1;
        } catch (IOException unreadable) {
            System.err.println("cannot use " + file + ": " + unreadable.getMessage());
        } catch (RunnerException | EchoFailure failure) {
            System.err.println(failure.getMessage());
        }
        return 1;
    }

    /**
     * Measures again, in new JVMs, what was not met: whether a handle is inlined away depends on when the compiler came to
     * it, which on a busy machine is luck. What an operation really allocates is there each time.
     */
    private static Map<String, Double> measureUntilMet(Map<String, Threshold> rows)
            throws RunnerException, EchoFailure, InterruptedException {
        Map<String, Double> measured = new HashMap<>();
        Map<String, Threshold> open = new LinkedHashMap<>(rows);
        for (int attempt = 0; attempt < ATTEMPTS && !open.isEmpty(); attempt++) {
            measured.putAll(measure(open));
            open.entrySet().removeIf(row -> measured.containsKey(row.getKey())
                    && row.getValue().judge(measured.get(row.getKey())) == Verdict.MET);
        }
        return measured;
    }

    private static Map<String, Double> measure(Map<String, Threshold> rows)
            throws RunnerException, EchoFailure, InterruptedException {
        Map<String, Double> measured = new HashMap<>();
        List<String> benchmarks = Thresholds.named(rows, "jmh");
        if (!benchmarks.isEmpty()) {
            AllocationRows.measure(benchmarks)
                    .forEach((benchmark, bytes) -> measured.put("jmh/" + benchmark, bytes));
        }
        echo("echo", new EchoOptions(), rows, measured);
        EchoOptions pipelined = new EchoOptions();
        pipelined.pipelining = 16;
        pipelined.framed = true;
        echo("pipelined", pipelined, rows, measured);
        return measured;
    }

    /** Short windows: they decide about bytes, and show roughly what the cpu is. */
    private static void echo(String run, EchoOptions options, Map<String, Threshold> rows,
            Map<String, Double> measured) throws EchoFailure, InterruptedException {
        List<String> modes = new ArrayList<>(Thresholds.named(rows, run));
        if (modes.isEmpty()) {
            return;
        }
        options.modeNames = modes;
        options.pairs = 3;
        options.warmupSeconds *= 2; // on a slow machine the compiler comes to the handles late
        try (EchoConductor conductor = new EchoConductor(options, Cpus.pin())) {
            for (EchoRow row : conductor.run()) {
                measured.put(run + "/" + row.mode(), row.bytesAboveRaw());
                System.out.printf(Locale.ROOT, "%-36s %10.2f cpu to raw, for information%n",
                        run + "/" + row.mode(), row.cpuRatioToRaw());
            }
        }
    }
}
