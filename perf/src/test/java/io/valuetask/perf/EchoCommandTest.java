package io.valuetask.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole command in a JVM of its own, since it pins the JVM it runs in. */
@Timeout(120)
class EchoCommandTest {
    private static final List<String> KEYS = List.of("workload", "mode", "connections", "payloadBytes",
            "pipelining", "opsPerSecond", "cpuNanosPerOp", "bytesPerOp", "p50Micros", "p99Micros",
            "p999Micros", "cpuRatioToRaw", "bytesAboveRaw", "pairs", "cpuRatioMin",
            "cpuRatioMax", "collections", "contextSwitchesPerOp", "openedForEachWindow");

    @TempDir
    Path directory;

    @Test
    void measuresEveryModeAndWritesEveryKey() throws Exception {
        Path json = directory.resolve("echo.json");
        Outcome outcome = run("--transport", "nio", "--duration", "0.3", "--pairs", "1", "--warmup", "0",
                "--connections", "5", "--payload", "100", "--pipelining", "2", "--json", json.toString());

        assertThat(outcome.errors).doesNotContain("Exception");
        assertThat(outcome.status).as(outcome.errors).isZero();
        assertThat(outcome.output).contains("raw ", "callback ", "loop-send ", "loop-write ",
                "common ", "-Dio.netty.allocator.type=pooled", "--payload 100", "closed loop");

        JsonNode rows = new ObjectMapper().readTree(json.toFile());
        assertThat(rows.findValuesAsText("mode")).containsExactly("raw", "callback", "loop-send",
                "loop-write",
                "common");
        for (JsonNode row : rows) {
            List<String> keys = new ArrayList<>();
            row.fieldNames().forEachRemaining(keys::add);
            assertThat(keys).containsExactlyElementsOf(KEYS);
            assertThat(row.get("workload").asText()).isEqualTo("echo");
            assertThat(row.get("connections").intValue()).isEqualTo(5);
            assertThat(row.get("payloadBytes").intValue()).isEqualTo(100);
            assertThat(row.get("pipelining").intValue()).isEqualTo(2);
            assertThat(row.get("openedForEachWindow").booleanValue()).isFalse();
            assertThat(row.get("opsPerSecond").doubleValue()).isPositive();
            assertThat(row.get("cpuNanosPerOp").doubleValue()).isPositive();
            assertThat(row.get("cpuRatioToRaw").doubleValue()).isPositive();
            assertThat(row.get("p50Micros").doubleValue()).isPositive()
                    .isLessThanOrEqualTo(row.get("p99Micros").doubleValue());
        }
        assertThat(rows.get(0).get("cpuRatioToRaw").doubleValue()).isEqualTo(1);
        assertThat(rows.get(0).get("bytesAboveRaw").doubleValue()).isZero();
        assertThat(rows.get(0).get("pairs").intValue()).isEqualTo(4);
        assertThat(rows.get(1).get("pairs").intValue()).isEqualTo(1);
    }

    @Test
    void saysThatAServerDidNotStart() throws Exception {
        Outcome outcome = run("--server-jvm-arg", "-XX:+NoSuchFlag");
        assertThat(outcome.status).isEqualTo(1);
        assertThat(outcome.errors).contains("the raw server did not start", "with status 1");
        assertThat(outcome.output).doesNotContain("round trips");
    }

    /** As a flight recording does when it starts. */
    @Test
    void measuresServersWhoseJvmHasSomethingToSay() throws Exception {
        Outcome outcome = run("--server-jvm-arg", "-Xlog:gc,safepoint:stdout", "--modes", "raw",
                "--duration", "0.1", "--pairs", "1", "--warmup", "0", "--connections", "2");
        assertThat(outcome.status).as(outcome.errors).isZero();
        assertThat(outcome.errors).contains("[gc", "Using Serial");
        assertThat(outcome.output).contains("round trips");
    }

    @Test
    void saysWhatIsWrongWithItsArguments() throws Exception {
        assertThat(run("--modes", "pigeon").assertWrong())
                .contains("no mode 'pigeon'; there are raw, raw-flush-on-complete");
        assertThat(run("--pairs", "0").assertWrong()).contains("must be at least 1");
        assertThat(run("--transport", "pigeon").assertWrong()).contains("must be nio, epoll or auto");
    }

    /** 360 connections, of which all could not be; 350 files do for those of one server. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void measuresOneServerAfterTheOther_whenNotAllConnectionsMayBeOpenAtOnce() throws Exception {
        Path json = directory.resolve("echo.json");
        Command.Outcome outcome = new Command(directory, "sh", "-c", "ulimit -n 350; exec \"$@\"", "sh")
                .run("echo", "--modes", "callback,loop-send", "--connections", "120", "--duration", "0.1",
                        "--pairs", "2", "--warmup", "0.2", "--transport", "nio", "--json", json.toString())
                .assertStatus(0);

        assertThat(outcome.output()).contains("120 connections, 64 B, 1 under way on each, nio, closed loop, "
                + "opened for each window, since not all may be open at once");
        JsonNode rows = new ObjectMapper().readTree(json.toFile());
        assertThat(rows.findValuesAsText("mode")).containsExactly("raw", "callback", "loop-send");
        assertThat(rows.findValuesAsText("pairs")).containsExactly("4", "2", "2");
        assertThat(rows.findValuesAsText("openedForEachWindow")).containsExactly("true", "true", "true");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void saysThatItHasTooFewFilesForOneServer() throws Exception {
        Command.Outcome outcome = new Command(directory, "sh", "-c", "ulimit -n 350; exec \"$@\"", "sh")
                .run("echo", "--connections", "151").assertStatus(1);

        assertThat(outcome.errors())
                .contains("151 connections: needs 351 open files, and this process may have 350: raise that");
    }

    @Test
    void leavesNoServerBehindWhenItIsKilled() throws Exception {
        Process conductor = new ProcessBuilder(
                command("--modes", "raw", "--pairs", "100", "--transport", "nio"))
                .start();
        BufferedReader errors = conductor.errorReader();
        String line;
        do {
            line = errors.readLine();
        } while (line != null && !line.startsWith("measuring"));
        List<ProcessHandle> servers = conductor.toHandle().descendants().toList();
        assertThat(servers).as("what it said: %s", line).isNotEmpty();

        conductor.destroyForcibly();

        for (ProcessHandle server : servers) {
            server.onExit().get(20, TimeUnit.SECONDS);
        }
    }

    private record Outcome(int status, String output, String errors) {
        String assertWrong() {
            assertThat(status).isEqualTo(2);
            return errors;
        }
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        int status = new ProcessBuilder(command(arguments)).redirectOutput(output.toFile())
                .redirectError(errors.toFile()).start().waitFor();
        return new Outcome(status, Files.readString(output), Files.readString(errors));
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                        System.getProperty("java.class.path"), Main.class.getName(), "echo"));
        command.addAll(List.of(arguments));
        return command;
    }
}
