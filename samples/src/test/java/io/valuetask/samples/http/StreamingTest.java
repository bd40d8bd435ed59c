package io.valuetask.samples.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bodies that are longer than the server's heap, and connections that are more than a few. Smaller than they can be, for the
 * build; in full, 1 GB in 64 MB and 10,000 connections:
 * {@code mvn verify -pl samples -am -Dtest=StreamingTest -Dsurefire.failIfNoSpecifiedTests=false
 * -DargLine="-Dsamples.http.megabytes=1024 -Dsamples.http.heap=64 -Dsamples.http.idle=10000"}.
 */
@Timeout(600)
class StreamingTest {
    private static final long BYTES = Long.getLong("samples.http.megabytes", 64) << 20;
    private static final int HEAP_MEGABYTES = Integer.getInteger("samples.http.heap", 32);
    private static final int IDLE = Integer.getInteger("samples.http.idle", 500);
    private static final int PERIOD = 251;

    @TempDir
    private Path root;

    @Test
    void bodyLongerThanTheHeap_comesBackWhole() throws Exception {
        try (HttpServerJvm server = HttpServerJvm.startWith(List.of("-Xmx" + HEAP_MEGABYTES + "m"),
                "--max-body",
                Long.toString(BYTES)); RawClient client = server.connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + BYTES + "\r\n\r\n");
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(client.socket()));
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            while (!client.line().isEmpty()) {
                // headers
            }
            long received = 0;
            for (int size; (size = Integer.parseInt(client.line(), 16)) > 0; received += size) {
                checkPart(client.exactly(size), received);
                assertThat(client.line()).isEmpty();
            }
            assertThat(received).isEqualTo(BYTES);
            sending.get(60, TimeUnit.SECONDS);
        }
    }

    private static void send(Socket socket) {
        try {
            OutputStream out = socket.getOutputStream();
            byte[] part = new byte[PERIOD * 256];
            for (int i = 0; i < part.length; i++) {
                part[i] = (byte) (i % PERIOD);
            }
            for (long sent = 0; sent < BYTES; sent += part.length) {
                out.write(part, 0, (int) Math.min(part.length, BYTES - sent));
            }
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static void checkPart(byte[] part, long position) {
        for (int i = 0; i < part.length; i++) {
            if (part[i] != (byte) ((position + i) % PERIOD)) {
                throw new AssertionError("wrong byte at " + (position + i));
            }
        }
    }

    @Test
    void fileLongerThanTheHeap_isSentToReadersWhoAreSlow() throws Exception {
        Path file = root.resolve("big");
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] part = new byte[1 << 20];
            for (long size = 0; size < BYTES; size += part.length) {
                out.write(part);
            }
        }
        for (String tls : new String[]{"", "--tls"}) {
            List<String> arguments = new ArrayList<>(List.of("--root", root.toString()));
            if (!tls.isEmpty()) {
                arguments.add(tls);
            }
            try (HttpServerJvm server = HttpServerJvm.startWith(List.of("-Xmx" + HEAP_MEGABYTES + "m"),
                    arguments.toArray(String[]::new))) {
                Socket socket = tls.isEmpty()
                        ? new Socket("localhost", server.port())
                        : TestTls.context().getSocketFactory().createSocket("localhost", server.port());
                try (socket) {
                    socket.setSoTimeout(30_000);
                    socket.getOutputStream()
                            .write("GET /files/big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                                    .getBytes("ASCII"));
                    Thread.sleep(300); // a reader that does not begin at once
                    assertThat(drain(socket.getInputStream())).isBetween(BYTES, BYTES + 1000);
                }
            }
        }
    }

    private static long drain(InputStream in) throws IOException {
        byte[] buffer = new byte[65_536];
        long total = 0;
        for (int read; (read = in.read(buffer)) >= 0; total += read) {
            // counted
        }
        return total;
    }

    @Test
    void manyIdleConnections_areHeldAndServed() throws Exception {
        try (HttpServerJvm server = HttpServerJvm.startWith(List.of("-Xmx512m"), "--idle-timeout", "600")) {
            List<RawClient> clients = new ArrayList<>();
            try {
                for (int i = 0; i < IDLE; i++) {
                    clients.add(server.connect());
                    assertThat(clients.get(i).get("/plaintext").answer().status()).isEqualTo(200);
                }
                for (RawClient client : clients) { // each of them, after all the others came
                    assertThat(client.get("/json").answer().status()).isEqualTo(200);
                }
            } finally {
                for (RawClient client : clients) {
                    client.close();
                }
            }
        }
    }
}
