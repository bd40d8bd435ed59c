package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The views for code that knows {@code java.io} alone: its contracts, and its tools. */
@ParameterizedClass
@EnumSource(Transport.class)
class StreamViewTest {
    private static final int LARGE = 1024 * 1024;

    @Parameter
    Transport transport;
    private StreamLoopback loopback;
    private InputStream input;
    private OutputStream output;

    @BeforeEach
    void connect() throws Exception {
        loopback = StreamLoopback.connect(transport);
        input = loopback.stream().inputStream();
        output = loopback.stream().outputStream();
    }

    @AfterEach
    void disconnect() {
        loopback.close();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenNothingIsThere_blocksForTheFirstByte(Kind kind) throws Throwable {
        BackgroundCall<Integer> read = BackgroundCall.start(kind, input::read).awaitParked();

        loopback.send("x");

        assertThat(read.result()).isEqualTo('x');
    }

    @Test
    void read_keepsTheContractOfInputStream() throws Exception {
        byte[] array = new byte[4];
        assertThat(input.read(array, 0, 0)).as("no room, nothing there").isZero();
        assertThat(input.read(new byte[0])).isZero();
        loopback.send("abcdef");
        assertThat(input.readNBytes(3)).isEqualTo(Bytes.of("abc"));
        assertThat(input.available()).isEqualTo(3);
        assertThat(input.skip(1)).isOne();
        assertThat(input.read(array)).isEqualTo(2);
        assertThat(array).startsWith('e', 'f');
        loopback.peer().shutdownOutput();
        assertThat(input.read(array, 0, 0)).isZero();
        assertThat(input.read()).isEqualTo(-1);
        assertThat(input.read(array, 1, 2)).isEqualTo(-1);
        assertThat(input.available()).isZero();
        assertThatThrownBy(() -> input.read(array, 3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(input.markSupported()).isFalse();
    }

    /** Whoever polls must hear of bytes that nobody has asked the channel for. */
    @Test
    void available_polledByWhoeverNeverReads_tellsOfWhatHasArrived() throws Exception {
        assertThat(input.available()).isZero();
        loopback.send("abc");

        while (input.available() < 3) {
            Thread.onSpinWait(); // bounded by the time limit of each test
        }

        assertThat(input.readNBytes(input.available())).isEqualTo(Bytes.of("abc"));
    }

    @Test
    void transferTo_ofALargePayload_copiesAllOfIt() throws Throwable {
        byte[] payload = Bytes.random(LARGE, 1);
        var sender = RandomPeer.send(loopback.peer(), payload, 20_000, 4, 1);
        ByteArrayOutputStream received = new ByteArrayOutputStream();

        BackgroundCall<Long> copied = BackgroundCall.start(Kind.VIRTUAL, () -> input.transferTo(received));

        assertThat(copied.result()).isEqualTo(LARGE);
        assertThat(sender.result()).isNull();
        assertThat(received.toByteArray()).isEqualTo(payload);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void transferTo_theOutputOfTheSameStream_echoes(Kind kind) throws Throwable {
        byte[] payload = Bytes.random(LARGE, 2);
        BackgroundCall<Long> echo = BackgroundCall.start(kind, () -> {
            long count = input.transferTo(output);
            output.close();
            return count;
        });
        var sender = RandomPeer.send(loopback.peer(), payload, 20_000, 4, 2);

        byte[] echoed = loopback.peer().getInputStream().readAllBytes();

        assertThat(sender.result()).isNull();
        assertThat(echo.result()).isEqualTo(LARGE);
        assertThat(echoed).isEqualTo(payload);
    }

    @Test
    void toolsOfTheJdk_workOnTheViews() throws Exception {
        DataOutputStream data = new DataOutputStream(output);
        data.writeInt(42);
        data.writeUTF("grüß");
        data.writeByte(7);
        data.flush();
        DataInputStream peer = new DataInputStream(loopback.peer().getInputStream());
        assertThat(peer.readInt()).isEqualTo(42);
        assertThat(peer.readUTF()).isEqualTo("grüß");
        assertThat(peer.readByte()).isEqualTo((byte) 7);

        loopback.send("first\nsecond\n");
        loopback.peer().shutdownOutput();
        BufferedReader lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.US_ASCII));
        assertThat(lines.lines()).containsExactly("first", "second");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenInterrupted_saysSoInTermsOfIoAndLosesNothing(Kind kind) throws Throwable {
        for (boolean single : new boolean[]{true, false}) {
            BackgroundCall<Boolean> read = BackgroundCall.start(kind, () -> {
                assertThatThrownBy(() -> {
                    if (single) {
                        input.read();
                    } else {
                        input.read(new byte[4]);
                    }
                }).isInstanceOf(InterruptedIOException.class).hasMessageContaining("read on")
                        .hasCauseInstanceOf(InterruptedException.class);
                return Thread.interrupted();
            }).awaitParked();

            read.thread().interrupt();

            assertThat(read.result()).as("stays interrupted").isTrue();
            loopback.send("x");
            assertThat(input.read()).isEqualTo('x');
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void write_whenInterrupted_saysSoInTermsOfIoAndIsSent(Kind kind) throws Throwable {
        byte[] payload = Bytes.random(LARGE, 3);
        BackgroundCall<Boolean> write = BackgroundCall.start(kind, () -> {
            assertThatThrownBy(() -> {
                output.write(payload);
                output.flush();
            }).isInstanceOf(InterruptedIOException.class).hasMessageContaining("is sent")
                    .hasCauseInstanceOf(InterruptedException.class);
            return Thread.interrupted();
        }).awaitParked();

        write.thread().interrupt();

        assertThat(write.result()).as("stays interrupted").isTrue();
        BackgroundCall<Void> rest = BackgroundCall.start(kind, () -> {
            output.write('!');
            output.close();
            return null;
        });
        assertThat(loopback.receive(LARGE)).isEqualTo(payload);
        assertThat(loopback.receive(2)).containsExactly('!');
        assertThat(rest.result()).isNull();
    }

    @Test
    void write_whenThePeerDoesNotRead_blocksWithFewBuffersOnTheirWay() throws Throwable {
        byte[] payload = Bytes.random(LARGE, 4);
        BackgroundCall<Void> write = BackgroundCall.start(Kind.VIRTUAL, () -> {
            for (int i = 0; i < LARGE; i++) {
                output.write(payload[i]);
            }
            output.flush();
            return null;
        });

        assertThat(loopback.receive(LARGE)).isEqualTo(payload);
        assertThat(write.result()).isNull();
    }

    @Test
    void close_ofEitherView_closesTheStream() throws IOException {
        output.write('x');

        input.close();

        assertThat(loopback.stream().channel().channel().isOpen()).isFalse();
        assertThat(loopback.receive(2)).as("what was written was flushed").containsExactly('x');
        assertThatThrownBy(input::read).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> output.write(1)).isInstanceOf(ClosedChannelException.class);
        output.close();
        input.close();
    }

    /** What does not leave by then never does, and the caller is told. */
    @Test
    void close_ofTheOutputWhenThePeerNeverReads_failsAtTheDeadlineOfTheChannel() throws Throwable {
        try (StreamLoopback stalled = StreamLoopback.connect(transport,
                ValueTaskChannelOptions.DEFAULTS.closeDeadline(Duration.ofMillis(50)))) {
            ByteBuf payload = Unpooled.wrappedBuffer(Bytes.random(8 * LARGE, 6));
            stalled.stream().write(payload).discard();
            BackgroundCall<Void> close = BackgroundCall.start(Kind.VIRTUAL, () -> {
                stalled.stream().outputStream().close();
                return null;
            });

            assertThatThrownBy(close::result).isInstanceOf(IOException.class);

            assertThat(stalled.stream().channel().channel().isOpen()).isFalse();
            assertThat(payload.refCnt()).isZero();
        }
    }

    /** Its flush waits for more than the buffers of the connection hold, and then the peer reads all of it. */
    @Test
    void close_ofTheOutputWhileMuchIsOnItsWay_sendsAllOfItFirst() throws Throwable {
        byte[] payload = Bytes.random(LARGE, 7);
        loopback.stream().write(Unpooled.wrappedBuffer(payload)).discard();
        output.write('x');
        BackgroundCall<Void> close = BackgroundCall.start(Kind.VIRTUAL, () -> {
            output.close();
            return null;
        });

        assertThat(loopback.receive(LARGE)).isEqualTo(payload);
        assertThat(loopback.receive(2)).as("the last byte, and the end").containsExactly('x');

        assertThat(close.result()).isNull();
    }

    @Test
    void write_whenThePeerIsGone_failsSoonAndCloseSaysThatBytesAreMissing() throws Exception {
        loopback.reset();

        IOException first = null;
        while (first == null) {
            try {
                output.write(Bytes.random(1000, 5));
                output.flush();
            } catch (IOException failure) {
                first = failure;
            }
        }

        IOException reported = first;
        assertThatThrownBy(output::flush).isInstanceOf(IOException.class).isNotSameAs(reported);
        assertThatThrownBy(output::close).isInstanceOf(IOException.class).isNotSameAs(reported);
        assertThat(loopback.stream().channel().channel().isOpen()).isFalse();
        output.close();
    }
}
