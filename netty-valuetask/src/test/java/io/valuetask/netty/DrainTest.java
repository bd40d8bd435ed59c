package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What was written before {@code close()} arrives, whole and in order, at a peer that takes its time. */
class DrainTest {
    private static final int LENGTH = 1024 * 1024;
    private static final int MESSAGE = 10_000;

    private enum Writing {
        WRITE,
        WRITE_AND_FLUSH,
        SEND;

        void write(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) {
            ValueTask<Void> written = switch (this) {
                case WRITE -> channel.write(message);
                case WRITE_AND_FLUSH -> channel.writeAndFlush(message);
                case SEND -> channel.send(message); // there is no room soon, which is not waited for
            };
            written.discard();
        }
    }

    private Loopback loopback;
    private final byte[] sent = Bytes.pattern(LENGTH);

    @AfterEach
    void closeLoopback() {
        loopback.close();
    }

    /** All of it at once, and then the end, before the peer reads anything. */
    private void writeAndClose(Writing writing) throws Exception {
        try (ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server()) {
            for (int from = 0; from < LENGTH; from += MESSAGE) {
                writing.write(server,
                        Bytes.of(Arrays.copyOfRange(sent, from, Math.min(from + MESSAGE, LENGTH))));
            }
        }
        loopback.awaitServerLoop();
        loopback.awaitServerLoop();
        assertThat(loopback.server().channel().isOpen()).as("while the peer has not read").isTrue();
    }

    @ParameterizedTest
    @EnumSource(Writing.class)
    void close_onNio_letsEverythingOutToASlowReader(Writing writing) throws Exception {
        drain(Transport.NIO, writing);
    }

    @ParameterizedTest
    @EnumSource(Writing.class)
    void close_onEpoll_letsEverythingOutToASlowReader(Writing writing) throws Exception {
        drain(Transport.EPOLL, writing);
    }

    @ParameterizedTest
    @EnumSource(Writing.class)
    void close_onIoUring_letsEverythingOutToASlowReader(Writing writing) throws Exception {
        drain(Transport.IO_URING, writing);
    }

    private void drain(Transport transport, Writing writing) throws Exception {
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        writeAndClose(writing);

        ByteArrayOutputStream received = new ByteArrayOutputStream();
        byte[] piece = new byte[1000];
        for (int length; (length = loopback.socket().getInputStream().read(piece)) > 0;) {
            received.write(piece, 0, length);
            loopback.awaitServerLoop(); // which has more to send by now
        }

        assertThat(received.toByteArray()).isEqualTo(sent);
        assertThat(loopback.server().closed().await()).isEqualTo(new CloseReason.Local());
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void close_overTls_letsEverythingOutToASlowReader(Transport transport) throws Throwable {
        Tls tls = Tls.shared();
        loopback = Loopback.on(transport).smallBuffers().serverPipeline(tls::server)
                .clientPipeline(tls::client).connect();
        loopback.server().writeAndFlush(Bytes.of("x")).await();
        assertThat(Bytes.text(loopback.client().read().await())).isEqualTo("x");
        writeAndClose(Writing.WRITE_AND_FLUSH);

        byte[] received = BackgroundCall
                .start(BackgroundCall.Kind.VIRTUAL, () -> Streams.readAll(loopback.client())).result();

        assertThat(received).isEqualTo(sent);
        assertThat(loopback.server().closed().await()).isEqualTo(new CloseReason.Local());
    }
}
