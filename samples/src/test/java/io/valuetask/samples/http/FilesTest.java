package io.valuetask.samples.http;

import io.valuetask.samples.http.RawClient.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Files: what is sent of them and when not, and that nothing outside their directory is. */
@Timeout(60)
class FilesTest {
    private static final byte[] BINARY = new byte[3_000_000];
    private static final String TEXT = "All work and no play makes Jack a dull boy.\n".repeat(5000);

    @TempDir
    private static Path directory;
    private static HttpServerJvm server;

    @BeforeAll
    static void start() throws IOException {
        new Random(1).nextBytes(BINARY);
        Path root = Files.createDirectories(directory.resolve("root/sub")).getParent();
        Files.write(root.resolve("binary.bin"), BINARY);
        Files.writeString(root.resolve("sub/text.txt"), TEXT);
        Files.writeString(root.resolve("grüße & so.txt"), "hello");
        Files.createFile(root.resolve("empty"));
        Files.writeString(root.resolve(".hidden"), "secret");
        Files.writeString(directory.resolve("secret"), "secret");
        Files.writeString(Files.createDirectory(directory.resolve("root-beside")).resolve("secret"),
                "secret");
        Files.createSymbolicLink(root.resolve("inside"), root.resolve("sub/text.txt"));
        Files.createSymbolicLink(root.resolve("outside"), directory.resolve("secret"));
        Files.createSymbolicLink(root.resolve("up"), directory);
        Files.createSymbolicLink(root.resolve("beside"), directory.resolve("root-beside"));
        Files.createSymbolicLink(root.resolve("circle"), root.resolve("circle"));
        server = HttpServerJvm.start("--root", root.toString());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer get(String target, String headers) throws IOException {
        try (RawClient client = server.connect()) {
            return client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n").answer();
        }
    }

    @Test
    void file_isSentWholeAndAgainOnTheSameConnection() throws Exception {
        try (RawClient client = server.connect()) {
            for (int i = 0; i < 3; i++) {
                Answer answer = client.get("/files/binary.bin").answer();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(BINARY);
                assertThat(answer.headers()).containsEntry("content-type", "application/octet-stream")
                        .containsEntry("accept-ranges", "bytes");
            }
            assertThat(client.get("/files/empty").answer().body()).isEmpty();
            assertThat(client.get("/files/sub/text.txt").answer().text()).isEqualTo(TEXT);
            assertThat(client.get("/files/gr%C3%BC%c3%9fe%20&%20so.txt").answer().text()).isEqualTo("hello");
            assertThat(client.get("/files/inside").answer().text()).isEqualTo(TEXT);
            client.send("HEAD /files/binary.bin HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answerWithoutBody().headers()).containsEntry("content-length", "3000000");
            assertThat(client.get("/plaintext").answer().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"0-0,0,1", "5-14,5,10", "2999999-,2999999,1", "2999990-9999999,2999990,10", "-7,2999993,7",
        "-9999999,0,3000000", "0-,0,3000000"})
    void range_isSent(String range, int from, int length) throws Exception {
        Answer answer = get("/files/binary.bin", "Range: bytes=" + range + "\r\n");
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo(java.util.Arrays.copyOfRange(BINARY, from, from + length));
        assertThat(answer.headers()).containsEntry("content-range",
                "bytes " + from + "-" + (from + length - 1) + "/3000000");
    }

    @ParameterizedTest
    @CsvSource({"bytes=3000000-,416", "bytes=-0,416", "bytes=9-5,200", "bytes=-,200", "pages=1-2,200",
        "'bytes=0-1,5-6',200", "bytes=99999999999999999999-,200"})
    void rangeThatIsNone_isRefusedOrIgnored(String range, int status) throws Exception {
        Answer answer = get("/files/binary.bin", "Range: " + range + "\r\n");
        assertThat(answer.status()).isEqualTo(status);
        if (status == 416) {
            assertThat(answer.headers()).containsEntry("content-range", "bytes */3000000");
        } else {
            assertThat(answer.body()).hasSize(3_000_000);
        }
    }

    @Test
    void conditions_areKept() throws Exception {
        String tag = get("/files/binary.bin", "").headers().get("etag");
        assertThat(tag).matches("\"[0-9a-f]+-[0-9a-f]+\"");
        for (String known : new String[]{tag, "*", "\"x\", W/" + tag}) {
            Answer answer = get("/files/binary.bin", "If-None-Match: " + known + "\r\n");
            assertThat(answer.status()).isEqualTo(304);
            assertThat(answer.headers()).containsEntry("etag", tag).doesNotContainKey("content-length");
        }
        assertThat(get("/files/binary.bin", "If-None-Match: \"x\"\r\n").status()).isEqualTo(200);
        assertThat(get("/files/binary.bin", "Range: bytes=0-1\r\nIf-Range: " + tag + "\r\n").status())
                .isEqualTo(206);
        assertThat(get("/files/binary.bin", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n").status())
                .isEqualTo(200);
    }

    @Test
    void text_isCompressedForWhoTakesThat() throws Exception {
        Answer gzip = get("/files/sub/text.txt", "Accept-Encoding: br, gzip;q=0.8\r\n");
        assertThat(gzip.headers()).containsEntry("content-encoding", "gzip").containsEntry("vary",
                "accept-encoding");
        assertThat(gzip.body().length).isLessThan(TEXT.length() / 10);
        assertThat(new String(new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes(),
                StandardCharsets.UTF_8)).isEqualTo(TEXT);
        String tag = gzip.headers().get("etag");
        assertThat(get("/files/sub/text.txt", "Accept-Encoding: gzip\r\nIf-None-Match: " + tag + "\r\n")
                .status())
                .isEqualTo(304);
        assertThat(get("/files/sub/text.txt", "If-None-Match: " + tag + "\r\n").status()).isEqualTo(200);

        for (String none : new String[]{"", "Accept-Encoding: gzip;q=0\r\n",
            "Accept-Encoding: gzip\r\nRange: bytes=0-9\r\n"}) {
            assertThat(get("/files/sub/text.txt", none).headers()).doesNotContainKey("content-encoding");
        }
        assertThat(get("/files/binary.bin", "Accept-Encoding: gzip\r\n").headers())
                .doesNotContainKey("content-encoding");
        assertThat(get("/", "Accept-Encoding: gzip\r\n").headers()).containsEntry("content-encoding", "gzip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "%2e%2e/secret", "sub/../../secret", "sub/%2E%2e/%2e./secret",
        "..%2fsecret", "..%2Fsecret", "..\\secret", "..%5csecret", "sub/..%5c..%5csecret", "./empty",
        "//etc/passwd",
        "/etc/passwd", "%2fetc%2fpasswd", "empty%00.txt", "empty%0a", ".hidden", "sub/", "sub", "",
        "sub//text.txt",
        "outside", "up/secret", "beside/secret", "circle", "empty/x", "%252e%252e/secret", "..;/secret",
        "c:secret",
        "%c0%ae%c0%ae/secret", "%ff", "empty%", "empty%4", "empty%zz"})
    void pathThatLeadsElsewhere_isNotThere(String path) throws Exception {
        Answer answer = get("/files/" + path, "");
        assertThat(answer.status()).isIn(404, 400);
        assertThat(answer.text()).doesNotContain("secret");
    }

    @Test
    void nameThatIsTooLong_isNotThere() throws Exception {
        assertThat(get("/files/" + "x".repeat(300), "").status()).isEqualTo(404);
        assertThat(get("/files/" + "x/".repeat(1000) + "x", "").status()).isEqualTo(404);
    }
}
