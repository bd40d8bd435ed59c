package io.valuetask.perf.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.valuetask.perf.chart.BarPanels;
import io.valuetask.perf.chart.BarPanels.Bar;
import io.valuetask.perf.chart.BarPanels.Kind;
import io.valuetask.perf.chart.BarPanels.Panel;
import io.valuetask.perf.chart.BarPanels.Row;
import io.valuetask.perf.report.RecordedRun.Section;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The chart of one section: raw on top, then from the best to the worst, whoever that is. */
final class SectionChart {
    private static final Set<String> OURS = Set.of("callback", "loop", "loop-send", "loop-write", "common",
            "common-write", "virtual-loop", "relay");

    private SectionChart() {}

    static BarPanels of(RecordedRun run, Section section) {
        List<Measure> measures = Measure.charted(section);
        List<JsonNode> rows = sorted(section, measures.getFirst());
        return new BarPanels(section.title(), section.load(),
                rows.stream().map(row -> new Row(mode(row), kind(mode(row)))).toList(),
                measures.stream().map(measure -> panel(measure, rows)).toList(),
                footnotes(run, section, measures));
    }

    private static List<JsonNode> sorted(Section section, Measure by) {
        List<JsonNode> rows = new ArrayList<>(section.rows());
        rows.subList(1, rows.size()).sort(Comparator.comparingDouble(by::of));
        return rows;
    }

    private static Panel panel(Measure measure, List<JsonNode> rows) {
        return new Panel(measure.heading(), measure.remark(), measure.mark(), rows.stream()
                .map(row -> new Bar(measure.of(row), measure.text(row), measure.least(row),
                        measure.most(row)))
                .toList());
    }

    private static List<String> footnotes(RecordedRun run, Section section, List<Measure> measures) {
        List<String> notes = new ArrayList<>();
        if (Measure.known(section).contains(Measure.PAIRS)) {
            String pairs = Measure.PAIRS.text(section.rows().getLast());
            notes.add("Bars to and above raw: medians over " + pairs
                    + " pairs of windows, each next to one of raw"
                    + (measures.stream().anyMatch(Measure::hasSpread)
                            ? "; across them: least to most of the pairs."
                            : "."));
        }
        notes.add(run.command());
        notes.add(run.date() + "; " + run.environment().get(Environment.JDK) + "; Netty "
                + run.environment().get(Environment.NETTY) + "; "
                + run.environment().get(Environment.MACHINE) + "; commit "
                + run.environment().get(Environment.COMMIT));
        return notes;
    }

    static String mode(JsonNode row) {
        return row.path("mode").asText();
    }

    private static Kind kind(String mode) {
        boolean byHand = mode.startsWith("raw") || mode.equals("future"); // handlers without any library above Netty
        return byHand ? Kind.RAW : OURS.contains(mode) ? Kind.OURS : Kind.OTHER;
    }
}
