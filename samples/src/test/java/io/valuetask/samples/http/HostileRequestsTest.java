package io.valuetask.samples.http;

import io.valuetask.samples.http.RawClient.Answer;
import java.io.IOException;
import java.net.SocketException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What two servers may read differently, or what is too much: one answer that says so, a closed connection, and nothing of
 * what follows is taken for a request.
 */
@Timeout(60)
class HostileRequestsTest {
    /** Behind each hostile request: what a server would answer that has found its end somewhere else. */
    private static final String SMUGGLED = "GET /json HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST /echo HTTP/1.1\r\nHost: h\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    private static HttpServerJvm server;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServerJvm.start("--loops", "1", "--max-body", "1000");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                // Two lengths: what smuggling is made of.
                arguments(400, "length and coding",
                        POST + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                arguments(400, "coding and length",
                        POST + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
                arguments(400, "two lengths", POST + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
                arguments(400, "the same length twice",
                        POST + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"),
                arguments(400, "a list of lengths", POST + "Content-Length: 4, 4\r\n\r\nabcd"),
                arguments(400, "two lengths in HTTP/1.0",
                        "POST /echo HTTP/1.0\r\nContent-Length: 4\r\ncontent-length: 0\r\n\r\nabcd"),
                arguments(400, "coding in HTTP/1.0",
                        "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                arguments(400, "signed length", POST + "Content-Length: +4\r\n\r\nabcd"),
                arguments(400, "negative length", POST + "Content-Length: -4\r\n\r\nabcd"),
                arguments(400, "hexadecimal length", POST + "Content-Length: 0x4\r\n\r\nabcd"),
                arguments(400, "length that overflows",
                        POST + "Content-Length: 99999999999999999999\r\n\r\n"),
                arguments(400, "empty length", POST + "Content-Length:\r\n\r\n"),
                arguments(400, "a body without a length, as of an old draft of WebSocket",
                        "GET /plaintext HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\n"),
                // Codings.
                arguments(501, "another coding", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                arguments(501, "coding in two headers",
                        POST + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                arguments(400, "last coding is not chunked",
                        POST + "Transfer-Encoding: chunked, gzip\r\n\r\n"),
                arguments(400, "coding of no name", POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
                arguments(400, "chunked twice",
                        POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
                arguments(400, "control character before the coding",
                        POST + "Transfer-Encoding: \013chunked\r\n\r\n0\r\n\r\n"),
                // Chunks.
                arguments(400, "chunk size that overflows", CHUNKED + "FFFFFFFFFFFFFFFFF\r\nabc"),
                arguments(400, "chunk size beyond an int", CHUNKED + "100000004\r\nabcd\r\n0\r\n\r\n"),
                arguments(400, "signed chunk size", CHUNKED + "-1\r\nabc"),
                arguments(400, "chunk size with 0x", CHUNKED + "0x4\r\nabcd\r\n0\r\n\r\n"),
                arguments(400, "empty chunk size", CHUNKED + "\r\nabc"),
                arguments(400, "chunk line with a bare LF", CHUNKED + "4\nabcd\r\n0\r\n\r\n"),
                arguments(400, "chunk extension with a bare LF", CHUNKED + "4;a\nb\r\nabcd\r\n0\r\n\r\n"),
                arguments(413, "chunks of more than a body may have",
                        CHUNKED + "3e9\r\n" + "x".repeat(1001) + "\r\n0\r\n\r\n"),
                arguments(413, "length of more than a body may have", POST + "Content-Length: 1001\r\n\r\n"),
                // Lines.
                arguments(400, "request line with a bare LF", "GET /plaintext HTTP/1.1\nHost: h\r\n\r\n"),
                arguments(400, "header with a bare LF", "GET /plaintext HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"),
                arguments(400, "header with a bare CR", "GET /plaintext HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"),
                arguments(400, "header with a NUL", "GET /plaintext HTTP/1.1\r\nHost: h\r\nX: y\0z\r\n\r\n"),
                arguments(400, "header that goes on",
                        "GET /plaintext HTTP/1.1\r\nHost: h\r\nX: y\r\n z\r\n\r\n"),
                arguments(400, "first header that goes on", "GET /plaintext HTTP/1.1\r\n Host: h\r\n\r\n"),
                arguments(400, "space before a colon", "GET /plaintext HTTP/1.1\r\nHost : h\r\n\r\n"),
                arguments(400, "header without a colon", "GET /plaintext HTTP/1.1\r\nHost: h\r\nX\r\n\r\n"),
                arguments(400, "header without a name", "GET /plaintext HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n"),
                arguments(400, "two spaces", "GET  /plaintext HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(400, "tab for a space", "GET\t/plaintext HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(400, "space before the method", " GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(400, "four words", "GET /plaintext HTTP/1.1 x\r\nHost: h\r\n\r\n"),
                arguments(400, "two words", "GET /plaintext\r\nHost: h\r\n\r\n"),
                arguments(400, "not ASCII", "GET /plain\377text HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(400, "fragment", "GET /plaintext#x HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(400, "target without a slash", "GET plaintext HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(501, "proxy", "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"),
                arguments(400, "no host", "GET /plaintext HTTP/1.1\r\n\r\n"),
                arguments(400, "host with a space", "GET /plaintext HTTP/1.1\r\nHost: a b\r\n\r\n"),
                arguments(400, "host with a path", "GET /plaintext HTTP/1.1\r\nHost: h/x\r\n\r\n"),
                arguments(400, "host with a user", "GET /plaintext HTTP/1.1\r\nHost: u@h\r\n\r\n"),
                arguments(400, "host with a query", "GET /plaintext HTTP/1.1\r\nHost: h?x\r\n\r\n"),
                arguments(400, "port that is no number", "GET /plaintext HTTP/1.1\r\nHost: h:x\r\n\r\n"),
                arguments(400, "two ports", "GET /plaintext HTTP/1.1\r\nHost: h:1:2\r\n\r\n"),
                arguments(400, "open bracket", "GET /plaintext HTTP/1.1\r\nHost: [::1\r\n\r\n"),
                arguments(400, "two hosts", "GET /plaintext HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n"),
                arguments(505, "HTTP/2 in the middle", "PRI * HTTP/2.0\r\nHost: h\r\n\r\n"),
                arguments(505, "HTTP/1.2", "GET /plaintext HTTP/1.2\r\nHost: h\r\n\r\n"),
                arguments(417, "unknown expectation",
                        POST + "Content-Length: 4\r\nExpect: 200-ok\r\n\r\nabcd"),
                // Amounts.
                arguments(414, "long line", "GET /" + "x".repeat(5000) + " HTTP/1.1\r\nHost: h\r\n\r\n"),
                arguments(431, "long header",
                        "GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(9000) + "\r\n\r\n"),
                arguments(431, "many headers",
                        "GET / HTTP/1.1\r\nHost: h\r\n" + "A: b\r\n".repeat(3000) + "\r\n"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("requests")
    void hostileRequest_isRefusedAndItsConnectionClosed(int status, String what, String request)
            throws Exception {
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(200);
            client.send(request + SMUGGLED);
            Answer refusal = client.answer();
            assertThat(refusal.status()).as(refusal.text()).isEqualTo(status);
            assertThat(refusal.headers()).containsEntry("connection", "close");
            assertThat(client.isEnded()).as("nothing behind it is answered").isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "h", "h:", "h:80", "a_b.example:8080", "127.0.0.1:1", "[::1]", "[::1]:80",
        "%C3%BC"})
    void everyKindOfHost_isAnswered(String host) throws Exception {
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void headerOfAMegabyte_isRefusedAndTheAnswerArrives() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.1\r\nHost: h\r\nX: ");
            try {
                for (int i = 0; i < 16; i++) {
                    client.send(new byte[65_536]);
                }
            } catch (SocketException closed) {
                // before it had all of it
            }
            assertThat(client.answer().status()).isEqualTo(431);
            assertThat(client.isEnded()).isTrue();
        }
    }

    static Stream<String> bodiesThatBreak() {
        return Stream.of(POST + "Content-Length: 100\r\n\r\nonly this",
                CHUNKED + "3\r\nabcd\r\n0\r\n\r\n" + SMUGGLED,
                CHUNKED + "3e8\r\n" + "x".repeat(1000) + "\r\n1\r\nx\r\n0\r\n\r\n" + SMUGGLED);
    }

    /** The status line has gone, so that nothing but the end of the connection can tell. */
    @ParameterizedTest
    @MethodSource("bodiesThatBreak")
    void bodyThatIsWrongBehindTheBeginningOfItsAnswer_endsTheConnectionWithoutAnother(String request)
            throws Exception {
        try (RawClient client = server.connect()) {
            client.send(request).socket().shutdownOutput();
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            String rest = untilEnd(client);
            assertThat(rest).doesNotContain("HTTP/1.1").doesNotEndWith("0\r\n\r\n");
        }
    }

    /** A reset is an end, too. */
    private static String untilEnd(RawClient client) throws IOException {
        StringBuilder rest = new StringBuilder();
        try {
            for (int b; (b = client.in().read()) >= 0;) {
                rest.append((char) b);
            }
        } catch (SocketException reset) {
            // What came before is what counts.
        }
        return rest.toString();
    }

    @Test
    void lengthThatIsTooShort_leavesARestThatIsNoRequest() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(POST + "Content-Length: 2\r\n\r\nab and more\r\n\r\n" + SMUGGLED);
            assertThat(client.answer().text()).isEqualTo("ab");
            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void headThatEndsInTheMiddle_isClosed() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.1\r\nHost").socket().shutdownOutput();
            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void headersOfAnAnswer_areNotWrittenByTheRequest() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(
                    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: a\001b\r\nContent-Length: 0\r\n\r\n");
            Map<String, String> headers = client.answer().headers();
            assertThat(headers).containsEntry("content-type", "text/plain; charset=utf-8")
                    .containsEntry("connection", "close");
        }
    }
}
