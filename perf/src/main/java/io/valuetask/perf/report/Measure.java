package io.valuetask.perf.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.valuetask.perf.report.RecordedRun.Section;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The numbers of a row, in the order of a table's columns. A row has those that its workload knows. */
enum Measure {
    CPU_RATIO("cpuRatioToRaw", "cpuRatio", "server cpu, to raw", "less is better", "%.2f", 1),
    THROUGHPUT_RATIO("throughputRatioToRaw", "throughputRatio", "throughput, to raw", "more is better",
            "%.2f", 1),
    HEAP_PER_CONNECTION("heapBytesPerConnection", null, "heap bytes per connection", "less is better",
            "%,.0f", Double.NaN),
    BYTES_ABOVE_RAW("bytesAboveRaw", null, "heap bytes above raw", "less is better", "%+,.1f", Double.NaN),
    P99("p99Micros", null, "p99, us", "less is better; closed loop", "%,.0f", Double.NaN),
    RATE("opsPerSecond", "operations per second", "%,.0f"),
    P50("p50Micros", "p50, us", "%,.1f"),
    P999("p999Micros", "p99.9, us", "%,.1f"),
    CPU("cpuNanosPerOp", "cpu ns per operation", "%,.0f"),
    BYTES("bytesPerOp", "heap bytes per operation", "%,.2f"),
    COLLECTIONS("collections", "collections", "%,.0f"),
    SWITCHES("contextSwitchesPerOp", "context switches per operation", "%,.4f"),
    MEGABYTES("megabytesPerSecond", "MB per second", "%,.0f"),
    CPU_PER_KILOBYTE("cpuNanosPerKilobyte", "cpu ns per KB", "%,.2f"),
    BYTES_PER_MEGABYTE("bytesPerMegabyte", "heap bytes per MB", "%,.1f"),
    FULL_COLLECTIONS("fullCollections", "full collections", "%,.0f"),
    CONCURRENT_CYCLES("concurrentCycles", "concurrent cycles", "%,.0f"),
    ROUND_TRIPS("roundTrips", "round trips", "%,.0f"),
    PAIRS("pairs", "windows", "%,.0f");

    private final String key;
    private final String spread;
    private final String heading;
    private final String remark;
    private final String format;
    private final double mark;

    /** Drawn. The spread is the beginning of two more keys, or null. */
    Measure(String key, String spread, String heading, String remark, String format, double mark) {
        this.key = key;
        this.spread = spread;
        this.heading = heading;
        this.remark = remark;
        this.format = format;
        this.mark = mark;
    }

    /** For the table only. */
    Measure(String key, String heading, String format) {
        this(key, null, heading, null, format, Double.NaN);
    }

    /** Those that every row has, and that are drawn. */
    static List<Measure> charted(Section section) {
        return known(section).stream().filter(measure -> measure.remark != null).toList();
    }

    static String chartedKeys() {
        return Arrays.stream(values()).filter(measure -> measure.remark != null).map(measure -> measure.key)
                .collect(Collectors.joining(", "));
    }

    /** Those that every row has. */
    static List<Measure> known(Section section) {
        return Arrays.stream(values())
                .filter(measure -> section.rows().stream().allMatch(row -> row.path(measure.key).isNumber()))
                .toList();
    }

    double of(JsonNode row) {
        return row.path(key).doubleValue();
    }

    /** NaN where it is not known. */
    double least(JsonNode row) {
        return spread == null ? Double.NaN : row.path(spread + "Min").asDouble(Double.NaN);
    }

    double most(JsonNode row) {
        return spread == null ? Double.NaN : row.path(spread + "Max").asDouble(Double.NaN);
    }

    String text(JsonNode row) {
        String text = String.format(Locale.ROOT, format, of(row));
        return text.equals("-0.0") ? "+0.0" : text; // a rounded nothing has no sign
    }

    boolean hasSpread() {
        return spread != null;
    }

    String heading() {
        return heading;
    }

    String remark() {
        return remark;
    }

    double mark() {
        return mark;
    }
}
