package io.valuetask.perf;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(120)
class ServerProcessTest {
    private final EchoOptions options = new EchoOptions();

    @TempDir
    Path directory;

    @Test
    void command_whenAServerFailsWithThreadsRunning_saysWhyAndEnds() throws Exception {
        Command.Outcome outcome = new Command(directory)
                .run("echo", "--modes", BrokenServers.FAILS, "--warmup", "0").assertStatus(1);

        assertThat(outcome.errors()).contains(
                "the broken-fails server failed: java.lang.IllegalStateException: there is no pigeon",
                "\tat " + BrokenServers.class.getName());
    }

    @Test
    void start_whenAServerNeverListens_endsItAndSaysHowLongItWaited() {
        Mode mute = Mode.of(Workload.ECHO, BrokenServers.MUTE);

        assertThatThrownBy(() -> ServerProcess.start(mute, options, Cpus.none(), Duration.ofMillis(500)))
                .isInstanceOf(EchoFailure.class)
                .hasMessageContaining("the broken-mute server was silent for 0.5 s")
                .hasMessageContaining("ended by force");
        assertThat(ProcessHandle.current().children()
                .filter(child -> child.info().commandLine().orElse("").contains(BrokenServers.MUTE)))
                .isEmpty();
    }

    @Test
    void flags_whenACollectorIsChosen_haveOnlyThatOne() {
        assertThat(ServerProcess.flags(options)).contains("-XX:+UseSerialGC");
        options.serverJvmArguments = List.of("-XX:+UseParallelGC");
        assertThat(ServerProcess.flags(options)).contains("-XX:+UseParallelGC")
                .doesNotContain("-XX:+UseSerialGC");
    }
}
