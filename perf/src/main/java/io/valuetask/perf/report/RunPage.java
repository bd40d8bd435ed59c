package io.valuetask.perf.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.valuetask.perf.chart.Html;
import io.valuetask.perf.report.RecordedRun.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Recorded runs as one page: charts, and all numbers as tables. It loads nothing and runs no script. */
public final class RunPage {
    private RunPage() {}

    /** Writes it, and makes its directory where there is none. */
    public static void write(List<RecordedRun> runs, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, of(runs));
    }

    static String of(List<RecordedRun> runs) {
        StringBuilder page = new StringBuilder(Html.begin("netty-valuetask, beside others"));
        page.append(
                "<p>Every mode is measured beside raw Netty, window by window, in the same run. Loops are closed: "
                        + "a server that stalls is asked less meanwhile, and percentiles do not show how long others would have "
                        + "waited. perf/README.md tells what the numbers contain.</p>\n");
        for (RecordedRun run : runs) {
            run.sections().forEach(section -> section(page, run, section));
            environment(page, run);
        }
        return page.append(Html.end()).toString();
    }

    private static void section(StringBuilder page, RecordedRun run, Section section) {
        page.append("<figure>\n")
                .append(SectionChart.of(run, section).inPage())
                .append("</figure>\n<div class=\"wide\"><table><tr><th>mode</th>");
        List<Measure> measures = Measure.known(section);
        measures.forEach(
                measure -> page.append("<th>").append(Html.escape(measure.heading())).append("</th>"));
        page.append("</tr>\n");
        for (JsonNode row : section.rows()) {
            page.append("<tr><th>").append(Html.escape(SectionChart.mode(row))).append("</th>");
            measures.forEach(measure -> page.append("<td>").append(measure.text(row)).append("</td>"));
            page.append("</tr>\n");
        }
        page.append("</table></div>\n<p class=\"legend\">Servers: ")
                .append(Html.escape(String.join(" ", section.serverFlags()))).append("</p>\n");
    }

    private static void environment(StringBuilder page, RecordedRun run) {
        page.append("<h2>").append(Html.escape(run.command())).append("</h2>\n<table>\n");
        row(page, "date", run.date());
        run.environment().forEach((name, text) -> row(page, name, text));
        page.append("</table>\n");
    }

    private static void row(StringBuilder page, String name, String text) {
        page.append("<tr><th>").append(Html.escape(name)).append("</th><td class=\"text\">")
                .append(Html.escape(text)).append("</td></tr>\n");
    }
}
