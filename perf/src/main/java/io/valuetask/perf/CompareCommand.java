package io.valuetask.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * All workloads, one after the other, each with every server that can do it: what {@code echo} does for one, with the
 * rivals on the class path. Writes what it has after each workload, so that a long run that breaks is not lost.
 */
@Command(name = "compare", sortOptions = false, description = "Compares with other libraries in all workloads, and writes a report.")
final class CompareCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--workloads", split = ",", paramLabel = "NAME", description = "Which of echo-1, echo, echo-1000, echo-10000, echo-16k, echo-pipelined, echo-tls, http,"
            + " http-pipelined (all).")
    List<String> workloads = Arrays.stream(Comparison.values()).map(Comparison::toString).toList();

    @Option(names = "--pairs", paramLabel = "N", description = "Windows of each mode, one of raw beside each (5).")
    int pairs = 5;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "Length of a window (0.5).")
    double durationSeconds = 0.5;

    @Option(names = "--warmup", paramLabel = "SECONDS", description = "Warm-up of a mode, about (4).")
    double warmupSeconds = 4;

    @Option(names = "--transport", paramLabel = "NAME", description = "nio, epoll or auto (auto).")
    String transport = "auto";

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the rows to this file, by workload.")
    Path json;

    @Override
    public Integer call() throws InterruptedException {
        List<Comparison> comparisons = comparisons();
        Cpus cpus = Cpus.pin();
        Map<String, List<EchoRow>> all = new LinkedHashMap<>();
        for (Comparison comparison : comparisons) {
            EchoOptions options = comparison.options(pairs, warmupSeconds, durationSeconds);
            options.requestedTransport = transport;
            options.spec = spec;
            options.check();
            try (EchoConductor conductor = new EchoConductor(options, cpus)) {
                List<EchoRow> rows = conductor.run();
                all.put(comparison.toString(), rows);
                System.out.printf("%n%s%n%n%s", comparison.title(), EchoReport.table(rows));
                System.out.print(EchoReport.footnote(options, cpus, conductor));
                if (json != null) {
                    EchoReport.writeJson(all, json);
                }
            } catch (EchoFailure failure) {
                System.err.println(comparison + ": " + failure.getMessage());
                return 1;
            } catch (IOException failure) {
                System.err.println("cannot write " + json + ": " + failure.getMessage());
                return 1;
            }
        }
        return 0;
    }

    private List<Comparison> comparisons() {
        try {
            return workloads.stream().map(Comparison::of).collect(Collectors.toList());
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), "--workloads: " + unknown.getMessage());
        }
    }
}
