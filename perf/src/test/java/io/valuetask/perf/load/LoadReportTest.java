package io.valuetask.perf.load;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The table and the page. */
class LoadReportTest {
    private static final LoadResult ONE = Results.closed("<one> & only", 0, 2, 1, 2, 3, 200);
    private static final LoadResult OTHER = Results.closed("other", 5, 2, 2, 4, 6, 400);

    @Test
    void html_oneRun_isSelfContained() throws Exception {
        String page = LoadHtml.of(ONE, List.of(ONE));

        assertSelfContained(page);
        assertThat(svgs(page)).hasSize(3);
        assertThat(page).contains("CLOSED LOOP", "&lt;one&gt; &amp; only", "prefers-color-scheme: dark")
                .doesNotContain("<one>", "INVALID");
    }

    @Test
    void html_severalRuns_hasALineForEachAndRatioBars() throws Exception {
        LoadResult together = LoadMerge.merge(List.of(ONE, OTHER));
        String page = LoadHtml.of(together, List.of(ONE, OTHER));

        assertSelfContained(page);
        List<String> svgs = svgs(page);
        assertThat(svgs).hasSize(4);
        assertThat(svgs.get(0).split("<polyline", -1)).as("two runs, and both together").hasSize(4);
        assertThat(svgs.get(1).split("<polyline", -1)).hasSize(3);
        assertThat(svgs.get(3)).contains("p99.9", "<title>other: 2.00",
                "<title>&lt;one&gt; &amp; only: 1.000");
    }

    @Test
    void html_everySvg_isWellFormed() throws Exception {
        LoadResult nothing = Results.closed("nothing", 0, 1);
        for (LoadResult result : List.of(ONE, nothing, LoadMerge.merge(List.of(nothing, nothing)))) {
            for (String svg : svgs(LoadHtml.of(result, List.of(result, nothing)))) {
                assertThat(svg).doesNotContain("NaN", "Infinity");
                DocumentBuilderFactory.newInstance().newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private static void assertSelfContained(String page) {
        assertThat(Pattern.compile("https?://(?!localhost)").matcher(page).find()).as("addresses elsewhere")
                .isFalse();
        assertThat(page).doesNotContain("src=", "href=", "url(", "@import", "<script");
    }

    private static List<String> svgs(String page) {
        try (Stream<MatchResult> found = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page)
                .results()) {
            return found.map(MatchResult::group).toList();
        }
    }

    @Test
    void table_openLoop_saysWhatItsNumbersMean() {
        LoadResult open = Results.result("open", LoadSetup.OPEN, 100.0, 0, 1, 0.1, 5);
        assertThat(LoadTable.of(open))
                .startsWith("OPEN LOOP, 100 per second, constant: a latency begins when")
                .contains("service ", "lateness ", "skipped ", "command:   load http://localhost:1/");
    }

    @Test
    void judge_healthyGenerator_findsNothing() {
        assertThat(judge(0.5, 0.25, 3, 1)).isEmpty();
    }

    @Test
    void judge_generatorIsTheBottleneck_saysWhy() {
        assertThat(judge(0.5, 0.25, 3, 9)).singleElement().asString()
                .contains("one in a hundred of its operations was 9.0 ms late or more (bound: 5.0 ms)");
        assertThat(judge(0.99, 0.97, 3, 1)).singleElement().asString()
                .contains("an event loop used 97 % of a processor");
        assertThat(judge(1.95, 0.6, 3, 1)).singleElement().asString().contains("used 1.95 of 2 processors");
        assertThat(judge(0.5, 0.25, 900, 1)).singleElement().asString().contains("900 ms of 10.0 s");
    }

    private static List<String> judge(double cpus, double busiest, long gcMillis, long latenessMillis) {
        Histogram lateness = LoopTally.histogram();
        lateness.recordValue(latenessMillis * 1_000_000);
        return GeneratorHealth.judge(new LoadResult.Generator(1, 2, cpus, busiest, gcMillis, 1, 4), lateness,
                10,
                true,
                5);
    }
}
