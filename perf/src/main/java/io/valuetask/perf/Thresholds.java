package io.valuetask.perf;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file of {@link Threshold}s: by feature release of the JDK, since what is optimized away differs, and by row. A row
 * is {@code jmh/<method>} or {@code <name of the run>/<mode>}.
 */
final class Thresholds {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final TreeMap<Integer, Map<String, Threshold>> byRelease;

    Thresholds(Map<Integer, Map<String, Threshold>> byRelease) {
        this.byRelease = new TreeMap<>(byRelease);
    }

    static Thresholds read(Path file) throws IOException {
        return new Thresholds(
                JSON.readValue(file.toFile(), new TypeReference<Map<Integer, Map<String, Threshold>>>() {}));
    }

    void write(Path file) throws IOException {
        JSON.writeValue(file.toFile(), byRelease);
    }

    /** The release whose rows apply: the newest one that is not newer than asked, else the oldest. */
    int releaseFor(int feature) {
        Integer recorded = byRelease.floorKey(feature);
        return recorded != null ? recorded : byRelease.firstKey();
    }

    Map<String, Threshold> rows(int release) {
        return byRelease.get(release);
    }

    /** What follows the prefix and a slash in the rows' names. */
    static List<String> named(Map<String, Threshold> rows, String prefix) {
        return rows.keySet().stream().filter(row -> row.startsWith(prefix + "/"))
                .map(row -> row.substring(prefix.length() + 1)).toList();
    }

    /** The same file with what was measured as the record of a release; rows that were met stay as they are. */
    Thresholds recorded(int release, Map<String, Double> measured) {
        Map<String, Threshold> rows = new LinkedHashMap<>(byRelease.get(releaseFor(release)));
        measured.forEach((row, bytes) -> rows.computeIfPresent(row, (name, old) -> old.recorded(bytes)));
        TreeMap<Integer, Map<String, Threshold>> changed = new TreeMap<>(byRelease);
        changed.put(release, rows);
        return new Thresholds(changed);
    }
}
