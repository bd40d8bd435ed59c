package io.valuetask.samples;

import io.valuetask.samples.ExternalProgram.Ended;
import io.valuetask.samples.http.Sample15HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** openssl s_client, another TLS than the JDK's, as the client; skipped where it is not installed. */
@Timeout(60)
class OpenSslTest {
    private static final List<String> PARANOID = List.of("-Dio.netty.leakDetection.level=paranoid");

    private static String program;
    private static SampleJvm http;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        program = ExternalProgram.find("openssl", "openssl");
        http = new SampleJvm(PARANOID, Sample15HttpServer.class, "0", "--tls");
        port = http.port();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (http != null) {
            http.terminate();
            assertThat(http.exitStatus(20)).isIn(0, 143);
            assertThat(http.errors()).isEmpty();
        }
    }

    private static String[] client(int port, String... options) {
        List<String> arguments = new ArrayList<>(List.of("s_client", "-connect", "localhost:" + port));
        Collections.addAll(arguments, options);
        return arguments.toArray(String[]::new);
    }

    /** What the handshake has led to. */
    private static String agreed(String... options) throws Exception {
        Ended ended = ExternalProgram.run(program, client(port, options));
        assertThat(ended.status()).as(ended.errors()).isZero();
        return ended.output();
    }

    @Test
    void httpServer_agreesOnWhatBothSpeak() throws Exception {
        assertThat(agreed("-alpn", "h2,http/1.1")).contains("New, TLSv1.3,", "ALPN protocol: h2");
        assertThat(agreed("-alpn", "http/1.1,h2")).contains("ALPN protocol: h2"); // our order counts
        assertThat(agreed("-alpn", "http/1.1")).contains("ALPN protocol: http/1.1");
        assertThat(agreed("-tls1_2", "-alpn", "h2")).contains("New, TLSv1.2,", "ALPN protocol: h2");
    }

    @Test
    void httpServer_whenNothingIsAgreedOn_speaksHttp1() throws Exception {
        assertThat(agreed()).contains("No ALPN negotiated");
        String[] arguments = client(port, "-quiet", "-alpn", "spdy/3");
        try (ExternalProgram client = ExternalProgram.start(program, arguments)) {
            client.input().write("GET /plaintext HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(client.awaitEnd().output()).startsWith("HTTP/1.1 200 OK").endsWith("Hello, World!");
        }
    }

    @Test
    void handshakeThatCannotBe_isRefusedAndTheNextClientServed() throws Exception {
        Ended old = ExternalProgram.run(program,
                client(port, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"));
        assertThat(old.errors()).contains("alert protocol version");
        Ended foreign = ExternalProgram.run(program,
                client(port, "-tls1_2", "-cipher", "PSK-AES128-CBC-SHA", "-psk", "00"));
        assertThat(foreign.errors()).contains("alert handshake failure");
        assertThat(agreed("-alpn", "h2")).contains("ALPN protocol: h2");
    }

    @Test
    void echoServer_overTls_sendsBackUntilTheClientEnds() throws Exception {
        try (SampleJvm server = new SampleJvm(PARANOID, Sample01EchoServer.class, "0", "--tls")) {
            String[] arguments = client(server.port(), "-quiet", "-no_ign_eof");
            try (ExternalProgram client = ExternalProgram.start(program, arguments)) {
                for (String word : List.of("hello", "world", "x".repeat(100_000))) {
                    client.input().write((word + "\n").getBytes(StandardCharsets.US_ASCII));
                    client.input().flush();
                    assertThat(client.line()).isEqualTo(word);
                }
                Ended ended = client.awaitEnd();
                assertThat(ended.output()).isEmpty();
                assertThat(ended.status()).as(ended.errors()).isZero();
            }
            server.terminate();
            assertThat(server.exitStatus(20)).isIn(0, 143);
            assertThat(server.errors()).isEmpty();
        }
    }
}
