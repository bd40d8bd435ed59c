package io.valuetask.rivals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Every rival answers every request of a short run, byte by byte, in a JVM of its own. */
@Timeout(120)
class RivalsTest {
    @ParameterizedTest
    @CsvSource({"echo,vertx", "echo,vertx-virtual", "echo,reactor-netty", "http,vertx", "http,vertx-virtual",
        "http,reactor-netty", "http,helidon", "http-stream,vertx", "http-stream,vertx-virtual",
        "http-stream,reactor-netty", "http-stream,helidon"})
    void answersAsTheOthersDo(String workload, String mode) throws Exception {
        Process compared = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), "io.valuetask.perf.Main", "echo", "--workload",
                workload, "--modes", mode, "--connections", "3", "--pairs", "1", "--duration", "0.2",
                "--warmup",
                "0").redirectErrorStream(true).start();
        String output = new String(compared.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(compared.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(compared.exitValue()).as(output).isZero();
        assertThat(List.of(output.split("\\R"))).anyMatch(line -> line.startsWith("raw "))
                .anyMatch(line -> line.startsWith(mode + " "));
    }
}
