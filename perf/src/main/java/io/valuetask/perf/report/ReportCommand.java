package io.valuetask.perf.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws what was recorded: a chart for each workload, and one page with all of them and their numbers. */
@Command(name = "report", sortOptions = false, description = "Makes charts and a page of recorded runs.")
public final class ReportCommand implements Callable<Integer> {
    @Option(names = "--results", paramLabel = "DIRECTORY", defaultValue = "perf/results", description = "Where the recorded runs are (${DEFAULT-VALUE}).")
    private Path results;

    @Option(names = "--charts", paramLabel = "DIRECTORY", defaultValue = "perf/charts", description = "Where the charts go; others there are removed (${DEFAULT-VALUE}).")
    private Path charts;

    @Option(names = "--html", paramLabel = "FILE", defaultValue = "perf/target/report.html", description = "Where the page goes (${DEFAULT-VALUE}).")
    private Path html;

    /** For picocli. */
    public ReportCommand() {}

    @Override
    public Integer call() {
        try {
            Report report = Report.read(results);
            report.writeCharts(charts);
            RunPage.write(report.runs(), html);
            System.out.printf("%d charts of %d recorded runs: %s%nall on one page: %s%n",
                    report.charts().size(), report.runs().size(), charts.toAbsolutePath().normalize(),
                    html.toAbsolutePath().normalize());
            return 0;
        } catch (ReportFailure failure) {
            System.err.println(failure.getMessage());
        } catch (IOException failure) {
            System.err.println("cannot write the charts or the page: " + failure);
        }
        return 1;
    }
}
