package io.valuetask.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The judgement alone; what it judges is measured by the gate itself, {@code mvn -q -Pgate verify -DskipTests}. */
class GateTest {
    private static final Map<String, Threshold> ROWS = Map.of("jmh/free", new Threshold(0, null),
            "jmh/handle",
            new Threshold(24, null), "echo/common", new Threshold(40, 40.0));

    private final Map<String, Double> measured = new HashMap<>(
            Map.of("jmh/free", 0.003, "jmh/handle", 24.001, "echo/common", 37.3));

    @Test
    void judge_whenEveryRowIsAsRecorded_passes() {
        GateReport report = new GateReport(ROWS, measured);

        assertThat(report.passed()).isTrue();
        assertThat(report.toString()).hasLineCount(3).doesNotContain("WORSE", "BETTER", "MISSING");
    }

    @Test
    void judge_whenAFreeRowAllocatesOneObject_fails() {
        assertFails("jmh/free", 24.0, "WORSE");
        assertFails("jmh/free", 0.08, "WORSE"); // one in three hundred operations
    }

    @Test
    void judge_whenARowIsBetterThanRecorded_failsUntilItIsRecorded() {
        assertFails("jmh/handle", 0.001, "BETTER and not recorded");
    }

    @Test
    void judge_whenTheTolerantRowLeavesItsRange_fails() {
        assertFails("echo/common", 80.1, "WORSE");
    }

    @Test
    void judge_whenARowWasNotMeasured_fails() {
        measured.remove("jmh/free");

        GateReport report = new GateReport(ROWS, measured);

        assertThat(report.passed()).isFalse();
        assertThat(report.toString()).contains("MISSING");
    }

    @Test
    void judge_whenThereAreNoRows_fails() {
        assertThat(new GateReport(Map.of(), measured).passed()).isFalse();
    }

    @Test
    void record_whenSomeRowsDiffer_changesThoseAlone(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("thresholds.json");
        measured.put("jmh/handle", 0.001);
        new Thresholds(Map.of(25, ROWS)).recorded(26, measured).write(file);

        Thresholds changed = Thresholds.read(file);

        assertThat(changed.rows(25)).isEqualTo(ROWS);
        assertThat(changed.rows(26)).containsEntry("jmh/handle", new Threshold(0, null))
                .containsEntry("jmh/free", ROWS.get("jmh/free"))
                .containsEntry("echo/common", ROWS.get("echo/common"));
    }

    @Test
    void releaseFor_whenNotRecorded_isTheNewestThatIsNotNewer() {
        Thresholds thresholds = new Thresholds(Map.of(25, ROWS, 27, ROWS));

        assertThat(List.of(24, 25, 26, 27, 30)).extracting(thresholds::releaseFor).containsExactly(25, 25, 25,
                27,
                27);
    }

    @Test
    void thresholdsJson_isReadAndKnowsNoRowTwice() throws IOException {
        Path file = Path.of("thresholds.json");
        assertThat(Files.readString(file).lines().filter(line -> line.contains("/"))
                .map(line -> line.split(":")[0])
                .toList()).doesNotHaveDuplicates();
        assertThat(Thresholds.named(Thresholds.read(file).rows(25), "jmh")).contains("sourceByToken",
                "completableFuture");
    }

    private void assertFails(String row, double bytes, String verdict) {
        Map<String, Double> changed = new HashMap<>(measured);
        changed.put(row, bytes);
        GateReport report = new GateReport(ROWS, changed);
        assertThat(report.passed()).isFalse();
        assertThat(report.toString().lines().filter(line -> line.contains(verdict))).singleElement()
                .asString()
                .startsWith(row);
    }
}
