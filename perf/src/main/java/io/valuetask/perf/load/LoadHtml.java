package io.valuetask.perf.load;

import io.valuetask.perf.chart.Axis;
import io.valuetask.perf.chart.Html;
import io.valuetask.perf.chart.LineChart;
import io.valuetask.perf.chart.RatioChart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** A result as a page: tables and charts in one file, which loads nothing and runs no script. */
final class LoadHtml {
    private static final int MOST_POINTS = 300;

    private LoadHtml() {}

    /**
     * Makes the page.
     *
     * @param result the run, or what several make together
     * @param runs those, in the order in which they are shown
     */
    static String of(LoadResult result, List<LoadResult> runs) {
        List<LoadResult> shown = new ArrayList<>(runs);
        if (runs.size() > 1) {
            shown.add(result);
        }
        StringBuilder page = new StringBuilder(Html.begin(result.setup().label()));
        paragraph(page, result.setup().describeLoop());
        paragraph(page, result.setup().describeLoad());
        for (String reason : result.invalidBecause()) {
            page.append("<p class=\"invalid\">INVALID: ").append(Html.escape(reason)).append("</p>\n");
        }
        legend(page, shown, runs.size());
        summary(page, shown, runs.size());
        figure(page, "Latency by percentile", percentiles(shown, runs.size()));
        figure(page, "Good answers over time", overTime(runs, "answers per second",
                (series, slot) -> series.ok()[slot] / series.slotSeconds(), false));
        figure(page, "Longest latency over time", overTime(runs, "ms",
                (series, slot) -> series.longestMicros()[slot] / 1e3, true));
        if (runs.size() > 1) {
            figure(page, "Ratio to " + runs.getFirst().setup().label(), ratios(runs));
        }
        counters(page, shown, runs.size());
        page.append("<h2>All of it as text</h2>\n<pre>").append(Html.escape(LoadTable.of(result)))
                .append("</pre>\n").append(Html.end());
        return page.toString();
    }

    private static String label(List<LoadResult> shown, int index, int runs) {
        return index < runs ? shown.get(index).setup().label() : "together";
    }

    private static void paragraph(StringBuilder page, String text) {
        page.append("<p>").append(Html.escape(text)).append("</p>\n");
    }

    private static void figure(StringBuilder page, String title, String svg) {
        page.append("<h2>").append(Html.escape(title)).append("</h2>\n<figure>\n").append(svg)
                .append("</figure>\n");
    }

    private static void legend(StringBuilder page, List<LoadResult> shown, int runs) {
        if (runs > 1) {
            page.append("<p class=\"legend\">");
            for (int i = 0; i < shown.size(); i++) {
                page.append("<span class=\"key ").append(Html.series(i)).append("\"></span>")
                        .append(Html.escape(label(shown, i, runs))).append(' ');
            }
            page.append("</p>\n");
        }
    }

    private static void summary(StringBuilder page, List<LoadResult> shown, int runs) {
        page.append("<table><tr><th>run</th><th>good answers per second</th><th>p50 ms</th><th>p90 ms</th>"
                + "<th>p99 ms</th><th>p99.9 ms</th><th>p99.99 ms</th><th>max ms</th></tr>\n");
        for (int i = 0; i < shown.size(); i++) {
            LoadResult run = shown.get(i);
            page.append(String.format(Locale.ROOT,
                    "<tr><th>%s%s</th><td>%,.1f</td><td>%.3f</td><td>%.3f</td><td>%.3f</td><td>%.3f</td><td>%.3f</td>"
                            + "<td>%.3f</td></tr>%n",
                    Html.escape(label(shown, i, runs)), run.isValid() ? "" : " (INVALID)", run.opsPerSecond(),
                    run.millisAt(50), run.millisAt(90), run.millisAt(99), run.millisAt(99.9),
                    run.millisAt(99.99),
                    run.latency().getMaxValue() / 1e6));
        }
        page.append("</table>\n");
    }

    private static void counters(StringBuilder page, List<LoadResult> shown, int runs) {
        page.append("<h2>What was counted</h2>\n<table><tr><th>counter</th>");
        for (int i = 0; i < shown.size(); i++) {
            page.append("<th>").append(Html.escape(label(shown, i, runs))).append("</th>");
        }
        page.append("<th class=\"text\">meaning</th></tr>\n");
        for (LoadCounter counter : LoadCounter.values()) {
            page.append("<tr><th>").append(counter.key()).append("</th>");
            for (LoadResult run : shown) {
                page.append(String.format(Locale.ROOT, "<td%s>%,d</td>",
                        counter.failure() && run.count(counter) > 0 ? " class=\"bad\"" : "",
                        run.count(counter)));
            }
            page.append("<td class=\"text\">").append(Html.escape(counter.meaning())).append("</td></tr>\n");
        }
        page.append("</table>\n");
    }

    // Charts

    private static String percentiles(List<LoadResult> shown, int runs) {
        List<LineChart.Line> lines = new ArrayList<>();
        double least = Double.MAX_VALUE;
        double most = 0;
        double nines = 10;
        for (int i = 0; i < shown.size(); i++) {
            Histogram latency = shown.get(i).latency();
            if (latency.getTotalCount() > 0) {
                lines.add(percentiles(label(shown, i, runs), latency));
                least = Math.min(least, latency.getMinValue() / 1e6);
                most = Math.max(most, latency.getMaxValue() / 1e6);
                nines = Math.max(nines, latency.getTotalCount());
            }
        }
        return LineChart.svg("latency by percentile", Axis.percentiles(nines),
                Axis.logarithmic("ms", Math.min(least, Math.max(most, 1e-3)), most), lines);
    }

    private static LineChart.Line percentiles(String label, Histogram latency) {
        List<Double> xs = new ArrayList<>();
        List<Double> ys = new ArrayList<>();
        for (HistogramIterationValue value : latency.percentiles(10)) {
            double fraction = value.getPercentileLevelIteratedTo() / 100;
            xs.add(fraction < 1 ? 1 / (1 - fraction) : latency.getTotalCount());
            ys.add(value.getValueIteratedTo() / 1e6);
        }
        return new LineChart.Line(label, array(xs), array(ys));
    }

    private interface SlotValue {
        double of(LoadResult.Series series, int slot);
    }

    /** In steps as they were measured, or so many together that there are not too many. */
    private static String overTime(List<LoadResult> runs, String unit, SlotValue value, boolean longest) {
        List<LineChart.Line> lines = new ArrayList<>();
        double seconds = 0;
        double most = 0;
        for (LoadResult run : runs) {
            LoadResult.Series series = run.series();
            int slots = series.ok().length;
            int together = Math.max(1, (slots + MOST_POINTS - 1) / MOST_POINTS);
            List<Double> xs = new ArrayList<>();
            List<Double> ys = new ArrayList<>();
            for (int from = 0; from < slots; from += together) {
                int to = Math.min(slots, from + together);
                double all = 0;
                for (int slot = from; slot < to; slot++) {
                    double one = value.of(series, slot);
                    all = longest ? Math.max(all, one) : all + one / (to - from);
                }
                xs.add((from + to) / 2.0 * series.slotSeconds());
                ys.add(all);
                most = Math.max(most, all);
            }
            seconds = Math.max(seconds, slots * series.slotSeconds());
            lines.add(new LineChart.Line(run.setup().label(), array(xs), array(ys)));
        }
        return LineChart.svg(unit + " over time", Axis.linear("seconds", seconds), Axis.linear(unit, most),
                lines);
    }

    private static String ratios(List<LoadResult> runs) {
        List<RatioChart.Group> groups = List.of(
                ratios("answers per second", runs, LoadResult::opsPerSecond),
                ratios("p50", runs, run -> run.millisAt(50)), ratios("p99", runs, run -> run.millisAt(99)),
                ratios("p99.9", runs, run -> run.millisAt(99.9)));
        return RatioChart.svg(runs.stream().map(run -> run.setup().label()).toList(), groups);
    }

    private static RatioChart.Group ratios(String name, List<LoadResult> runs,
            ToDoubleFunction<LoadResult> value) {
        double first = value.applyAsDouble(runs.getFirst());
        return new RatioChart.Group(name, runs.stream()
                .mapToDouble(run -> first > 0 ? value.applyAsDouble(run) / first : 0).toArray());
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
