package io.valuetask.samples;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

/** Real clients and servers on both sides of the proxy. */
@Timeout(60)
class TcpProxyProtocolsTest {
    @ParameterizedTest
    @MethodSource("io.valuetask.samples.TcpProxyTest#transports")
    void proxy_ofAnHttpSession_passesEveryRequestAndResponse(String transport) throws Exception {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length % 2 == 0 ? 0 : body.length); // 0: chunked
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        try (SampleJvm proxy = TcpProxyTest.proxy(http.getAddress().getPort(), "--transport", transport);
                HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://localhost:" + proxy.port() + "/");
            List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
            List<byte[]> bodies = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] body = TcpProxyTest.bytes(i % 5 == 4 ? 2_000_000 + i : 100 * i);
                bodies.add(body);
                responses.add(client.sendAsync(
                        HttpRequest.newBuilder(uri).POST(BodyPublishers.ofByteArray(body)).build(),
                        BodyHandlers.ofByteArray()));
            }
            for (int i = 0; i < responses.size(); i++) {
                HttpResponse<byte[]> response = responses.get(i).get(20, TimeUnit.SECONDS);
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo(bodies.get(i));
            }
        } finally {
            http.stop(0);
        }
    }

    @Test
    void proxy_ofARedisSession_passesEveryCommand() throws Exception {
        Optional<RedisServer> started = RedisServer.start();
        if (started.isEmpty()) {
            return; // said why
        }
        try (RedisServer redis = started.get();
                SampleJvm proxy = TcpProxyTest.proxy(redis.port());
                Socket client = TcpProxyTest.connect(proxy.port())) {
            InputStream answers = client.getInputStream();
            String value = "x".repeat(1_000_000);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream()
                            .write(("SET big " + value.length() + "\r\n").getBytes(US_ASCII));
                    client.getOutputStream().write(("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$" + value.length()
                            + "\r\n" + value + "\r\n").getBytes(US_ASCII));
                    for (int i = 0; i < 1000; i++) { // pipelined
                        client.getOutputStream().write("INCR counter\r\n".getBytes(US_ASCII));
                    }
                    client.getOutputStream().write("GET big\r\nQUIT\r\n".getBytes(US_ASCII));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            StringBuilder expected = new StringBuilder("+OK\r\n+OK\r\n");
            for (int i = 1; i <= 1000; i++) {
                expected.append(':').append(i).append("\r\n");
            }
            expected.append('$').append(value.length()).append("\r\n").append(value).append("\r\n+OK\r\n");
            assertThat(new String(answers.readAllBytes(), US_ASCII)).isEqualTo(expected.toString());
            sending.get(10, TimeUnit.SECONDS);
        }
    }
}
