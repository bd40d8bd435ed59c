package io.valuetask.perf;

import java.util.List;
import java.util.Locale;

/** How the rows of a proxy run are shown. */
final class ProxyReport {
    private static final String HEADINGS = "%-18s %12s %12s %12s %14s %10s%n";

    private ProxyReport() {}

    static String table(List<ProxyRow> rows) {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format(Locale.ROOT, HEADINGS, "", "MB", "cpu ns", "heap bytes", "throughput", "cpu"));
        table.append(String.format(Locale.ROOT, HEADINGS, "mode", "per second", "per KB", "per MB", "to raw",
                "to raw"));
        for (ProxyRow row : rows) {
            table.append(String.format(Locale.ROOT, "%-18s %,12.0f %12.2f %12.1f %14.3f %10.3f%n", row.mode(),
                    row.megabytesPerSecond(), row.cpuNanosPerKilobyte(), row.bytesPerMegabyte(),
                    row.throughputRatioToRaw(), row.cpuRatioToRaw()));
        }
        return table.append(System.lineSeparator()).toString();
    }

    /** How the proxies are driven. */
    static String load(EchoOptions servers) {
        return "one connection, client to backend, " + servers.transport();
    }

    static String footnote(ProxyOptions options, Cpus cpus, ProxyConductor conductor) {
        EchoOptions servers = conductor.serverOptions();
        return """
                Load:     %s, one byte in 509 checked
                Windows:  %d pairs of %d MB, warm-up until steady or %s s
                """.formatted(load(servers), options.pairs, options.megabytes, options.warmupSeconds)
                + EchoReport.circumstances(servers, cpus);
    }
}
