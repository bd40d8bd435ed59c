package io.valuetask.samples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients and a backend that finish, close and reset as they like, through one proxy that has to outlive them all: 500
 * of each transport, or as many as {@code -Dsamples.sessions=10000} says. The proxy's own JVM watches every buffer.
 *
 * <p>Netty's io_uring (4.2.18) tells a reset behind a peer's FIN by the next write only. Where no more is going to be
 * written, {@code --idle} ends such a connection, so here it is short.
 */
@Timeout(900)
class TcpProxySessionsTest {
    private static final int SESSIONS = Integer.getInteger("samples.sessions", 500);
    private static final int AT_ONCE = 24;
    private static final int MOST_BYTES = 200_000;
    private static final int LIMIT_MILLIS = 30_000;

    /** What one side does after it has received so many bytes, or sent half of its own. */
    private enum Ending {
        ORDERLY,
        FINISHES_FIRST,
        CLOSES,
        RESETS;

        void apply(Socket socket) throws IOException {
            switch (this) {
                case ORDERLY -> {}
                case FINISHES_FIRST -> socket.shutdownOutput();
                case CLOSES -> socket.close();
                case RESETS -> {
                    socket.setSoLinger(true, 0);
                    socket.close();
                }
            }
        }
    }

    /** The first two bytes tell the backend what it is to do. */
    private record Session(Ending client, Ending backend, byte[] sent, int until) {
        static Session random(Random random) {
            byte[] sent = new byte[random.nextInt(MOST_BYTES)];
            random.nextBytes(sent);
            return new Session(ending(random), ending(random), sent, random.nextInt(MOST_BYTES));
        }

        private static Ending ending(Random random) {
            return Ending.values()[random.nextInt(Ending.values().length)];
        }

        void run(int port, ExecutorService threads) throws Exception {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(LIMIT_MILLIS);
                Future<byte[]> receiving = threads.submit(() -> receive(socket));
                try {
                    socket.getOutputStream()
                            .write(new byte[]{(byte) backend.ordinal(), (byte) (until >> 12)});
                    socket.getOutputStream().write(sent, 0,
                            client == Ending.ORDERLY ? sent.length : sent.length / 2);
                    (client == Ending.ORDERLY ? Ending.FINISHES_FIRST : client).apply(socket);
                } catch (SocketException brokenOff) {
                    assertThat(isOrderly()).as("nobody breaks off").isFalse();
                }
                byte[] received = receiving.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
                assertThat(received).isEqualTo(Arrays.copyOf(sent, received.length));
                if (isOrderly()) {
                    assertThat(received).hasSameSizeAs(sent);
                }
            }
        }

        private boolean isOrderly() {
            return client == Ending.ORDERLY && backend == Ending.ORDERLY;
        }

        private static byte[] receive(Socket socket) throws IOException {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(received);
            } catch (SocketException brokenOff) {
                // By either side.
            }
            return received.toByteArray();
        }
    }

    /** The other side: an echo that ends as it is told. */
    private static Void echo(Socket accepted) throws IOException {
        try (accepted) {
            accepted.setSoTimeout(LIMIT_MILLIS);
            InputStream in = accepted.getInputStream();
            Ending ending = Ending.values()[Math.max(in.read(), 0)];
            int left = in.read() << 12;
            byte[] chunk = new byte[8192];
            for (int count; (count = in.read(chunk)) > 0;) {
                if (!accepted.isOutputShutdown()) {
                    accepted.getOutputStream().write(chunk, 0, count);
                }
                left -= count;
                if (left <= 0 && !accepted.isOutputShutdown()) {
                    ending.apply(accepted);
                }
            }
        } catch (SocketException brokenOff) {
            // By either side.
        }
        return null;
    }

    @ParameterizedTest
    @MethodSource("io.valuetask.samples.TcpProxyTest#transports")
    void sessions_thatEndAtRandom_neverStallAndLeaveNothingOpen(String transport) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ServerSocket backend = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
                SampleJvm proxy = new SampleJvm(
                        List.of("-Xmx64m", "-Dio.netty.leakDetection.level=paranoid"),
                        Sample13TcpProxy.class, "0", "--to", "localhost:" + backend.getLocalPort(), "--log",
                        "--transport", transport, "--idle", transport.equals("io_uring") ? "5" : "600")) {
            threads.submit(() -> {
                for (;;) { // until the socket is closed
                    Socket accepted = backend.accept();
                    threads.submit(() -> echo(accepted));
                }
            });
            int port = proxy.port();
            Semaphore places = new Semaphore(AT_ONCE);
            Random random = new Random(SESSIONS);
            Future<Integer> ended = threads.submit(() -> {
                int lines = 0;
                while (lines < SESSIONS && proxy.line() != null) {
                    lines++;
                }
                return lines;
            });
            List<Future<?>> sessions = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                Session session = Session.random(random);
                places.acquire();
                sessions.add(threads.submit(() -> {
                    try {
                        session.run(port, threads);
                    } finally {
                        places.release();
                    }
                    return null;
                }));
            }
            for (Future<?> session : sessions) {
                session.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
            }
            // A line is printed when both sides of a connection are closed.
            assertThat(ended.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo(SESSIONS);
            proxy.terminate();
            assertThat(proxy.exitStatus(20)).isIn(0, 143);
            assertThat(proxy.errors()).as("leaks, and what was cut off").isEmpty();
        }
    }
}
