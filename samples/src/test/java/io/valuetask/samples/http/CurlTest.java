package io.valuetask.samples.http;

import io.valuetask.samples.ExternalProgram;
import io.valuetask.samples.ExternalProgram.Ended;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** curl as the client, in each way that it speaks HTTP; skipped where it is not installed. */
@Timeout(60)
class CurlTest {
    private static final byte[] CONTENT = new byte[1_000_000];
    private static final int MOST_BODY = 2_000_000;

    @TempDir
    private static Path directory;
    private static String program;
    private static Path file;
    private static HttpServerJvm clear;
    private static HttpServerJvm tls;

    /** A scheme, an option of curl, and what they agree on with us. */
    enum Way {
        CLEAR("http", "--http1.1", "1.1"),
        CLEAR_HTTP2("http", "--http2-prior-knowledge", "2"),
        TLS("https", "--http1.1", "1.1"),
        TLS_HTTP2("https", "--http2", "2");

        private final String scheme;
        private final String option;
        private final String version;

        Way(String scheme, String option, String version) {
            this.scheme = scheme;
            this.option = option;
            this.version = version;
        }

        private String url(String target) {
            return scheme + "://localhost:" + (scheme.equals("http") ? clear : tls).port() + target;
        }

        private Ended get(String target, String... options) throws Exception {
            List<String> arguments = new ArrayList<>(List.of("-sS", "-k", "--max-time", "30", option));
            Collections.addAll(arguments, options);
            arguments.add(url(target));
            return ExternalProgram.run(program, arguments.toArray(String[]::new));
        }
    }

    @BeforeAll
    static void start() throws IOException {
        program = ExternalProgram.find("curl", "curl");
        new Random(1).nextBytes(CONTENT);
        file = Files.write(directory.resolve("file"), CONTENT);
        String root = directory.toString();
        String most = Integer.toString(MOST_BODY);
        clear = HttpServerJvm.start("--root", root, "--max-body", most);
        tls = HttpServerJvm.start("--root", root, "--max-body", most, "--tls");
    }

    @AfterAll
    static void stop() {
        HttpServerJvm.closeAll(clear, tls); // none, where curl is not installed
    }

    @ParameterizedTest
    @EnumSource
    void get_isAnsweredInTheProtocolThatWasAskedFor(Way way) throws Exception {
        assertThat(way.get("/plaintext", "-w", " HTTP/%{http_version} %{http_code}").output())
                .isEqualTo("Hello, World! HTTP/" + way.version + " 200");
        assertThat(way.get("/", "--compressed").output()).contains("HTTP in straight lines");
        assertThat(way.get("/events?every=1&count=2", "-N").output())
                .isEqualTo("id: 1\ndata: 1\n\nid: 2\ndata: 2\n");
    }

    /** There is no such upgrade here, nor in HTTP/2's newer specification: it goes on in HTTP/1.1. */
    @Test
    void upgradeToHttp2_isPassedOver() throws Exception {
        String url = Way.CLEAR.url("/echo");
        Ended ended = ExternalProgram.run(program, "-sS", "--max-time", "30", "--http2", "-T",
                file.toString(), "-o",
                "/dev/null", "-w", "HTTP/%{http_version} %{http_code} %{size_download}", url);
        assertThat(ended.output()).isEqualTo("HTTP/1.1 200 1000000");
    }

    @ParameterizedTest
    @EnumSource
    void head_getsTheHeadersOfGetAndNoBody(Way way) throws Exception {
        for (String target : new String[]{"/plaintext", "/", "/files/file", "/files/missing"}) {
            List<String> ofGet = headers(way.get(target, "-D", "-", "-o", "/dev/null"));
            assertThat(headers(way.get(target, "-I"))).isEqualTo(ofGet).isNotEmpty();
        }
    }

    private static List<String> headers(Ended ended) {
        assertThat(ended.status()).as(ended.errors()).isZero();
        return ended.output().lines().filter(line -> !line.startsWith("date: ")).toList();
    }

    @ParameterizedTest
    @EnumSource
    void megabyte_comesBackWhole(Way way) throws Exception {
        assertThat(body(way, "/echo", "-T", file.toString())).isEqualTo(CONTENT);
        assertThat(body(way, "/echo", "-T", file.toString(), "-H", "Transfer-Encoding: chunked"))
                .isEqualTo(CONTENT);
        assertThat(body(way, "/files/file")).isEqualTo(CONTENT);
    }

    private static byte[] body(Way way, String target, String... options) throws Exception {
        Path back = directory.resolve("back");
        List<String> arguments = new ArrayList<>(List.of("-o", back.toString()));
        Collections.addAll(arguments, options);
        Ended ended = way.get(target, arguments.toArray(String[]::new));
        assertThat(ended.status()).as(ended.errors()).isZero();
        return Files.readAllBytes(back);
    }

    @ParameterizedTest
    @EnumSource
    void range_isSentAndADownloadGoesOn(Way way) throws Exception {
        assertThat(body(way, "/files/file", "-r", "5-14")).isEqualTo(Arrays.copyOfRange(CONTENT, 5, 15));
        assertThat(body(way, "/files/file", "-r", "-7"))
                .isEqualTo(Arrays.copyOfRange(CONTENT, CONTENT.length - 7, CONTENT.length));
        Path partial = Files.write(directory.resolve("partial"), Arrays.copyOf(CONTENT, 300_000));
        Ended ended = way.get("/files/file", "-C", "-", "-o", partial.toString(), "-w",
                "%{http_code} %{size_download}");
        assertThat(ended.output()).isEqualTo("206 700000");
        assertThat(Files.readAllBytes(partial)).isEqualTo(CONTENT);
    }

    @ParameterizedTest
    @EnumSource
    void fileThatIsKnown_isNotSentAgain(Way way) throws Exception {
        String tag = directory.resolve("tag").toString();
        assertThat(body(way, "/files/file", "--etag-save", tag)).isEqualTo(CONTENT);
        assertThat(
                way.get("/files/file", "--etag-compare", tag, "-w", "%{http_code} %{size_download}").output())
                .isEqualTo("304 0");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = ".*HTTP2")
    void upload_whenCurlAsksFirst_beginsBehindTheContinue(Way way) throws Exception {
        Ended ended = way.get("/echo", "-v", "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-o",
                "/dev/null", "-T", file.toString());
        assertThat(ended.errors()).containsSubsequence("> Expect: 100-continue", "< HTTP/1.1 100 Continue",
                "< HTTP/1.1 200 OK");
    }

    @ParameterizedTest
    @EnumSource
    void uploadThatIsTooLarge_isRefusedAndNotTakenToItsEnd(Way way) throws Exception {
        Path large = directory.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.setLength(100L * MOST_BODY);
        }
        String[] sent = way
                .get("/echo", "-H", "Expect: 100-continue", "-T", large.toString(), "-o", "/dev/null", "-w",
                        "%{http_code} %{size_upload}")
                .output().split(" ");
        assertThat(sent[0]).isEqualTo("413");
        // In HTTP/2 curl does not wait for our answer, but for room in the stream's window.
        assertThat(Long.parseLong(sent[1])).isLessThanOrEqualTo(way.version.equals("2") ? 65_535 : 0);
    }

    /** Without TLS, curl 7.88 breaks its own connection when it takes it for a second request of HTTP/2 (its issue 10634). */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_HTTP2")
    void requestsAtOnce_areAllAnswered(Way way) throws Exception {
        Ended ended = way.get("/sleep?ms=[1-50]", "-Z", "--parallel-max", "50", "-o", "/dev/null", "-w",
                "%{http_code}\n");
        assertThat(ended.output().lines()).hasSize(50).containsOnly("200");
    }
}
