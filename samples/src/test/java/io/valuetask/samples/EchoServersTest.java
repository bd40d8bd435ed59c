package io.valuetask.samples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
@ParameterizedClass
@ValueSource(classes = {Sample01EchoServer.class, Sample02EchoServerWithCallbacks.class})
record EchoServersTest(Class<?> main) {

    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void echoesEverySizeAndStopsCleanly(String transport) throws Exception {
        try (SampleJvm server = new SampleJvm(main, "0", "--transport", transport, "--loops", "1")) {
            int port = server.port();
            try (Socket first = connect(port); Socket second = connect(port)) {
                for (int size : new int[]{1, 13, 64, 4096, 65_537, 1 << 20}) {
                    assertEchoes(first, size);
                    assertEchoes(second, size);
                }
                first.shutdownOutput();
                assertThat(first.getInputStream().read()).as("the end of the stream").isEqualTo(-1);

                server.terminate(); // while the second connection is open
                assertThat(server.exitStatus(10)).isIn(0, 143);
            }
            assertThat(server.errors()).isEmpty();
            assertThat(server.remainingOutput()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40})
    void survivesClientsThatVanish(int resets) throws Exception {
        try (SampleJvm server = new SampleJvm(main, "0")) {
            int port = server.port();
            for (int i = 0; i < resets; i++) {
                try (Socket socket = connect(port)) {
                    socket.getOutputStream().write(new byte[100_000]);
                    socket.setSoLinger(true, 0);
                }
            }
            try (Socket socket = connect(port)) {
                assertEchoes(socket, 1000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void saysThatThePortIsTaken(String transport) throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            try (SampleJvm server = new SampleJvm(main, port, "--transport", transport)) {
                assertThat(server.exitStatus(20)).isEqualTo(1);
                assertThat(server.errors()).startsWith("cannot listen on port " + port + ": ")
                        .hasLineCount(1);
                assertThat(server.remainingOutput()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"many,is not an int", "65536,the port must be a number from 0 to 65535",
        "--transport,Missing required parameter", "--transport pigeon,'nio, epoll, io_uring or auto'",
        "--loops 0,--loops must be a number from 1", "--verbose,'--verbose'"})
    void saysWhatIsWrongWithItsArguments(String arguments, String sentence) throws Exception {
        try (SampleJvm server = new SampleJvm(main, arguments.split(" "))) {
            assertThat(server.exitStatus(20)).isEqualTo(2);
            assertThat(server.errors()).contains(sentence).hasLineCount(1);
            assertThat(server.remainingOutput()).isEmpty();
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void assertEchoes(Socket socket, int size) throws Exception {
        byte[] sent = new byte[size];
        new Random(size).nextBytes(sent);
        // Sent by another thread: both sides' buffers together hold less than the largest message.
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(sent);
            } catch (IOException failure) {
                throw new java.io.UncheckedIOException(failure);
            }
        });
        assertThat(socket.getInputStream().readNBytes(size)).isEqualTo(sent);
        sending.get(10, TimeUnit.SECONDS);
    }
}
