package io.valuetask.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole command in a JVM of its own, since it pins the JVM it runs in. */
@Timeout(120)
class ProxyCommandTest {
    private static final List<String> KEYS = List.of("workload", "mode", "megabytesPerWindow",
            "megabytesPerSecond", "cpuNanosPerKilobyte", "bytesPerMegabyte", "throughputRatioToRaw",
            "cpuRatioToRaw", "pairs", "throughputRatioMin", "throughputRatioMax", "cpuRatioMin",
            "cpuRatioMax");

    @TempDir
    Path directory;

    @Test
    void proxy_ofEveryMode_measuresItAndWritesEveryKey() throws Exception {
        Path json = directory.resolve("proxy.json");
        String output = run(0, "--transport", "nio", "--megabytes", "5", "--pairs", "1", "--warmup", "0",
                "--json", json.toString());

        assertThat(output).contains("raw ", "raw-read-ahead ", "relay ", "one byte in 509 checked",
                "-Dio.netty.allocator.type=pooled", "--megabytes 5");
        JsonNode rows = new ObjectMapper().readTree(json.toFile());
        assertThat(rows.findValuesAsText("mode")).containsExactly("raw", "raw-read-ahead", "relay");
        for (JsonNode row : rows) {
            List<String> keys = new ArrayList<>();
            row.fieldNames().forEachRemaining(keys::add);
            assertThat(keys).containsExactlyElementsOf(KEYS);
            assertThat(row.get("workload").asText()).isEqualTo("proxy");
            assertThat(row.get("megabytesPerWindow").intValue()).isEqualTo(5);
            assertThat(row.get("megabytesPerSecond").doubleValue()).isPositive();
            assertThat(row.get("cpuNanosPerKilobyte").doubleValue()).isPositive();
        }
        assertThat(rows.get(0).get("throughputRatioToRaw").doubleValue()).isEqualTo(1);
        assertThat(rows.get(0).get("cpuRatioToRaw").doubleValue()).isEqualTo(1);
        assertThat(rows.get(0).get("pairs").intValue()).isEqualTo(2);
    }

    @Test
    void proxy_ofWrongArguments_saysWhatIsWrong() throws Exception {
        assertThat(run(2, "--modes", "pigeon"))
                .contains("no mode 'pigeon'; there are raw, raw-read-ahead, relay");
        assertThat(run(2, "--megabytes", "0")).contains("must be at least 1");
        assertThat(run(2, "--transport", "pigeon")).contains("must be nio, epoll or auto");
    }

    /** Answers what it printed, errors included. */
    private String run(int status, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                        System.getProperty("java.class.path"), Main.class.getName(), "proxy"));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor()).as(() -> {
            try {
                return Files.readString(output);
            } catch (IOException failure) {
                return failure.toString();
            }
        }).isEqualTo(status);
        return Files.readString(output);
    }
}
