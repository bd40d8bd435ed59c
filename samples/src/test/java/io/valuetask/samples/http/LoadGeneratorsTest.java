package io.valuetask.samples.http;

import io.valuetask.samples.ExternalProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * wrk and h2load, as fast as the machine goes: not one request may fail. How fast that is, is not looked at. Each is skipped
 * where it is not installed.
 */
@Timeout(120)
class LoadGeneratorsTest {
    private static final List<String> WRK = List.of("-t", "1", "-c", "64", "-d", "2s", "--timeout", "60s");
    private static final Pattern WRK_REQUESTS = Pattern.compile("(?m)^ *([1-9]\\d*) requests in ");
    private static final List<String> H2LOAD = List.of("-c", "32", "-m", "10");

    /** As users run it: the detector watches some of the buffers. */
    private static final List<String> OPTIONS = List.of("-Dio.netty.leakDetection.level=advanced");

    @TempDir
    private static Path directory;
    private static HttpServerJvm clear;
    private static HttpServerJvm tls;

    @BeforeAll
    static void start() throws IOException {
        Files.write(directory.resolve("file"), new byte[100_000]);
        clear = HttpServerJvm.startWith(OPTIONS, "--root", directory.toString());
        tls = HttpServerJvm.startWith(OPTIONS, "--root", directory.toString(), "--tls");
        try (RawClient first = clear.connect()) { // what loads classes is not to take the time that wrk has
            assertThat(first.get("/plaintext").answer().status()).isEqualTo(200);
            assertThat(first.get("/files/file").answer().status()).isEqualTo(200);
        }
    }

    @AfterAll
    static void stop() {
        HttpServerJvm.closeAll(clear, tls);
    }

    private static String url(String scheme, String target) {
        return scheme + "://localhost:" + (scheme.equals("http") ? clear : tls).port() + target;
    }

    @ParameterizedTest
    @CsvSource({"http,/plaintext", "http,/files/file"})
    void wrk_atFullLoad_meetsNoError(String scheme, String target) throws Exception {
        wrk(url(scheme, target));
    }

    /** A hundred pages at once are more than the buffers of a socket hold, so that writes wait for their reader. */
    @Test
    void wrk_whenItAsksForMoreThanItReads_meetsNoError() throws Exception {
        Path script = Files.writeString(directory.resolve("pipeline.lua"), """
                local requests
                init = function(arguments)
                   requests = wrk.format("GET", "/"):rep(100)
                end
                request = function()
                   return requests
                end
                """);
        wrk("-s", script.toString(), url("http", "/"));
    }

    private static void wrk(String... arguments) throws Exception {
        String report = run(ExternalProgram.find("wrk", "wrk"), WRK, arguments);
        // It has a line for each kind of error that there was, and none if there was none.
        assertThat(report).containsPattern(WRK_REQUESTS).doesNotContain("Socket errors", "Non-2xx");
    }

    @ParameterizedTest
    @CsvSource({"https,h2,/plaintext", "https,h2,/files/file", "https,http/1.1,/plaintext",
        "http,h2c,/plaintext"})
    void h2load_atFullLoad_meetsNoError(String scheme, String protocol, String target) throws Exception {
        h2load(protocol, 1000, "--npn-list", protocol, url(scheme, target));
    }

    @ParameterizedTest
    @CsvSource({"https,h2", "http,h2c"})
    void h2load_whenEachRequestHasABody_meetsNoError(String scheme, String protocol) throws Exception {
        Path body = Files.write(directory.resolve("body"), new byte[50_000]);
        h2load(protocol, 200, "--npn-list", protocol, "-d", body.toString(), url(scheme, "/echo"));
    }

    private static void h2load(String protocol, int requests, String... arguments) throws Exception {
        String report = run(ExternalProgram.find("nghttp2-client", "h2load"), H2LOAD, Stream
                .concat(Stream.of("-n", Integer.toString(requests)), Stream.of(arguments))
                .toArray(String[]::new));
        assertThat(report).contains("Application protocol: " + protocol + "\n",
                requests + " succeeded, 0 failed, 0 errored, 0 timeout",
                "status codes: " + requests + " 2xx");
    }

    private static String run(String program, List<String> options, String... arguments) throws Exception {
        ExternalProgram.Ended ended = ExternalProgram.run(program,
                Stream.concat(options.stream(), Stream.of(arguments)).toArray(String[]::new));
        assertThat(ended.status()).as("%s%n%s", ended.output(), ended.errors()).isZero();
        return ended.output();
    }
}
