package io.valuetask.samples.http;

import io.valuetask.samples.http.RawClient.Answer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Peers that are slow on purpose: each has its time, and no one else waits for them. */
@Timeout(60)
class SlowPeersTest {
    /** As many as the issue asks for. */
    private static final int HALF_OPEN = 200;

    private static final int BIG = 100_000_000;

    @TempDir
    private static Path root;
    private static HttpServerJvm server;

    @BeforeAll
    static void start() throws IOException {
        try (RandomAccessFile big = new RandomAccessFile(root.resolve("big").toFile(), "rw")) {
            big.setLength(BIG);
        }
        server = HttpServerJvm.start("--loops", "1", "--header-timeout", "3", "--body-timeout", "1",
                "--write-timeout", "2", "--max-connections", "300", "--root", root.toString(),
                "--access-log", "-");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void halfOpenHeaderSenders_areEndedInAllWhileOthersAreServed() throws Exception {
        List<RawClient> senders = new ArrayList<>();
        long begun = System.nanoTime();
        try {
            for (int i = 0; i < HALF_OPEN; i++) {
                senders.add(server.connect().send("GET /plaintext HTTP/1.1\r\nHost: h\r\nX: "));
            }
            // They trickle: no pause is as long as the timeout, and that does not help them.
            while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(2)) {
                for (RawClient sender : senders) {
                    sender.send("x");
                }
                try (RawClient other = server.connect()) {
                    assertThat(other.get("/plaintext").answer().text()).isEqualTo("Hello, World!");
                }
            }
            for (RawClient sender : senders) {
                Answer late = sender.answer();
                assertThat(late.status()).isEqualTo(408);
                assertThat(late.headers()).containsEntry("connection", "close");
                assertThat(sender.isEnded()).isTrue();
            }
        } finally {
            for (RawClient sender : senders) {
                sender.close();
            }
        }
    }

    @Test
    void idleConnection_isClosedSilently() throws Exception {
        try (HttpServerJvm impatient = HttpServerJvm.start("--idle-timeout", "1");
                RawClient silent = impatient.connect();
                RawClient blank = impatient.connect();
                RawClient served = impatient.connect()) {
            assertThat(served.get("/plaintext").answer().status()).isEqualTo(200);
            blank.send("\r\n\r\n"); // no request has begun
            assertThat(silent.isEnded()).isTrue();
            assertThat(served.isEnded()).isTrue();
            assertThat(blank.isEnded()).isTrue();
        }
    }

    @Test
    void bodyThatStops_isToldSo() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(408);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void bodyThatTrickles_isEnded() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /plaintext/ HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(404);
            long begun = System.nanoTime();
            try {
                while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(20)) {
                    client.send("x"); // each one soon behind the other
                    Thread.sleep(200);
                }
            } catch (IOException closed) {
                // as it must be
            }
            assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(20));
        }
    }

    @Test
    void peerThatTakesNothingOfAFile_isClosed() throws Exception {
        try (RawClient client = server.connect()) {
            client.get("/files/big");
            server.awaitOutput("GET /files/big"); // logged when it is over, and nobody has read a byte
            assertThat(endsWithoutEnd(client)).isTrue();
        }
    }

    @Test
    void peerThatTakesNothingOfItsEcho_isClosed() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n");
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.send(new byte[10_000_000]); // which is more than the kernel holds for both of us
                } catch (IOException closed) {
                    // as it must be
                }
            });
            server.awaitOutput("POST /echo HTTP/1.1\" 200");
            assertThat(endsWithoutEnd(client)).isTrue();
            sending.get(30, TimeUnit.SECONDS);
            try (RawClient other = server.connect()) {
                assertThat(other.get("/plaintext").answer().status()).isEqualTo(200);
            }
        }
    }

    /** What the kernel held comes, and then the connection is broken off. */
    private static boolean endsWithoutEnd(RawClient client) {
        try {
            client.exactly(BIG);
            return false;
        } catch (IOException brokenOff) {
            return true;
        }
    }

    @Test
    void connectionBeyondTheMost_isToldSo() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                clients.add(server.connect());
            }
            try (RawClient one = server.connect()) {
                assertThat(one.answer().status()).isEqualTo(503);
                assertThat(one.isEnded()).isTrue();
            }
            assertThat(clients.get(0).get("/plaintext").answer().status()).isEqualTo(200);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }
}
