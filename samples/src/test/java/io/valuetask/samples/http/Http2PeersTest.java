package io.valuetask.samples.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Peers of HTTP/2 that go wrong, frame by frame, in the clear. */
@Timeout(60)
class Http2PeersTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int GO_AWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;

    private static HttpServerJvm server;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServerJvm.start("--loops", "1", "--idle-timeout", "1", "--max-streams", "10",
                "--max-body", "1000");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Frame(int type, int flags, int stream, byte[] payload) {
        byte[] bytes() {
            return ByteBuffer.allocate(9 + payload.length).put((byte) (payload.length >> 16))
                    .putShort((short) payload.length).put((byte) type).put((byte) flags).putInt(stream)
                    .put(payload)
                    .array();
        }

        int lastInt() {
            return ByteBuffer.wrap(payload).getInt(type == GO_AWAY ? 4 : 0);
        }
    }

    /** A request as HPACK has it: by the static table, and the rest as it is. */
    private static Frame request(int stream, int flags, String path, String... more) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(path.startsWith("/echo") ? 0x83 : 0x82); // POST, GET
        block.write(0x86); // http
        literal(block, 0x04, path);
        literal(block, 0x01, "localhost");
        for (int i = 0; i < more.length; i += 2) {
            block.write(0);
            string(block, more[i]);
            string(block, more[i + 1]);
        }
        return new Frame(HEADERS, END_HEADERS | flags, stream, block.toByteArray());
    }

    private static void literal(ByteArrayOutputStream block, int name, String value) {
        block.write(name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            for (; rest >= 128; rest >>= 7) {
                block.write(rest & 127 | 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    private static RawClient connect() throws IOException {
        return server.connect().send(PREFACE).send(new Frame(SETTINGS, 0, 0, new byte[0]).bytes());
    }

    /** The next frame of a type, null at the end. */
    private static Frame next(RawClient client, int type) throws IOException {
        DataInputStream in = new DataInputStream(client.in());
        try {
            while (true) {
                int head = in.readInt();
                int flags = in.readByte();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(head >>> 8);
                if ((head & 0xff) == type) {
                    return new Frame(type, flags, stream, payload);
                }
            }
        } catch (EOFException | SocketException end) {
            return null;
        }
    }

    @Test
    void requestThatKeepsTheRules_isAnswered() throws Exception {
        try (RawClient client = connect()) {
            client.send(request(1, END_STREAM, "/plaintext").bytes());
            assertThat(next(client, DATA).payload()).asString().isEqualTo("Hello, World!");
        }
    }

    @Test
    void prefaceByteByByte_isAnswered() throws Exception {
        try (RawClient client = server.connect()) {
            for (byte b : PREFACE.getBytes(StandardCharsets.US_ASCII)) {
                client.send(new byte[]{b});
            }
            client.send(new Frame(SETTINGS, 0, 0, new byte[0]).bytes());
            client.send(request(1, END_STREAM, "/plaintext").bytes());
            assertThat(next(client, DATA).payload()).asString().isEqualTo("Hello, World!");
        }
    }

    @Test
    void idleConnection_isClosed() throws Exception {
        try (RawClient client = connect()) {
            assertThat(next(client, GO_AWAY).lastInt()).isZero();
            assertThat(next(client, DATA)).isNull();
        }
    }

    @Test
    void floodOfResets_endsTheConnection() throws Exception {
        try (RawClient client = connect()) {
            try {
                for (int i = 0; i < 1000; i++) {
                    client.send(request(2 * i + 1, END_STREAM, "/sleep?ms=10000").bytes());
                    client.send(new Frame(RESET, 0, 2 * i + 1, new byte[]{0, 0, 0, 8}).bytes());
                }
            } catch (SocketException closed) {
                // as it must be
            }
            Frame end = next(client, GO_AWAY);
            assertThat(end == null ? ENHANCE_YOUR_CALM : end.lastInt()).isEqualTo(ENHANCE_YOUR_CALM);
        }
        try (RawClient other = server.connect()) {
            assertThat(other.get("/plaintext").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void streamBeyondTheMost_isRefused() throws Exception {
        try (RawClient client = connect()) {
            for (int i = 0; i < 11; i++) {
                client.send(request(2 * i + 1, END_STREAM, "/sleep?ms=2000").bytes());
            }
            Frame refused = next(client, RESET);
            assertThat(refused.stream()).isEqualTo(21);
            assertThat(refused.lastInt()).isEqualTo(REFUSED_STREAM);
        }
    }

    @Test
    void bodyThatIsNotAsLongAsItSays_isReset() throws Exception {
        try (RawClient client = connect()) {
            client.send(request(1, 0, "/echo", "content-length", "5").bytes());
            client.send(new Frame(DATA, END_STREAM, 1, "abcdef".getBytes(StandardCharsets.US_ASCII)).bytes());
            assertThat(next(client, RESET).stream()).isEqualTo(1);
            client.send(request(3, END_STREAM, "/plaintext").bytes());
            assertThat(next(client, DATA).payload()).asString().isEqualTo("Hello, World!");
        }
    }

    @Test
    void targetThatIsNone_isRefused() throws Exception {
        for (String target : new String[]{"plaintext", "/plaintext#x", "/a b", "/\377"}) {
            try (RawClient client = connect()) {
                client.send(request(1, END_STREAM, target).bytes());
                Frame headers = next(client, HEADERS);
                // By us with a 400, or by the codec with a reset or a closed connection.
                assertThat(headers == null
                        || !new String(headers.payload(), StandardCharsets.ISO_8859_1).contains("\210"))
                        .as(target).isTrue();
            }
        }
    }

    @Test
    void headersThatAreTooLong_areRefused() throws Exception {
        try (RawClient client = connect()) {
            client.send(request(1, END_STREAM, "/plaintext", "x", "y".repeat(10_000)).bytes());
            Frame refused = next(client, HEADERS);
            assertThat(new String(refused.payload(), StandardCharsets.ISO_8859_1)).contains("431");
        }
    }
}
