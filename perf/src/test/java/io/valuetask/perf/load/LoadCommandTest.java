package io.valuetask.perf.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.valuetask.perf.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands as users run them. */
@Timeout(120)
class LoadCommandTest {
    @TempDir
    Path directory;

    @Test
    void loadAndMerge_againstAServer_writeEverything() throws Exception {
        Path a = directory.resolve("a.json");
        Path b = directory.resolve("b.json");
        Path hgrm = directory.resolve("a.hgrm");
        Path html = directory.resolve("both.html");
        Path both = directory.resolve("both.json");
        try (TestServer server = TestServer.http()) {
            String target = "http://localhost:" + server.port() + "/";
            for (Path json : List.of(a, b)) {
                Outcome load = run("load", target, "--rate", "200", "--warmup", "0.5", "--duration", "1",
                        "--max-lateness", "60000", "--expect-body", TestServer.BODY, "--json",
                        json.toString(), "--hgrm",
                        hgrm.toString(), "--label", json.getFileName().toString());
                assertThat(load.errors).doesNotContain("Exception").contains(target);
                assertThat(load.output).startsWith("OPEN LOOP, 200 per second, constant")
                        .contains("command:   load "
                                + target);
                // A machine that is busy with other things makes the generator late, or busy.
                assertThat(load.status).as(load.errors).isEqualTo(load.output.contains("INVALID") ? 1 : 0);
            }
        }
        JsonNode summary = new ObjectMapper().readTree(a.toFile()).get("summary");
        assertThat(summary.get("loop").asText()).isEqualTo("open");
        assertThat(summary.get("opsPerSecond").asDouble()).isEqualTo(200);
        assertThat(summary.get("p50Micros").asDouble()).isPositive()
                .isLessThanOrEqualTo(summary.get("p99Micros").asDouble());
        assertThat(Files.readString(hgrm)).contains("1/(1-Percentile)", "#[OPEN LOOP");

        Outcome merge = run("merge", a.toString(), b.toString(), "--json", both.toString(), "--html",
                html.toString());
        assertThat(merge.status).as(merge.errors).isZero();
        assertThat(LoadJson.read(both).count(LoadCounter.OK)).isEqualTo(400);
        assertThat(Files.readString(html)).contains("<h1>a.json + b.json</h1>", "Ratio to a.json", "</html>");
    }

    @Test
    void load_nobodyListens_failsInOneSentence() throws Exception {
        Outcome outcome = run("load", "tcp://localhost:1");
        assertThat(outcome.status).isEqualTo(1);
        assertThat(outcome.output).isEmpty();
        assertThat(outcome.errors.lines()).singleElement().asString()
                .startsWith("cannot connect to tcp://localhost:1: ");
    }

    @Test
    void load_wrongOption_isRefusedInOneSentence() throws Exception {
        Outcome outcome = run("load", "tcp://localhost:1", "--rate", "-1");
        assertThat(outcome.status).isEqualTo(2);
        assertThat(outcome.errors.lines()).singleElement().asString()
                .isEqualTo(
                        "--rate must be above 0 and at most 100,000,000; 'load --help' tells what is possible");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://localhost", "tcp://localhost:1 --arrivals poisson",
        "tcp://localhost:1 --rate 5 --arrivals pigeon", "tcp://localhost:1 --payload 0",
        "http://localhost --half-close --http2", "tcp://localhost:1 --expect-status 200",
        "http://localhost --header pigeon", "tcp://localhost:1 --duration 0", "tcp://localhost:1 --timeout 0",
        "tcp://localhost:1 --connections 0", "tcp://localhost:1 --transport pigeon",
        "tcp://localhost:1 --slow-reader -1", "tcp://localhost:1 --rate pigeon", "--rate 1"})
    void load_wrongArguments_areRefused(String arguments) {
        AtomicReference<String> message = new AtomicReference<>();
        int status = new CommandLine(new LoadCommand()).setParameterExceptionHandler((wrong, ignored) -> {
            message.set(wrong.getMessage());
            return 2;
        }).execute(arguments.split(" "));
        assertThat(status).isEqualTo(2);
        assertThat(message.get()).isNotBlank();
    }

    private record Outcome(int status, String output, String errors) {}

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName()));
        command.addAll(List.of(arguments));
        int status = new ProcessBuilder(command).redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start().waitFor();
        return new Outcome(status, Files.readString(output), Files.readString(errors));
    }
}
