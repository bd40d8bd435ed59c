package io.valuetask.samples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class LineServerTest {
    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void keepsValuesAndAnswersPipelinedRequestsInOrder(String transport) throws Exception {
        try (SampleJvm server = new SampleJvm(Sample04LineServer.class, "0", "--transport", transport)) {
            int port = server.port();
            try (Socket first = connect(port); Socket second = connect(port)) {
                send(first, "set colour blue and grün\r\n");
                assertThat(lines(first).readLine()).isEqualTo("ok");
                send(second, "get colour\nget nothing\nfly\nget ");
                send(second, "colour\n");
                BufferedReader answers = lines(second);
                assertThat(answers.readLine()).isEqualTo("blue and grün");
                assertThat(answers.readLine()).isEmpty();
                assertThat(answers.readLine()).startsWith("error: expected");
                assertThat(answers.readLine()).isEqualTo("blue and grün");
                second.shutdownOutput();
                assertThat(answers.readLine()).as("the end of the stream").isNull();

                server.terminate(); // while the first connection is open
                assertThat(server.exitStatus(10)).isIn(0, 143);
            }
            assertThat(server.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void refusesALineWithoutEnd(String transport) throws Exception {
        try (SampleJvm server = new SampleJvm(Sample04LineServer.class, "0", "--transport", transport)) {
            try (Socket socket = connect(server.port())) {
                send(socket, "x".repeat(1024)); // no more: what the server has not read would reset the answer
                BufferedReader answers = lines(socket);
                assertThat(answers.readLine()).isEqualTo("error: a line has at most 1024 bytes");
                assertThat(answers.readLine()).isNull();
            }
            server.terminate();
            assertThat(server.errors()).isEmpty();
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static BufferedReader lines(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }
}
