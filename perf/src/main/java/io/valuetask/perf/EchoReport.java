package io.valuetask.perf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.netty.util.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** How the rows are shown: a table with the circumstances below it, and JSON. */
final class EchoReport {
    private static final String HEADINGS = "%-22s %12s %9s %9s %9s %9s %9s %9s %9s %9s %11s%n";
    private static final String NUMBERS = "%-22s %,12.0f %9.1f %9.1f %9.1f %9.1f %9.2f %9.2f %9s %9.3f %+11.2f%n";

    private EchoReport() {}

    static String table(List<EchoRow> rows) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(Locale.ROOT, HEADINGS, "", "round trips", "p50", "p99", "p99.9", "max",
                "cpu us", "bytes", "switches", "cpu", "bytes"));
        table.append(String.format(Locale.ROOT, HEADINGS, "mode", "per second", "us", "us", "us", "us",
                "per trip", "per trip", "per trip", "to raw", "above raw"));
        for (EchoRow row : rows) {
            table.append(String.format(Locale.ROOT, NUMBERS, row.mode(), row.opsPerSecond(), row.p50Micros(),
                    row.p99Micros(), row.p999Micros(), row.maxMicros(), row.cpuNanosPerOp() / 1e3,
                    row.bytesPerOp(), switches(row), row.cpuRatioToRaw(), row.bytesAboveRaw()));
        }
        String collections = rows.stream().map(row -> row.mode() + " " + row.collections())
                .collect(Collectors.joining(", "));
        return table.append("%nCollections in the windows: %s%n".formatted(collections)).toString();
    }

    private static String switches(EchoRow row) {
        return row.contextSwitchesPerOp() == null
                ? "unknown"
                : String.format(Locale.ROOT, "%.3f", row.contextSwitchesPerOp());
    }

    /** Everything that has to be equal for two results to be comparable. */
    static String footnote(EchoOptions options, Cpus cpus, EchoConductor conductor) {
        return """
                Bytes of sampling per window, taken off: %s
                Load:     %s, every byte verified
                Windows:  %d pairs of %s s, warm-up until steady or %s s
                """.formatted(conductor.samplingBytes(), conductor.load(), options.pairs,
                options.durationSeconds, options.warmupSeconds) + circumstances(options, cpus);
    }

    /** What is asked of each server. */
    static String load(EchoOptions options) {
        return String.format(Locale.ROOT, "%,d connections, %s, %d under way on each, %s, closed loop",
                options.connections,
                switch (options.workload) {
                    case ECHO, PROXY -> String.format(Locale.ROOT, "%,d B", options.payloadBytes);
                    case HTTP -> "GET " + PlaintextAnswer.PATH;
                    case HTTP_STREAM -> "GET " + StreamAnswer.PATH;
                }, options.pipelining, options.transport());
    }

    /** Which of them do not depend on the load. */
    static String circumstances(EchoOptions options, Cpus cpus) {
        String arguments = String.join(" ", arguments(options.spec));
        return """
                JVM:      %s %s, %s
                Machine:  %s %s %s, %d processors; %s
                Netty:    %s
                Servers:  %s
                Client:   %s
                Command:  %s
                """.formatted(System.getProperty("java.vm.name"), Runtime.version(),
                System.getProperty("java.vendor"), System.getProperty("os.name"),
                System.getProperty("os.version"), System.getProperty("os.arch"),
                cpus.count(), cpus,
                Version.identify().get("netty-transport").artifactVersion(),
                String.join(" ", ServerProcess.flags(options)),
                String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()), arguments);
    }

    /** The command line, from the name of the command on. */
    static List<String> arguments(CommandSpec spec) {
        return spec.commandLine().getParseResult().originalArgs();
    }

    static void writeJson(Object rows, Path file) throws IOException {
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), rows);
    }
}
