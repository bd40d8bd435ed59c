package io.valuetask.samples.http;

import io.valuetask.samples.http.RawClient.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A server that is told to stop, and what it has logged by then. */
@Timeout(60)
class StoppingTest {
    @TempDir
    private Path directory;

    @Test
    void stop_finishesWhatRunsAndClosesTheRest() throws Exception {
        try (HttpServerJvm server = HttpServerJvm.start("--stop-timeout", "20");
                RawClient running = server.connect();
                RawClient uploading = server.connect();
                RawClient idle = server.connect();
                RawClient events = server.connect();
                RawClient socket = server.connect()) {
            assertThat(idle.get("/plaintext").answer().headers()).doesNotContainKey("connection");
            events.get("/events?every=100");
            assertThat(events.line()).isEqualTo("HTTP/1.1 200 OK");
            socket.send("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(socket.answer().headers()).containsEntry("sec-websocket-accept",
                    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            uploading.send(
                    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
            assertThat(uploading.answer().status()).isEqualTo(100);
            running.get("/sleep?ms=3000");
            idle.get("/plaintext"); // behind it: the sleeper has begun, as one connection's bytes follow the other's
            assertThat(idle.answer().status()).isEqualTo(200);

            server.terminate();
            assertThat(idle.isEnded()).isTrue();
            byte[] close = socket.exactly(4);
            assertThat(close[0]).isEqualTo((byte) 0x88);
            assertThat((close[2] & 0xff) << 8 | close[3] & 0xff).isEqualTo(1001);
            while (!events.line().equals("0")) {
                // an event more, and then the end
            }
            uploading.send("abcdef");
            assertThat(uploading.answer().text()).isEqualTo("abcdef");
            Answer finished = running.answer();
            assertThat(finished.text()).isEqualTo("slept for 3000 ms\n");
            assertThat(finished.headers()).containsEntry("connection", "close");
            assertThat(running.isEnded()).isTrue();
            assertThat(server.awaitEnd(30)).isEmpty();
        }
    }

    @Test
    void stop_finishesStreamsOfHttp2() throws Exception {
        try (HttpServerJvm server = HttpServerJvm.start("--tls", "--stop-timeout", "600");
                HttpClient client = HttpClient.newBuilder().sslContext(TestTls.context()).build()) {
            String url = "https://localhost:" + server.port();
            assertThat(client.send(HttpRequest.newBuilder(URI.create(url + "/plaintext")).build(),
                    BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            CompletableFuture<HttpResponse<String>> running = client.sendAsync(
                    HttpRequest.newBuilder(URI.create(url + "/sleep?ms=1000")).build(),
                    BodyHandlers.ofString());
            client.send(HttpRequest.newBuilder(URI.create(url + "/plaintext")).build(),
                    BodyHandlers.ofString());
            server.terminate();
            assertThat(running.get(30, TimeUnit.SECONDS).body()).isEqualTo("slept for 1000 ms\n");
            assertThat(server.awaitEnd(30)).isEmpty(); // long before it would give up
        }
    }

    @Test
    void accessLog_hasALinePerRequestAndNoMore() throws Exception {
        Path log = directory.resolve("access.log");
        try (HttpServerJvm server = HttpServerJvm.start("--access-log", log.toString());
                RawClient client = server.connect()) {
            client.get("/plaintext?a=\"b\"\\").get("/nothing");
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.answer().status()).isEqualTo(404);
            client.send("GET /plaintext HTTP/1.1\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(400);
            server.terminate();
            server.awaitEnd(30);
            List<String> lines = Files.readAllLines(log);
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0))
                    .matches("127\\.0\\.0\\.1 - - \\[\\d\\d/\\w{3}/\\d{4}:[\\d:]{8} \\+0000\\] "
                            + "\"GET /plaintext\\?a=\\\\x22b\\\\x22\\\\x5c HTTP/1\\.1\" 200 13 \\d+us");
            assertThat(lines.get(1)).contains("\"GET /nothing HTTP/1.1\" 404 22 ");
            assertThat(lines.get(2)).contains(" 400 ");
        }
    }
}
