package io.valuetask.samples.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The JDK's client, over each protocol that the server speaks. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class HttpClientTest {
    enum Way {
        CLEAR,
        TLS_HTTP1,
        TLS_HTTP2
    }

    private final Way way;
    @TempDir
    private static Path root;
    private static HttpServerJvm clear;
    private static HttpServerJvm tls;
    private final HttpServerJvm server;
    private HttpClient client;

    HttpClientTest(Way way) {
        this.way = way;
        server = way == Way.CLEAR ? clear : tls;
    }

    @BeforeAll
    static void startServers() throws Exception {
        Files.write(root.resolve("file"), random(500_000));
        clear = HttpServerJvm.start("--root", root.toString(), "--max-body", "2000000");
        tls = HttpServerJvm.start("--root", root.toString(), "--max-body", "2000000", "--tls");
    }

    @AfterAll
    static void stopServers() {
        clear.close();
        tls.close();
    }

    @BeforeEach
    void startClient() throws Exception {
        client = HttpClient.newBuilder().sslContext(TestTls.context())
                .version(way == Way.TLS_HTTP2 ? Version.HTTP_2 : Version.HTTP_1_1).build();
    }

    @AfterEach
    void stopClient() {
        client.shutdownNow();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create(
                (way == Way.CLEAR ? "http" : "https") + "://localhost:" + server.port() + target));
    }

    private HttpResponse<byte[]> get(String target) throws Exception {
        return client.send(request(target).build(), BodyHandlers.ofByteArray());
    }

    @Test
    void everyRoute_isAnswered() throws Exception {
        HttpResponse<byte[]> plaintext = get("/plaintext");
        assertThat(new String(plaintext.body(), "UTF-8")).isEqualTo("Hello, World!");
        assertThat(plaintext.version()).isEqualTo(way == Way.TLS_HTTP2 ? Version.HTTP_2 : Version.HTTP_1_1);
        assertThat(get("/files/file").body()).isEqualTo(random(500_000));
        assertThat(get("/files/../file").statusCode()).isEqualTo(404);
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        for (int size : new int[]{0, 1, 100, 65_536, 1_000_000}) {
            byte[] body = random(size);
            assertThat(client.send(request("/echo").POST(BodyPublishers.ofByteArray(body)).build(),
                    BodyHandlers.ofByteArray()).body()).isEqualTo(body);
            assertThat(client.send(request("/echo").expectContinue(way == Way.CLEAR)
                    .PUT(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body))).build(),
                    BodyHandlers.ofByteArray()).body()).isEqualTo(body);
        }
        HttpResponse<Void> head = client.send(request("/files/file").HEAD().build(),
                BodyHandlers.discarding());
        assertThat(head.headers().firstValueAsLong("content-length")).hasValue(500_000);
        // A request that ends in a refusal, and one that goes on behind it.
        HttpResponse<byte[]> refused = client.send(
                request("/echo").POST(BodyPublishers.ofByteArray(new byte[2_000_001])).build(),
                BodyHandlers.ofByteArray());
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(get("/plaintext").statusCode()).isEqualTo(200);
    }

    @Test
    void manyAtOnce_doNotWaitForEachOther() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = Stream
                .generate(() -> client.sendAsync(request("/sleep?ms=500").build(), BodyHandlers.ofString()))
                .limit(50).toList();
        long begun = System.nanoTime();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS).body()).isEqualTo("slept for 500 ms\n");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void events_arriveOneByOneAndEndWithTheClient() throws Exception {
        HttpResponse<Stream<String>> events = client.send(
                request("/events?every=10").header("Last-Event-ID", "41").build(), BodyHandlers.ofLines());
        assertThat(events.headers().firstValue("content-type")).hasValue("text/event-stream");
        try (Stream<String> lines = events.body()) {
            Iterator<String> line = lines.iterator();
            for (int i = 42; i < 60; i++) {
                assertThat(line.next()).isEqualTo("id: " + i);
                assertThat(line.next()).isEqualTo("data: " + i);
                assertThat(line.next()).isEmpty();
            }
        }
        assertThat(client.send(request("/events?every=0&count=1000").build(), BodyHandlers.ofString()).body())
                .endsWith("data: 1000\n\n").hasLineCount(3000);
    }

    @Test
    void webSocket_sendsBackAndCloses() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        WebSocket socket = client.newWebSocketBuilder().buildAsync(
                URI.create((way == Way.CLEAR ? "ws" : "wss") + "://localhost:" + server.port() + "/ws"),
                new Listener(received)).get(30, TimeUnit.SECONDS);
        socket.sendText("hello", true).get(30, TimeUnit.SECONDS);
        assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("text hello true");
        socket.sendText("grü", false).get(30, TimeUnit.SECONDS);
        socket.sendText("ße", true).get(30, TimeUnit.SECONDS);
        assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("text grü false");
        assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("text ße true");
        socket.sendPing(ByteBuffer.wrap(new byte[]{1, 2})).get(30, TimeUnit.SECONDS);
        assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("pong 2");
        socket.sendBinary(ByteBuffer.wrap(new byte[50_000]), true).get(30, TimeUnit.SECONDS);
        int bytes = 0;
        while (bytes < 50_000) {
            bytes += Integer.parseInt(received.poll(30, TimeUnit.SECONDS).split(" ")[1]);
        }
        socket.sendClose(4321, "enough").get(30, TimeUnit.SECONDS);
        assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("close 4321 enough");
    }

    @Test
    void webSocketFrameThatIsTooLong_closesWithItsStatus() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        WebSocket socket = client.newWebSocketBuilder().buildAsync(
                URI.create((way == Way.CLEAR ? "ws" : "wss") + "://localhost:" + server.port() + "/ws"),
                new Listener(received)).get(30, TimeUnit.SECONDS);
        socket.sendBinary(ByteBuffer.wrap(new byte[65_537]), true);
        assertThat(received.poll(30, TimeUnit.SECONDS)).startsWith("close 1009");
        assertThat(get("/plaintext").statusCode()).isEqualTo(200);
    }

    private record Listener(BlockingQueue<String> received) implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            return add(socket, "text " + text + " " + last);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
            return add(socket, "binary " + bytes.remaining());
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer bytes) {
            return add(socket, "pong " + bytes.remaining());
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            return add(socket, "close " + status + " " + reason);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            received.add("error " + error);
        }

        private CompletionStage<?> add(WebSocket socket, String what) {
            received.add(what);
            socket.request(1);
            return null;
        }
    }
}
