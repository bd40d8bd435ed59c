package io.valuetask.perf;

import io.valuetask.perf.report.RecordedRun;
import io.valuetask.perf.report.RecordedRun.Section;
import io.valuetask.perf.report.RunPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * All workloads, one after the other, each with every server that can do it: what {@code echo} does for one, with the
 * rivals on the class path. Writes what it has after each workload, so that a long run that breaks is not lost; one that
 * fails is named at the end, and the others are measured nevertheless.
 */
@Command(name = "compare", sortOptions = false, description = "Compares with other libraries in all workloads, and writes a report.")
final class CompareCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--workloads", split = ",", paramLabel = "NAME", description = "Which of ${COMPLETION-CANDIDATES} (all).", completionCandidates = Comparison.Names.class)
    List<String> workloads = Arrays.stream(Comparison.values()).map(Comparison::toString).toList();

    @Option(names = "--pairs", paramLabel = "N", description = "Windows of each mode, one of raw beside each (5).")
    int pairs = 5;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "Length of a window (0.5).")
    double durationSeconds = 0.5;

    @Option(names = "--megabytes", paramLabel = "N", description = "What a window of the workload proxy transfers (1024).")
    int megabytes = 1024;

    @Option(names = "--warmup", paramLabel = "SECONDS", description = "Warm-up of a mode, about (4).")
    double warmupSeconds = 4;

    @Option(names = "--transport", paramLabel = "NAME", description = "nio, epoll or auto (auto).")
    String transport = "auto";

    @Option(names = "--out", paramLabel = "DIRECTORY", defaultValue = "perf/target/compare", description = "Where compare.json and compare.html go (${DEFAULT-VALUE}).")
    Path out;

    @Option(names = "--json", paramLabel = "FILE", description = "Where the JSON goes instead, such as perf/results/compare.json for the command report.")
    Path json;

    @Override
    public Integer call() throws InterruptedException {
        List<Comparison> comparisons = comparisons();
        Path recorded = json != null ? json : out.resolve("compare.json");
        Path page = out.resolve("compare.html");
        Cpus cpus = Cpus.pin();
        RecordedRun run = RecordedRun.begin(EchoReport.arguments(spec),
                cpus.count() + " processors; " + cpus);
        Map<Comparison, String> failures = new LinkedHashMap<>();
        for (Comparison comparison : comparisons) {
            String lacking = lacking(comparison);
            if (lacking != null) {
                System.err.println(comparison + ": skipped, " + lacking);
                continue;
            }
            try {
                run = run.with(comparison == Comparison.PROXY ? proxy(cpus) : echo(comparison, cpus));
            } catch (EchoFailure failure) {
                failed(comparison, failure.getMessage(), failures);
                continue;
            } catch (IOException failure) {
                failed(comparison, "cannot listen: " + failure.getMessage(), failures);
                continue;
            }
            try {
                run.write(recorded);
                RunPage.write(List.of(run), page);
            } catch (IOException failure) {
                System.err.println("cannot write " + recorded + " or " + page + ": " + failure);
                return 1;
            }
        }
        if (!run.sections().isEmpty()) {
            System.out.printf("%nEverything as JSON: %s%nand as a page:      %s%n",
                    recorded.toAbsolutePath().normalize(), page.toAbsolutePath().normalize());
        }
        if (failures.isEmpty()) {
            return 0;
        }
        System.err.printf(
                "%n%d of %d workloads failed, and nothing of them was written; measure them again with"
                        + " --workloads %s:%n",
                failures.size(), comparisons.size(),
                failures.keySet().stream().map(Comparison::toString).collect(Collectors.joining(",")));
        failures.forEach((comparison, why) -> System.err.println(comparison + ": " + why));
        return 1;
    }

    /** Said at once, and again at the end of a long run; the others go on. */
    private static void failed(Comparison comparison, String why, Map<Comparison, String> failures) {
        System.err.println(comparison + ": " + why);
        failures.put(comparison, why);
    }

    private @Nullable String lacking(Comparison comparison) {
        return comparison == Comparison.PROXY
                ? null
                : OpenFiles.lacking(comparison.options(pairs, warmupSeconds, durationSeconds).connections,
                        OpenFiles.most());
    }

    private Section echo(Comparison comparison, Cpus cpus) throws EchoFailure, InterruptedException {
        EchoOptions options = comparison.options(pairs, warmupSeconds, durationSeconds);
        options.requestedTransport = transport;
        options.spec = spec;
        options.check();
        try (EchoConductor conductor = new EchoConductor(options, cpus)) {
            List<EchoRow> rows = conductor.run();
            System.out.printf("%n%s%n%n%s", comparison.title(), EchoReport.table(rows));
            System.out.print(EchoReport.footnote(options, cpus, conductor));
            return Section.of(comparison.toString(), comparison.title(),
                    conductor.load() + "; windows of " + durationSeconds + " s",
                    ServerProcess.flags(options), rows);
        }
    }

    private Section proxy(Cpus cpus) throws EchoFailure, IOException, InterruptedException {
        ProxyOptions options = new ProxyOptions();
        options.spec = spec;
        options.pairs = pairs;
        options.megabytes = megabytes;
        options.warmupSeconds = 2 * warmupSeconds; // a transfer is few messages
        options.transport = transport;
        options.check();
        try (ProxyConductor conductor = new ProxyConductor(options, cpus)) {
            List<ProxyRow> rows = conductor.run();
            System.out.printf("%n%s%n%n%s", Comparison.PROXY.title(), ProxyReport.table(rows));
            System.out.print(ProxyReport.footnote(options, cpus, conductor));
            return Section.of(Comparison.PROXY.toString(), Comparison.PROXY.title(),
                    ProxyReport.load(options.servers()) + "; windows of " + megabytes + " MB",
                    ServerProcess.flags(options.servers()), rows);
        }
    }

    private List<Comparison> comparisons() {
        try {
            return workloads.stream().map(Comparison::of).collect(Collectors.toList());
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), "--workloads: " + unknown.getMessage());
        }
    }
}
