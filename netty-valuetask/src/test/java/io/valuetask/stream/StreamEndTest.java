package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How a connection ends under a reader, and how a reader ends without the connection. */
@ParameterizedClass
@EnumSource(Transport.class)
class StreamEndTest {
    @Parameter
    Transport transport;
    private StreamLoopback loopback;
    private ChannelStream stream;

    @BeforeEach
    void connect() throws Exception {
        loopback = StreamLoopback.connect(transport);
        stream = loopback.stream();
    }

    @AfterEach
    void disconnect() {
        loopback.close();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenThePeerFinishes_answersTheBytesAndThenTheEnd(Kind kind) throws Throwable {
        ByteBuf line = Unpooled.buffer();
        BackgroundCall<Integer> read = BackgroundCall
                .start(kind, () -> stream.readUntil((byte) '\n', line, 100).await()).awaitParked();
        loopback.send("ab\nc");
        assertThat(read.result()).isEqualTo(3);
        loopback.peer().shutdownOutput();

        assertThat(stream.readByte().await()).isEqualTo('c');
        assertThat(stream.readByte().await()).isEqualTo(-1);
        assertThat(stream.readByte().await()).isEqualTo(-1);
        assertThat(stream.write(Unpooled.wrappedBuffer(Bytes.of("writing goes on"))).await()).isNull();
        assertThat(stream.flush().await()).isNull();
        assertThat(loopback.receive(15)).isEqualTo(Bytes.of("writing goes on"));
    }

    @Test
    void readExactly_whenThePeerFinishesBefore_failsAndTakesNothing() throws Throwable {
        ByteBuf destination = Unpooled.buffer();
        BackgroundCall<Integer> read = BackgroundCall
                .start(Kind.VIRTUAL, () -> stream.readExactly(destination, 100).await()).awaitParked();
        loopback.send("abc");
        loopback.peer().close();

        assertThat(read.failure()).isInstanceOf(EOFException.class)
                .hasMessageContaining("after 3 of 100 bytes");
        assertThat(destination.isReadable()).isFalse();
        assertThat(stream.read(destination).await()).isEqualTo(3);
        assertThat(Bytes.text(destination)).isEqualTo("abc");
    }

    @Test
    void read_whenThePeerResets_failsEveryTimeAlsoThroughItsView() throws Throwable {
        BackgroundCall<Integer> read = BackgroundCall.start(Kind.VIRTUAL, () -> stream.readByte().await())
                .awaitParked();
        loopback.reset();

        Throwable reset = read.failure();
        assertThat(reset).isInstanceOf(IOException.class);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> stream.readByte().await()).isInstanceOf(IOException.class)
                    .hasCause(reset)
                    .isNotSameAs(reset);
            assertThatThrownBy(() -> stream.inputStream().read()).isInstanceOf(IOException.class)
                    .hasCause(reset);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenTheStreamIsClosedHere_fails(Kind kind) throws Throwable {
        BackgroundCall<Integer> read = BackgroundCall.start(kind, () -> stream.readByte().await())
                .awaitParked();

        stream.close();
        stream.channel().closed().await();

        assertThat(read.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(stream.channel().channel().isOpen()).isFalse();
        assertThatThrownBy(() -> stream.readByte().await()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void read_whenTheChannelIsClosedBesideTheStream_fails() throws Throwable {
        BackgroundCall<Integer> read = BackgroundCall.start(Kind.VIRTUAL, () -> stream.readByte().await())
                .awaitParked();

        stream.channel().close();

        assertThat(read.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenTheWaiterIsInterrupted_leavesTheBytesToTheNext(Kind kind) throws Throwable {
        ByteBuf destination = Unpooled.buffer();
        BackgroundCall<Integer> read = BackgroundCall
                .start(kind, () -> stream.readExactly(destination, 4).await())
                .awaitParked();
        loopback.send("ab");
        loopback.awaitLoop();

        read.thread().interrupt();

        assertThat(read.failure()).isInstanceOf(InterruptedException.class);
        loopback.send("cd");
        assertThat(destination.isReadable()).as("touched by a read that was cancelled").isFalse();
        assertThat(stream.readExactly(destination, 4).await()).isEqualTo(4);
        assertThat(Bytes.text(destination)).isEqualTo("abcd");
    }

    @Test
    void read_whenTimeIsUp_leavesTheBytesToTheNext() throws Exception {
        assertThatThrownBy(() -> stream.readByte().await(Duration.ofMillis(1)))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> stream.readExactly(Unpooled.buffer(), 2).await(Duration.ZERO))
                .isInstanceOf(TimeoutException.class);

        loopback.send("xy");

        assertThat(stream.readByte().await()).isEqualTo('x');
        assertThat(stream.readByte().await()).isEqualTo('y');
    }
}
