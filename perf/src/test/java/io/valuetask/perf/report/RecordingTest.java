package io.valuetask.perf.report;

import io.valuetask.perf.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What the commands that measure leave behind, each in a JVM of its own, since it pins the JVM it runs in. */
@Timeout(180)
class RecordingTest {
    @TempDir
    Path directory;

    @Test
    void compare_ofTwoWorkloads_recordsARunThatCanBeDrawn() throws Exception {
        String output = run(0, "compare", "--workloads", "http-stream,proxy", "--pairs", "1", "--duration",
                "0.2", "--warmup", "0", "--megabytes", "5", "--transport", "nio", "--out",
                directory.toString());

        Report report = Report.read(directory);
        assertThat(report.charts().keySet()).containsExactly("http-stream.svg", "proxy.svg");
        RecordedRun run = report.runs().getFirst();
        assertThat(run.command()).startsWith("mvn -q -Pcompare verify -DskipTests -Dcompare.args=\"--work")
                .doesNotContain(directory.toString());
        assertThat(run.environment()).containsKeys("jdk", "clientFlags", "netty", "machine", "commit");
        assertThat(run.sections()).allSatisfy(section -> assertThat(section.serverFlags()).isNotEmpty());
        assertThat(run.sections().getFirst().rows()).extracting(SectionChart::mode).containsExactly("raw",
                "loop", "common");
        Path page = directory.resolve("compare.html");
        assertThat(output).contains(directory.resolve("compare.json").toString(), page.toString());
        assertThat(Files.readString(page)).contains("<svg", "streaming", "proxy", "context switches");
    }

    @Test
    void idle_withAFile_recordsARunThatCanBeDrawn() throws Exception {
        run(0, "idle", "--connections", "5", "--modes", "callback", "--seconds", "0", "--transport", "nio",
                "--json", directory.resolve("idle.json").toString());

        Map<String, String> charts = Report.read(directory).charts();
        assertThat(charts).containsOnlyKeys("idle-5.svg");
        assertThat(charts.get("idle-5.svg")).contains("heap bytes per connection", ">callback<",
                "-Dperf.command=idle");
    }

    @Test
    void report_ofADirectory_saysWhereItsChartsAre() throws Exception {
        Path charts = directory.resolve("charts");
        Path page = directory.resolve("page.html");
        String output = run(0, "report", "--results", "results", "--charts", charts.toString(), "--html",
                page.toString());

        assertThat(output).contains(charts.toString(), page.toString());
        assertThat(page).isNotEmptyFile();
        assertThat(run(1, "report", "--results", charts.toString())).contains("there is no recorded run in");
    }

    @Test
    void compare_ofAnUnknownWorkload_saysWhichThereAre() throws Exception {
        assertThat(run(2, "compare", "--workloads", "pigeon"))
                .contains("no workload 'pigeon'; there are echo-1, echo, ");
    }

    /** Answers what it printed, errors included. */
    private String run(int status, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                        System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int ended = process.waitFor();
        String text = Files.readString(output);
        assertThat(ended).as(text).isEqualTo(status);
        return text;
    }
}
