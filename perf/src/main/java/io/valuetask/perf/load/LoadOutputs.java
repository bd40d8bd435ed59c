package io.valuetask.perf.load;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where a result goes, besides the table on standard output. */
final class LoadOutputs {
    @Option(names = "--json", paramLabel = "FILE", description = "Write the result for scripts and for 'merge'.")
    Path json;

    @Option(names = "--hgrm", paramLabel = "FILE", description = "Write the latencies in milliseconds as HdrHistogram's plotters read them.")
    Path hgrm;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a report with charts, in one file that needs no other.")
    Path html;

    /**
     * Prints and writes a result.
     *
     * @param result the run, or what several make together
     * @param runs those, for the charts
     */
    void write(LoadResult result, List<LoadResult> runs) throws LoadFailure {
        System.out.print(LoadTable.of(result));
        Path current = null;
        try {
            current = json;
            if (json != null) {
                LoadJson.write(result, json);
            }
            current = hgrm;
            if (hgrm != null) {
                writeHgrm(result);
            }
            current = html;
            if (html != null) {
                Files.writeString(html, LoadHtml.of(result, runs));
            }
        } catch (IOException failure) {
            throw new LoadFailure("cannot write " + current + ": " + failure, failure);
        }
    }

    private void writeHgrm(LoadResult result) throws IOException {
        try (PrintStream out = new PrintStream(Files.newOutputStream(hgrm), false, StandardCharsets.UTF_8)) {
            result.latency().outputPercentileDistribution(out, 5, 1e6);
            out.println("#[" + result.setup().describeLoop() + "]");
            out.println("#[" + result.setup().describeLoad() + "]");
            result.invalidBecause().forEach(reason -> out.println("#[INVALID: " + reason + "]"));
            if (out.checkError()) {
                throw new IOException("the disk did not take it");
            }
        }
    }
}
