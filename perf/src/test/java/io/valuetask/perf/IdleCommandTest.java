package io.valuetask.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.valuetask.perf.Command.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

@Timeout(120)
class IdleCommandTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"Serial, MarkSweepCompact", "Parallel, PS MarkSweep", "G1, G1 Old Generation"})
    void idle_ofACollectorThatStops_countsItsFullCollections(String collector, String counter)
            throws Exception {
        Path json = directory.resolve("idle.json");
        Outcome outcome = run("--server-jvm-arg", "-XX:+Use" + collector + "GC", "--connections", "100",
                "--json", json.toString()).assertStatus(0);

        assertThat(outcome.output()).contains("full collections", "'" + counter + "'",
                "-XX:+Use" + collector + "GC").doesNotContain("concurrent cycles");
        for (JsonNode row : rows(json)) {
            assertThat(row.get("fullCollections").intValue()).isNotNegative();
            assertThat(row.has("concurrentCycles")).isFalse();
            assertThat(row.get("heapBytesPerConnection").intValue()).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({"Z, ZGC Major Cycles", "Shenandoah, Shenandoah Cycles"})
    void idle_ofAConcurrentCollector_countsCyclesUnderTheirOwnName(String collector, String counter)
            throws Exception {
        Path json = directory.resolve("idle.json");
        Outcome outcome = run("--server-jvm-arg", "-XX:+Use" + collector + "GC", "--connections", "100",
                "--json", json.toString());
        // Not every JDK has Shenandoah.
        assumeThat(outcome.errors()).doesNotContain("Option -XX:+Use" + collector + "GC not supported");
        outcome.assertStatus(0);

        assertThat(outcome.output()).contains("concurrent cycles", "'" + counter + "'");
        for (JsonNode row : rows(json)) {
            assertThat(row.has("fullCollections")).isFalse();
            assertThat(row.get("concurrentCycles").intValue()).isNotNegative();
            assertThat(row.get("heapBytesPerConnection").intValue()).isPositive();
        }
    }

    /** The server is alive and has event loops, but no answer: the command used to wait for one for ever. */
    @Test
    void idle_ofAnUnknownCollector_saysWhichAndEnds() throws Exception {
        Outcome outcome = run("--server-jvm-arg", "-XX:+UnlockExperimentalVMOptions", "--server-jvm-arg",
                "-XX:+UseEpsilonGC", "--connections", "2").assertStatus(1);

        assertThat(outcome.errors()).contains("the raw server failed:", "[Epsilon Heap]",
                "MarkSweepCompact", "--server-jvm-arg");
        assertThat(outcome.output()).doesNotContain("heap bytes");
    }

    @Test
    void idle_whenAskedCollectionsAreIgnored_saysSoAndEnds() throws Exception {
        Outcome outcome = run("--server-jvm-arg", "-XX:+DisableExplicitGC", "--connections", "2")
                .assertStatus(1);

        assertThat(outcome.errors()).contains("the raw server failed: 3 calls of System.gc() made 0",
                "'MarkSweepCompact'", "-XX:+DisableExplicitGC");
    }

    private Outcome run(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 5];
        System.arraycopy(new String[]{"idle", "--modes", "raw", "--seconds", "1"}, 0, all, 0, 5);
        System.arraycopy(arguments, 0, all, 5, arguments.length);
        return new Command(directory).run(all);
    }

    private static JsonNode rows(Path json) throws Exception {
        JsonNode rows = new ObjectMapper().readTree(json.toFile()).get("sections").get(0).get("rows");
        assertThat(rows.findValuesAsText("mode")).containsExactly("raw");
        return rows;
    }
}
