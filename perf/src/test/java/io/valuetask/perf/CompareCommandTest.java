package io.valuetask.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code compare} does when a workload fails; {@code RecordingTest} has it when all goes well. */
@Timeout(120)
class CompareCommandTest {
    private static final String WHY = "http: the broken-fails server failed: "
            + "java.lang.IllegalStateException: there is no pigeon";

    @TempDir
    Path directory;

    @Test
    void compare_whenAWorkloadFails_measuresTheOthersAndNamesItAtTheEnd() throws Exception {
        Command.Outcome outcome = compare("http,http-stream").assertStatus(1);

        JsonNode run = new ObjectMapper().readTree(directory.resolve("compare.json").toFile());
        assertThat(run.get("sections").findValuesAsText("name")).containsExactly("http-stream");
        assertThat(Files.readString(directory.resolve("compare.html"))).contains("<svg", "streaming");
        assertThat(outcome.output()).contains("Everything as JSON");
        assertThat(outcome.errors()).containsSubsequence(WHY, "1 of 2 workloads failed",
                "--workloads http:", WHY);
    }

    @Test
    void compare_whenNothingWasMeasured_doesNotSayWhereItIs() throws Exception {
        Command.Outcome outcome = compare("http").assertStatus(1);

        assertThat(outcome.errors()).contains("1 of 1 workloads failed");
        assertThat(outcome.output()).doesNotContain("Everything as JSON");
        assertThat(directory.resolve("compare.json")).doesNotExist();
    }

    private Command.Outcome compare(String workloads) throws Exception {
        return new Command(directory).run("compare", "--workloads", workloads, "--pairs", "1", "--duration",
                "0.1", "--warmup", "0", "--transport", "nio", "--out",
                directory.toString());
    }
}
