package io.valuetask.samples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The executable jar as users run it: {@code java -jar}, and no flag. Runs after the jar was made. */
@Timeout(60)
class SamplesJarTest {
    private static final Path JAR = Path.of("target/netty-valuetask-samples.jar");

    @BeforeAll
    static void jarIsThere() {
        assumeTrue(Files.exists(JAR), () -> "skipped: " + JAR + " is not there; 'mvn verify' makes it");
    }

    static List<SampleFile> samples() throws IOException {
        return SampleFile.all();
    }

    @Test
    void jar_whenRunWithoutArguments_listsEveryCommandInOrder() throws Exception {
        try (SampleJvm launcher = SampleJvm.ofJar(JAR)) {
            List<String> listed = launcher.remainingOutput().lines()
                    .dropWhile(line -> !line.equals("Commands:"))
                    .filter(line -> line.matches("  [a-z].*")).map(line -> line.strip().split(" ")[0])
                    .toList();
            assertThat(listed).containsExactlyElementsOf(samples().stream().map(SampleFile::name).toList());
            assertThat(launcher.errors()).isEmpty();
            assertThat(launcher.exitStatus(20)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void command_whenAskedForHelp_givesIt(SampleFile sample) throws Exception {
        try (SampleJvm help = SampleJvm.ofJar(JAR, sample.name(), "--help")) {
            assertThat(help.remainingOutput()).startsWith("Usage: ").contains(sample.name(), "--help");
            assertThat(help.errors()).isEmpty();
            assertThat(help.exitStatus(20)).isZero();
        }
    }

    @Test
    void server_whenRunWithoutFlags_servesOnItsEventLoopsAndHasNothingToWarnOf() throws Exception {
        try (SampleJvm server = SampleJvm.ofJar(JAR, "echo-server", "0")) {
            byte[] sent = "hello\n".getBytes(StandardCharsets.UTF_8);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(sent);
                assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            }
            server.terminate();
            assertThat(server.exitStatus(20)).isIn(0, 143);
            assertNoFallback(server.errors());
        }
    }

    @Test
    void demo_whenRunAsItsFileBegins_printsWhatItsFileEndsWith() throws Exception {
        SampleFile rules = samples().stream().filter(file -> file.name().equals("await-rules")).findFirst()
                .orElseThrow();
        try (SampleJvm demo = SampleJvm.ofJar(JAR, rules.name())) {
            assertThat(SampleFile.masked(demo.remainingOutput()))
                    .isEqualTo(SampleFile.masked(rules.output()));
            assertNoFallback(demo.errors());
            assertThat(demo.exitStatus(20)).isZero();
        }
    }

    /** A busy machine may make the watchdog report a slow start; that would be another warning. */
    private static void assertNoFallback(String errors) {
        assertThat(errors).doesNotContain("bodies run on the common scheduler", "sun.misc.Unsafe",
                "restricted method",
                "NoClassDefFoundError", "SLF4J");
    }
}
