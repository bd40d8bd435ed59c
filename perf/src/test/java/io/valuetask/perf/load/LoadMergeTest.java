package io.valuetask.perf.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class LoadMergeTest {
    @TempDir
    Path directory;

    @Test
    void read_whatWasWritten_isTheSame() throws Exception {
        LoadResult written = Results.result("one", LoadSetup.OPEN, 100.0, 0, 1, 0.1, 1, 2, 300);

        LoadResult read = throughAFile(written);

        assertThat(read).usingRecursiveComparison().ignoringFields("latency", "service", "lateness")
                .isEqualTo(written);
        assertThat(read.latency()).isEqualTo(written.latency());
        assertThat(read.service()).isEqualTo(written.service());
        assertThat(read.lateness()).isEqualTo(written.lateness());
        assertThat(read.millisAt(99)).isCloseTo(300, within(1.0));
    }

    @Test
    void merge_twoFiles_isTheSum() throws Exception {
        LoadResult a = throughAFile(Results.closed("a", 0, 1, 1, 2, 3));
        LoadResult b = throughAFile(Results.closed("b", 0, 1, 40, 50));

        LoadResult merged = throughAFile(LoadMerge.merge(List.of(a, b)));

        for (LoadCounter counter : LoadCounter.values()) {
            assertThat(merged.count(counter)).as(counter.key())
                    .isEqualTo(a.count(counter) + b.count(counter));
        }
        assertThat(merged.latency().getTotalCount()).isEqualTo(5);
        for (long millis : new long[]{1, 2, 3, 40, 50}) {
            assertThat(merged.latency().getCountAtValue(millis * 1_000_000)).as(millis + " ms").isEqualTo(1);
        }
        assertThat(merged.setup().label()).isEqualTo("a + b");
        assertThat(merged.setup().environment()).containsEntry("jvm", "of a | of b");
        assertThat(merged.series().ok()).startsWith(5L).hasSize(10);
        assertThat(merged.series().longestMicros()[0]).isEqualTo(b.series().longestMicros()[0]);
        assertThat(merged.generator().gcMillis()).isEqualTo(6);
    }

    @Test
    void merge_atTheSameTime_addsRatesAndConnections() throws Exception {
        LoadResult merged = LoadMerge.merge(List.of(
                Results.result("a", LoadSetup.OPEN, 100.0, 0, 10, 0.1, 1, 2),
                Results.result("b", LoadSetup.OPEN, 50.0, 0, 10, 0.1, 3, 4)));

        assertThat(merged.seconds()).isCloseTo(10, within(1e-6));
        assertThat(merged.opsPerSecond()).isCloseTo(0.4, within(1e-6));
        assertThat(merged.setup().rate()).isCloseTo(150, within(1e-6));
        assertThat(merged.setup().connections()).isEqualTo(8);
    }

    @Test
    void merge_oneAfterTheOther_keepsRateAndConnections() throws Exception {
        LoadResult merged = LoadMerge.merge(List.of(
                Results.result("a", LoadSetup.OPEN, 100.0, 20, 10, 0.1, 1, 2),
                Results.result("b", LoadSetup.OPEN, 100.0, 0, 10, 0.1, 3, 4)));

        assertThat(merged.seconds()).isCloseTo(20, within(1e-6));
        assertThat(merged.opsPerSecond()).isCloseTo(0.2, within(1e-6));
        assertThat(merged.setup().rate()).isCloseTo(100, within(1e-6));
        assertThat(merged.setup().connections()).isEqualTo(4);
    }

    @Test
    void merge_otherSteps_losesNoAnswer() throws Exception {
        LoadResult merged = LoadMerge.merge(List.of(Results.closed("a", 0, 1, 1, 2),
                Results.result("b", LoadSetup.CLOSED, null, 0, 3, 0.5, 3, 4, 5)));

        assertThat(merged.series().slotSeconds()).isEqualTo(0.5);
        assertThat(merged.series().ok()).containsExactly(5, 0, 0, 0, 0, 0);
    }

    @Test
    void merge_openAndClosed_isRefused() {
        assertThatThrownBy(() -> LoadMerge.merge(List.of(Results.closed("a", 0, 1, 1),
                Results.result("b", LoadSetup.OPEN, 1.0, 0, 1, 0.1, 1)))).isInstanceOf(LoadFailure.class)
                .hasMessageContaining("'a' is closed, 'b' is open");
    }

    @Test
    void read_noResult_saysSo() throws Exception {
        Path missing = directory.resolve("missing.json");
        assertThatThrownBy(() -> LoadJson.read(missing))
                .hasMessageMatching("there is no file .*missing.json.*");
        Path other = Files.writeString(directory.resolve("other.json"), "{\"format\":\"pigeon\"}");
        assertThatThrownBy(() -> LoadJson.read(other)).isInstanceOf(LoadFailure.class)
                .hasMessageContaining("format: pigeon, expected: netty-valuetask-load/1");
        Path broken = Files.writeString(directory.resolve("broken.json"), "{");
        assertThatThrownBy(() -> LoadJson.read(broken)).isInstanceOf(LoadFailure.class)
                .hasMessageContaining("is no JSON of 'load --json'");
        Path torn = Files.writeString(directory.resolve("torn.json"),
                "{\"format\":\"netty-valuetask-load/1\",\"latency\":\"HISTFAAA\"}");
        assertThatThrownBy(() -> LoadJson.read(torn)).isInstanceOf(LoadFailure.class)
                .hasMessageContaining("torn.json");
    }

    private LoadResult throughAFile(LoadResult result) throws Exception {
        Path file = directory.resolve(result.setup().label().replace(' ', '-') + ".json");
        LoadJson.write(result, file);
        return LoadJson.read(file);
    }
}
