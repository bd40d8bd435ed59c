package io.valuetask.samples;

import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A client, the proxy in a JVM of its own, and a backend that does what each test says. */
@Timeout(60)
class TcpProxyTest {
    private static final int LIMIT_MILLIS = 20_000;

    private final ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    TcpProxyTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        backend.close();
    }

    static Stream<String> transports() {
        if (!IoUring.isAvailable()) {
            System.out.println("skipped io_uring: " + IoUring.unavailabilityCause());
        }
        return Stream.of("nio", "auto", "io_uring")
                .filter(name -> !name.equals("io_uring") || IoUring.isAvailable());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void halfClose_byTheClient_leavesTheWayBackOpen(String transport) throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log", "--transport", transport);
                Socket client = connect(proxy.port());
                Socket server = accept()) {
            byte[] request = bytes(100_000);
            byte[] response = bytes(50_000);
            client.getOutputStream().write(request);
            client.shutdownOutput();
            assertThat(server.getInputStream().readAllBytes()).isEqualTo(request);
            server.getOutputStream().write(response);
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(response);
            assertThat(proxy.line())
                    .isEqualTo(client(client) + ": 100000 bytes out, 50000 bytes back, finished");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void halfClose_byTheBackend_leavesTheWayForthOpen(String transport) throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log", "--transport", transport);
                Socket client = connect(proxy.port());
                Socket server = accept()) {
            byte[] request = bytes(100_000);
            server.getOutputStream().write(7);
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).containsExactly(7);
            client.getOutputStream().write(request);
            client.shutdownOutput();
            assertThat(server.getInputStream().readAllBytes()).isEqualTo(request);
            assertThat(proxy.line()).isEqualTo(client(client) + ": 100000 bytes out, 1 bytes back, finished");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void proxy_behindTls_passesTheDecryptedBytesAndTheirEnd(String transport) throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log", "--tls", "--transport", transport)) {
            int port = proxy.port();
            try (Socket mute = connect(port); // does not shake hands
                    Socket client = SampleTls.connect(port);
                    Socket server = accept()) {
                byte[] request = bytes(300_000);
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                    try {
                        client.getOutputStream().write(request);
                        client.shutdownOutput();
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                });
                assertThat(server.getInputStream().readAllBytes()).isEqualTo(request);
                sending.get(10, TimeUnit.SECONDS);
                server.getOutputStream().write(request, 0, 1000);
                server.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).hasSize(1000);
                assertThat(proxy.line()).endsWith(": 300000 bytes out, 1000 bytes back, finished");
                backend.setSoTimeout(1);
                assertThatThrownBy(backend::accept).as("of %s, which has not shaken hands", mute)
                        .isInstanceOf(SocketTimeoutException.class);
            }
        }
    }

    @Test
    void backend_thatRefuses_closesTheClientAndIsNamed() throws Exception {
        backend.close();
        try (SampleJvm proxy = proxy(backend.getLocalPort()); Socket client = connect(proxy.port())) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            proxy.terminate();
            assertThat(proxy.errors()).startsWith(client(client) + ": cannot reach localhost:")
                    .contains("Connection refused").hasLineCount(1);
        }
    }

    @Test
    void backend_whoseNameIsUnknown_closesTheClientAndIsNamed() throws Exception {
        try (SampleJvm proxy = new SampleJvm(Sample13TcpProxy.class, "0", "--to", "nowhere.invalid:80",
                "--connect-timeout", "2"); Socket client = connect(proxy.port())) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            proxy.terminate();
            assertThat(proxy.errors()).contains(": cannot reach nowhere.invalid:80: ").hasLineCount(1);
        }
    }

    @Test
    void backend_thatResetsMidway_endsThatConnectionAlone() throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log")) {
            int port = proxy.port();
            try (Socket other = connect(port);
                    Socket otherServer = accept();
                    Socket client = connect(port);
                    Socket server = accept()) {
                client.getOutputStream().write(bytes(1000));
                server.getInputStream().readNBytes(1000);
                reset(server);
                assertThat(readToTheEnd(client)).isEmpty();
                assertThat(proxy.line()).contains(": 1000 bytes out, 0 bytes back, broken off: ");
                assertPasses(other, otherServer);
            }
        }
    }

    @Test
    void client_thatResetsMidway_endsThatConnectionAlone() throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log")) {
            int port = proxy.port();
            try (Socket other = connect(port);
                    Socket otherServer = accept();
                    Socket client = connect(port);
                    Socket server = accept()) {
                client.getOutputStream().write(bytes(1000));
                server.getInputStream().readNBytes(1000);
                reset(client);
                assertThat(readToTheEnd(server)).isEmpty();
                assertThat(proxy.line()).contains(": 1000 bytes out, 0 bytes back, broken off: ");
                assertPasses(other, otherServer);
            }
        }
    }

    @Test
    void backend_thatIsKilled_endsItsConnectionsAndTheNextOneIsServedAgain() throws Exception {
        int port;
        try (SampleJvm echo = new SampleJvm(Sample01EchoServer.class, "0")) {
            port = echo.port();
            try (SampleJvm proxy = proxy(port, "--log")) {
                int front = proxy.port();
                try (Socket client = connect(front)) {
                    client.getOutputStream().write(1);
                    assertThat(client.getInputStream().read()).isEqualTo(1);
                    echo.kill(); // its system says that it has finished; the client might go on, for all that is known
                    assertThat(readToTheEnd(client)).isEmpty();
                }
                assertThat(proxy.line()).contains(": 1 bytes out, 1 bytes back, ");
                try (SampleJvm again = new SampleJvm(Sample01EchoServer.class, Integer.toString(port))) {
                    again.port();
                    try (Socket client = connect(front)) {
                        client.getOutputStream().write(2);
                        assertThat(client.getInputStream().read()).isEqualTo(2);
                    }
                }
            }
        }
    }

    @Test
    void client_whoIsOneTooMany_isTurnedAwayUntilAnotherHasGone() throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log", "--connections", "1")) {
            int port = proxy.port();
            try (Socket first = connect(port); Socket server = accept()) {
                try (Socket second = connect(port)) {
                    assertThat(readToTheEnd(second)).isEmpty();
                    assertThat(proxy.line())
                            .isEqualTo(client(second) + ": turned away, since 1 others are connected");
                }
                assertPasses(first, server);
            }
            assertThat(proxy.line()).endsWith("finished");
        }
    }

    @Test
    void connection_thatIsStalled_isIdleToo() throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log", "--idle", "1");
                Socket client = connect(proxy.port());
                Socket server = accept()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    for (;;) { // more than all buffers hold: the backend does not read
                        client.getOutputStream().write(new byte[100_000]);
                    }
                } catch (IOException cutOff) {
                    // As it should be.
                }
            });
            sending.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
            reset(server); // or the proxy would wait for it to take what is left, for as long as a close may take
            assertThat(proxy.line()).contains(" bytes out, 0 bytes back, idle");
        }
    }

    @Test
    void stop_whileAClientIsConnected_letsItFinish() throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--log");
                Socket client = connect(proxy.port());
                Socket server = accept()) {
            assertPasses(client, server);
            proxy.terminate();
            client.shutdownOutput();
            assertThat(server.getInputStream().readAllBytes()).isEmpty();
            server.getOutputStream().write(bytes(200_000));
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).hasSize(200_000);
            assertThat(proxy.exitStatus(10)).isIn(0, 143);
            assertThat(proxy.errors()).isEmpty();
        }
    }

    @Test
    void stop_whileAClientDoesNotFinish_cutsItOff() throws Exception {
        try (SampleJvm proxy = proxy(backend.getLocalPort(), "--drain", "0");
                Socket client = connect(proxy.port());
                Socket server = accept()) {
            assertPasses(client, server);
            proxy.terminate();
            assertThat(proxy.exitStatus(10)).isIn(0, 143);
            assertThat(proxy.errors()).isEqualTo("1 connections are cut off");
            assertThat(readToTheEnd(client)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"'',Missing required option", "--to localhost,must be HOST:PORT",
        "--to localhost:0,must be HOST:PORT", "--to :80,must be HOST:PORT",
        "--to localhost:1 --idle 0,at least 1", "--to localhost:1 --connect-timeout 0,from 1 to 3600"})
    void proxy_ofWrongArguments_saysWhatIsWrong(String arguments, String sentence) throws Exception {
        try (SampleJvm proxy = new SampleJvm(Sample13TcpProxy.class, ("0 " + arguments).trim().split(" "))) {
            assertThat(proxy.exitStatus(20)).isEqualTo(2);
            assertThat(proxy.errors()).contains(sentence).hasLineCount(1);
        }
    }

    static SampleJvm proxy(int backendPort, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("0", "--to", "localhost:" + backendPort));
        arguments.addAll(List.of(options));
        return new SampleJvm(Sample13TcpProxy.class, arguments.toArray(String[]::new));
    }

    static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(LIMIT_MILLIS);
        return socket;
    }

    private Socket accept() throws IOException {
        backend.setSoTimeout(LIMIT_MILLIS);
        Socket socket = backend.accept();
        socket.setSoTimeout(LIMIT_MILLIS);
        return socket;
    }

    private static void assertPasses(Socket client, Socket server) throws IOException {
        client.getOutputStream().write(5);
        assertThat(server.getInputStream().read()).isEqualTo(5);
        server.getOutputStream().write(6);
        assertThat(client.getInputStream().read()).isEqualTo(6);
    }

    /** As the proxy names it. */
    private static String client(Socket client) {
        return "/127.0.0.1:" + client.getLocalPort();
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static byte[] readToTheEnd(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        try {
            return in.readAllBytes();
        } catch (SocketException reset) {
            return new byte[0];
        }
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
