package io.valuetask.perf.report;

import io.valuetask.perf.report.RecordedRun.Section;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** From what a run recorded to its charts and its page. */
class ReportTest {
    private static final List<String> COMMAND = List.of("compare", "--pairs", "3", "--out", "elsewhere");

    @TempDir
    Path results;

    // What is committed

    @Test
    void report_ofTheCommittedResults_makesTheCommittedCharts() throws Exception {
        Map<String, String> committed = new TreeMap<>();
        for (Path chart : Report.files(Path.of("charts"), "*.svg")) {
            committed.put(chart.getFileName().toString(), Files.readString(chart));
        }
        assertThat(committed).as("run 'mvn -q -Preport verify -DskipTests' and commit the charts")
                .isEqualTo(new TreeMap<>(Report.read(Path.of("results")).charts()));
    }

    @Test
    void readme_showsOnlyChartsThatAreThere() throws Exception {
        String pages = Files.readString(Path.of("../README.md")) + Files.readString(Path.of("README.md"));
        List<String> shown = Pattern.compile("\\((?:perf/)?charts/([^)]*\\.svg)\\)").matcher(pages).results()
                .map(found -> found.group(1)).toList();
        assertThat(shown).isNotEmpty();
        assertThat(Report.read(Path.of("results")).charts().keySet()).containsAll(shown);
    }

    // Charts

    @Test
    void chart_ofSeveralModes_hasRawFirstAndThenTheBest() throws Exception {
        record(row("raw", 1, 1, 1), row("loop", 1.5, 1.4, 1.7), row("vertx", 1.2, 1.1, 1.3));

        String chart = Report.read(results).charts().get("echo.svg");

        assertThat(chart.indexOf(">raw<")).isPositive().isLessThan(chart.indexOf(">vertx<"));
        assertThat(chart.indexOf(">vertx<")).isLessThan(chart.indexOf(">loop<"));
        assertThat(chart).contains("<title>loop: 1.50</title>", "class=\"spread\"", "medians over 3 pairs",
                "mvn -q -Pcompare verify -DskipTests -Dcompare.args=&quot;--pairs 3&quot;",
                "prefers-color-scheme: dark");
        assertSelfContained(chart);
    }

    @Test
    void chart_ofLessThanNothing_staysInItsPanel() throws Exception {
        record(row("raw", 1, 1, 1), new Row("loop", 1.1, 1.1, 1.1, -176, 900, 3),
                new Row("vertx", 1.1, 1.1, 1.1, 120, 900, 3));

        String chart = Report.read(results).charts().get("echo.svg");

        assertThat(chart).contains("-176.0", "+120.0", "+0.0");
        assertThat(Pattern.compile("(?:width|height)=\"-").matcher(chart).find()).as("negative lengths")
                .isFalse();
    }

    @Test
    void page_ofARun_isSelfContainedAndHasEveryNumber() throws Exception {
        record(row("raw", 1, 1, 1), row("<mode>", 1.5, 1.4, 1.7));

        String page = RunPage.of(Report.read(results).runs());

        assertSelfContained(page.replaceAll("(?s)^<!doctype.*?<body>", "").replace("</body></html>", ""));
        assertThat(page).contains("&lt;mode&gt;", "<td>1.50</td>", "-Xmx1g", "commit", "jdk")
                .doesNotContain("<mode>");
    }

    @Test
    void writeCharts_whenARunIsGone_removesItsChart() throws Exception {
        Path charts = Files.createDirectory(results.resolve("charts"));
        Files.writeString(charts.resolve("old.svg"), "<svg/>");
        Files.writeString(charts.resolve("other.txt"), "stays");
        record(row("raw", 1, 1, 1), row("loop", 1.5, 1.4, 1.7));

        Report.read(results).writeCharts(charts);

        assertThat(charts.toFile().list()).containsExactlyInAnyOrder("echo.svg", "other.txt");
    }

    /** Well-formed, without what a browser would load. */
    private static void assertSelfContained(String markup) throws Exception {
        assertThat(markup).doesNotContain("NaN", "Infinity", "src=", "href=", "url(", "@import", "<script");
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(
                new ByteArrayInputStream(("<all>" + markup + "</all>").getBytes(StandardCharsets.UTF_8)));
    }

    // Files that are refused

    @Test
    void read_ofAnUnknownShape_saysWhatItIsAndWhatToDo() throws Exception {
        assertThat(refused("[1, 2]")).contains("a.json is no recorded run (format: none, expected: netty-",
                "record one with 'compare --out'");
        assertThat(refused("{\"format\": \"netty-valuetask-run-9\"}"))
                .contains("format: netty-valuetask-run-9, expected: netty-valuetask-run-1");
        assertThat(refused("not JSON")).contains("a.json is no recorded run: Unrecognized token 'not'");
        assertThat(refused("{\"format\": \"netty-valuetask-run-1\"}"))
                .contains("a.json is no recorded run: Missing creator property 'date'",
                        "record it again");
        assertThat(refused("{\"format\": \"netty-valuetask-run-1\", \"date\": \"\", \"command\": \"\","
                + " \"environment\": {}, \"sections\": null}")).contains("a.json is no recorded run: Null");
    }

    @Test
    void read_ofASectionThatCannotBeDrawn_saysWhy() throws Exception {
        record(row("loop", 1, 1, 1));
        assertThatThrownBy(() -> Report.read(results)).isInstanceOf(ReportFailure.class)
                .hasMessageContainingAll("a.json, section echo", "first row is not that of raw");
        run(List.of(Map.of("mode", "raw", "pigeons", 3))).write(results.resolve("a.json"));
        assertThatThrownBy(() -> Report.read(results)).isInstanceOf(ReportFailure.class)
                .hasMessageContainingAll("section echo", "nothing in it can be drawn", "cpuRatioToRaw");
    }

    @Test
    void read_ofTwoRunsWithOneSection_namesBoth() throws Exception {
        record(row("raw", 1, 1, 1), row("loop", 1.5, 1.4, 1.7));
        Files.copy(results.resolve("a.json"), results.resolve("b.json"));
        assertThatThrownBy(() -> Report.read(results)).isInstanceOf(ReportFailure.class)
                .hasMessageContainingAll("a.json and ", "b.json both have the section echo");
    }

    @Test
    void read_ofAnEmptyDirectory_saysHowToRecord() {
        assertThatThrownBy(() -> Report.read(results)).isInstanceOf(ReportFailure.class)
                .hasMessageContainingAll("there is no recorded run in", "idle --json");
        assertThatThrownBy(() -> Report.read(results.resolve("gone"))).isInstanceOf(ReportFailure.class)
                .hasMessageContaining("cannot look into the directory");
    }

    private String refused(String json) throws IOException {
        Files.writeString(results.resolve("a.json"), json);
        try {
            Report.read(results);
            throw new AssertionError("read: " + json);
        } catch (ReportFailure refused) {
            return refused.getMessage();
        }
    }

    // What is recorded beside the rows

    @Test
    void command_ofARun_isThatForAFreshClone() {
        assertThat(MavenCommand.of(List.of("compare", "--json=x.json"))).isEqualTo(
                "mvn -q -Pcompare verify -DskipTests");
        assertThat(MavenCommand.of(List.of("idle", "--connections", "1000", "--json", "/x/y.json")))
                .isEqualTo(
                        "mvn -q -Pecho verify -DskipTests -Dperf.command=idle -Decho.args=\"--connections 1000\"");
    }

    @Test
    void commit_outsideOfACheckout_isUnknown() {
        assertThat(Environment.commit(results)).isEqualTo("unknown");
        assertThat(Environment.release("6.18.44-generic")).isEqualTo("6.18.44");
    }

    private record Row(String mode, double cpuRatioToRaw, double cpuRatioMin, double cpuRatioMax,
            double bytesAboveRaw, double p99Micros, int pairs) {}

    private static Row row(String mode, double ratio, double least, double most) {
        return new Row(mode, ratio, least, most, 0, 900, 3);
    }

    private void record(Row... rows) throws IOException {
        run(List.of(rows)).write(results.resolve("a.json"));
    }

    private static RecordedRun run(List<?> rows) {
        return RecordedRun.begin(COMMAND, "2 processors")
                .with(Section.of("echo", "echo & more", "64 connections", List.of("-Xmx1g"), rows));
    }
}
