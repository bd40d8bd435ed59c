package io.valuetask.samples.http;

import io.valuetask.samples.http.RawClient.Answer;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What a connection of HTTP/1 does for peers that keep the rules. */
@Timeout(60)
class Http1Test {
    private static HttpServerJvm server;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServerJvm.start("--loops", "1", "--max-body", "100000");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void sixteenPipelinedRequests_answersComeInTheirOrder() throws Exception {
        try (RawClient client = server.connect()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 16; i++) {
                requests.append("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n")
                        .append((char) ('a' + i))
                        .append(i % 10);
            }
            client.send(requests.toString());
            for (int i = 0; i < 16; i++) {
                assertThat(client.answer().text()).isEqualTo("" + (char) ('a' + i) + i % 10);
            }
        }
    }

    @Test
    void slowRequestBeforeFastOne_answersKeepTheirOrder() throws Exception {
        try (RawClient client = server.connect()) {
            client.get("/sleep?ms=200").get("/plaintext").get("/json");
            assertThat(client.answer().text()).isEqualTo("slept for 200 ms\n");
            assertThat(client.answer().text()).isEqualTo("Hello, World!");
            assertThat(client.answer().text()).isEqualTo("{\"message\":\"Hello, World!\"}");
        }
    }

    @Test
    void requestByteByByte_isAnswered() throws Exception {
        try (RawClient client = server.connect()) {
            for (byte b : "\r\nGET /plaintext HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n".getBytes("ASCII")) {
                client.send(new byte[]{b});
            }
            assertThat(client.answer().text()).isEqualTo("Hello, World!");
        }
    }

    @Test
    void head_getsTheHeadersOfGetAndNoBody() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("HEAD /plaintext HTTP/1.1\r\nHost: h\r\n\r\n").get("/plaintext");
            Answer head = client.answerWithoutBody();
            Answer get = client.answer();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.headers()).containsEntry("content-length", "13").containsKey("date")
                    .containsOnlyKeys(get.headers().keySet());
            assertThat(get.text()).isEqualTo("Hello, World!");
        }
    }

    @Test
    void optionsUnknownMethodAndUnknownPath_areToldSoAndTheConnectionGoesOn() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("OPTIONS /plaintext HTTP/1.1\r\nHost: h\r\n\r\n");
            Answer options = client.answer();
            assertThat(options.status()).isEqualTo(204);
            assertThat(options.headers()).containsEntry("allow", "GET, HEAD, OPTIONS");

            client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(204);

            client.send("DELETE /plaintext HTTP/1.1\r\nHost: h\r\n\r\n");
            Answer delete = client.answer();
            assertThat(delete.status()).isEqualTo(405);
            assertThat(delete.headers()).containsEntry("allow", "GET, HEAD, OPTIONS");

            assertThat(client.get("/nothing").answer().status()).isEqualTo(404);
            assertThat(client.get("/sleep?ms=a").answer().status()).isEqualTo(400);
            assertThat(client.get("/sleep?ms=%zz").answer().status()).isEqualTo(400);
            assertThat(client.get("http://h/plaintext?x").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void chunkedBodyWithTrailers_comesBackWithThem() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;a=b\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nChecksum: 42\r\n\r\n");
            Answer answer = client.answer();
            assertThat(answer.text()).isEqualTo("hello world");
            assertThat(answer.trailers()).containsEntry("checksum", "42");
            assertThat(client.get("/plaintext").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void expectContinue_isAnsweredWhenTheHandlerReads() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(
                    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(100);
            client.send("hello");
            assertThat(client.answer().text()).isEqualTo("hello");
            assertThat(client.get("/plaintext").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void expectContinue_isNotAnsweredForABodyThatNobodyWants() throws Exception {
        for (String request : new String[]{"POST /plaintext HTTP/1.1\r\nContent-Length: 5\r\n",
            "POST /echo HTTP/1.1\r\nContent-Length: 100001\r\n"}) {
            try (RawClient client = server.connect()) {
                client.send(request + "Host: h\r\nExpect: 100-continue\r\n\r\n");
                Answer refusal = client.answer();
                assertThat(refusal.status()).isIn(405, 413);
                assertThat(refusal.headers()).containsEntry("connection", "close");
                assertThat(client.isEnded()).isTrue();
            }
        }
    }

    @Test
    void bodyThatTheHandlerDoesNotRead_isSkipped() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n")
                    .send(new byte[50_000]).get("/plaintext");
            assertThat(client.answer().status()).isEqualTo(404);
            assertThat(client.answer().text()).isEqualTo("Hello, World!");
        }
    }

    @Test
    void connectionClose_isAnsweredAndThenClosed() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            assertThat(client.answer().headers()).containsEntry("connection", "close");
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void http10_closesUnlessAskedAndNeverChunks() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(client.answer().headers()).containsEntry("connection", "keep-alive");
            client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello");
            Answer streamed = client.answer();
            assertThat(streamed.headers()).containsEntry("connection", "close")
                    .doesNotContainKey("transfer-encoding");
            assertThat(streamed.text()).isEqualTo("hello");
        }
        try (RawClient client = server.connect()) {
            client.send("GET /plaintext HTTP/1.0\r\n\r\n");
            assertThat(client.answer().headers()).containsEntry("connection", "close");
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void peerThatHasFinishedSending_isAnswered() throws Exception {
        try (RawClient client = server.connect()) {
            client.get("/sleep?ms=50").get("/plaintext").socket().shutdownOutput();
            assertThat(client.answer().text()).isEqualTo("slept for 50 ms\n");
            assertThat(client.answer().text()).isEqualTo("Hello, World!");
            assertThat(client.isEnded()).isTrue();
        }
    }
}
