package io.valuetask.samples;

import io.valuetask.samples.http.Sample15HttpServer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A client of TLS 1.2 that wants the same connection's handshake again, for which a server computes far more than it does. */
@Timeout(60)
class RenegotiationTest {
    private static final byte[] BEGUN = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\na#"
            .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REST = {'b', '!'};

    @ParameterizedTest
    @ValueSource(classes = {Sample01EchoServer.class, Sample02EchoServerWithCallbacks.class,
        Sample15HttpServer.class})
    void secondHandshake_amidARequest_endsTheConnectionAndTheNextClientIsServed(Class<?> main)
            throws Exception {
        try (SampleJvm server = new SampleJvm(List.of("-Dio.netty.leakDetection.level=paranoid"), main, "0",
                "--tls")) {
            int port = server.port();
            try (SSLSocket client = SampleTls.connect(port, "TLSv1.2")) {
                assertEchoes(client, BEGUN);
                client.startHandshake();
                assertThatThrownBy(() -> assertEchoes(client, REST))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("handshake_failure");
            }
            try (SSLSocket next = SampleTls.connect(port, "TLSv1.2")) {
                assertEchoes(next, BEGUN);
                assertEchoes(next, REST);
            }
            server.terminate();
            assertThat(server.exitStatus(20)).isIn(0, 143);
            assertThat(server.errors()).isEmpty();
        }
    }

    /** Whatever a server says besides: reads until the last byte, which is in no header, has come back. */
    private static void assertEchoes(SSLSocket client, byte[] bytes) throws Exception {
        client.getOutputStream().write(bytes);
        InputStream in = client.getInputStream();
        for (int read; (read = in.read()) != bytes[bytes.length - 1];) {
            assertThat(read).as("the end").isNotNegative();
        }
    }
}
