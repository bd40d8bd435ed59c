package io.valuetask.perf.load;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A result as text. */
final class LoadTable {
    private static final String HEADINGS = "%-10s %11s %11s %11s %11s %11s %11s %11s%n";
    private static final String NUMBERS = "%-10s %,11.3f %,11.3f %,11.3f %,11.3f %,11.3f %,11.3f %,11.3f%n";

    private LoadTable() {}

    static String of(LoadResult result) {
        LoadSetup setup = result.setup();
        StringBuilder text = new StringBuilder();
        line(text, setup.describeLoop());
        line(text, setup.describeLoad());
        result.invalidBecause().forEach(reason -> line(text, "INVALID: " + reason));
        line(text, "");
        line(text, "%,.1f good answers per second, %,d in %.1f s", result.opsPerSecond(),
                result.count(LoadCounter.OK), result.seconds());
        line(text, "");
        text.append(String.format(Locale.ROOT, HEADINGS, "ms", "mean", "p50", "p90", "p99", "p99.9", "p99.99",
                "max"));
        row(text, "latency", result.latency());
        if (setup.isOpen()) {
            row(text, "service", result.service());
        }
        row(text, "lateness", result.lateness());
        line(text, setup.isOpen()
                ? "latency: from the intended send time; service: from the send time; lateness: of the generator's "
                        + "operations"
                : "latency: from the send time; lateness: of the generator's ticks");
        line(text, "");
        for (LoadCounter counter : LoadCounter.values()) {
            long count = result.count(counter);
            if (count > 0 || counter == LoadCounter.OK || counter == LoadCounter.SENT) {
                line(text, "%-15s %,14d  %s", counter.key(), count, counter.meaning());
            }
        }
        line(text, "%-15s %14s  %s", "all others", "0", others(result));
        line(text, "");
        LoadResult.Generator generator = result.generator();
        line(text,
                "Generator: %.2f of %d processors, its busiest of %d event loops %.0f %% of one, %d collections in "
                        + "%d ms, compilers at work for %d ms",
                generator.cpus(), generator.processors(), generator.loops(),
                100 * generator.busiestLoop(), generator.collections(), generator.gcMillis(),
                generator.compilerMillis());
        setup.environment().forEach((key, value) -> line(text, "%-10s %s", key + ":", value));
        line(text, "%-10s %s", "command:", setup.command());
        return text.toString();
    }

    private static String others(LoadResult result) {
        StringBuilder text = new StringBuilder();
        for (LoadCounter counter : LoadCounter.values()) {
            if (result.count(counter) == 0 && counter != LoadCounter.OK && counter != LoadCounter.SENT) {
                text.append(text.isEmpty() ? "" : ", ").append(counter.key());
            }
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String name, Histogram histogram) {
        text.append(String.format(Locale.ROOT, NUMBERS, name, histogram.getMean() / 1e6, at(histogram, 50),
                at(histogram, 90), at(histogram, 99), at(histogram, 99.9), at(histogram, 99.99),
                histogram.getMaxValue() / 1e6));
    }

    private static double at(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e6;
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values)).append('\n');
    }
}
