package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.schedule.BodyScheduling;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The bodies of served channels, on the channel's own loop and on the common scheduler: the same code, the same outcome. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("everyTransportAndScheduling")
class ServedBodyTest {
    private static final int MESSAGES = 200;
    private static final int MILLION = 1_000_000;
    private static final int CONNECTIONS = 1_000;
    private static final Duration SHORT = Duration.ofMillis(20);

    @Parameter(0)
    Transport transport;
    @Parameter(1)
    BodyScheduling scheduling;

    private Served served;

    static List<Arguments> everyTransportAndScheduling() {
        List<Arguments> all = new ArrayList<>();
        for (Transport transport : Transport.available()) {
            all.add(Arguments.of(transport, BodyScheduling.EVENT_LOOP));
            all.add(Arguments.of(transport, BodyScheduling.COMMON));
        }
        return all;
    }

    /** How a message is answered. */
    enum Way {
        SEND,
        WRITE_AND_FLUSH,
        WRITE_THEN_FLUSH,
        WRITE_ALL;

        void answer(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) throws Exception {
            switch (this) {
                case SEND -> channel.send(message).await();
                case WRITE_AND_FLUSH -> channel.writeAndFlush(message).await();
                case WRITE_THEN_FLUSH -> {
                    ValueTask<Void> write = channel.write(message);
                    channel.flush().await();
                    write.await();
                }
                case WRITE_ALL -> {
                    int half = message.readableBytes() / 2;
                    channel.writeAll(List.of(message.readRetainedSlice(half), message)).await();
                }
            }
        }
    }

    @BeforeEach
    void begin() {
        served = Served.on(transport, 1, scheduling);
    }

    @AfterEach
    void close() {
        if (served != null) {
            served.close();
        }
    }

    private void assertServedWhereItShould() throws Exception {
        Served.Outcome outcome = served.awaitEnd();
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.onItsLoop()).isEqualTo(scheduling == BodyScheduling.EVENT_LOOP);
    }

    private static void assertEchoes(SocketPeer peer, int messages) throws IOException {
        for (int i = 0; i < messages; i++) {
            byte[] message = Bytes.pattern(1 + i);
            peer.send(message);
            assertThat(peer.receive(message.length)).isEqualTo(message);
        }
    }

    // Messages

    @ParameterizedTest
    @EnumSource(Way.class)
    void echo_answersEveryMessageAndEndsWithThePeer(Way way) throws Exception {
        served.listen(channel -> {
            for (ByteBuf message; (message = channel.read().await()) != null;) {
                way.answer(channel, message);
            }
        });
        SocketPeer peer = served.connect();

        assertEchoes(peer, MESSAGES);

        peer.finish();
        assertThat(peer.receiveAll()).isEmpty();
        assertServedWhereItShould();
    }

    @Test
    void echo_overTls_answersEveryMessage() throws Exception {
        Loopback loopback = Loopback.on(transport, 2).serverPipeline(Tls.shared()::server)
                .clientPipeline(Tls.shared()::client);
        try (loopback) {
            loopback.connect();
            Call.By by = scheduling == BodyScheduling.EVENT_LOOP ? Call.By.CARRIED_HERE : Call.By.VIRTUAL;
            var echo = by.run(loopback.server(), () -> {
                Streams.echo(loopback.server());
                return null;
            });
            by.run(loopback.client(), () -> {
                for (int i = 0; i < MESSAGES; i++) {
                    byte[] message = Bytes.pattern(1 + i);
                    loopback.client().writeAndFlush(Bytes.of(message)).await();
                    assertThat(Streams.read(loopback.client(), message.length)).isEqualTo(message);
                }
                loopback.client().shutdownOutput().await();
                return null;
            }).result();
            echo.result();
        } catch (Exception | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void echo_withoutReadingAhead_answersEveryMessage() throws Exception {
        served.options(ValueTaskChannelOptions.DEFAULTS.readAhead(false)).listen(Streams::echo);
        SocketPeer peer = served.connect();

        assertEchoes(peer, MESSAGES);

        peer.finish();
        assertServedWhereItShould();
    }

    /** All of them at once, on one loop: none waits for ever. */
    @Test
    void echo_onAThousandConnections_answersEachAndEndsEach() throws Exception {
        served.listen(Streams::echo);
        List<SocketPeer> peers = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            peers.add(served.connect());
        }
        for (int round = 0; round < 3; round++) {
            for (SocketPeer peer : peers) {
                peer.send(Bytes.pattern(16));
            }
            for (SocketPeer peer : peers) {
                assertThat(peer.receive(16)).isEqualTo(Bytes.pattern(16));
            }
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            switch (i % 3) {
                case 0 -> peers.get(i).finish();
                case 1 -> peers.get(i).close();
                default -> peers.get(i).reset();
            }
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            Served.Outcome outcome = served.awaitEnd();
            if (outcome.failure() != null) {
                assertThat(outcome.failure()).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void operations_aMillionThatAreCompleteAtOnce_needNoStackAndNoRoom() throws Exception {
        served.listen(channel -> {
            for (int i = 0; i < MILLION; i++) {
                channel.writable().await();
                assertThat((Object) channel.tryRead()).isNull();
            }
            for (int i = 0; i < MILLION / 10; i++) {
                channel.send(Unpooled.EMPTY_BUFFER).await();
            }
            channel.writeAndFlush(Bytes.of("done")).await();
        });
        SocketPeer peer = served.connect();

        assertThat(new String(peer.receiveAll())).isEqualTo("done");
        assertServedWhereItShould();
    }

    /** The next hop is a channel of another loop, or of the same. */
    @Test
    void relay_byHand_carriesBothDirectionsBetweenTwoLoops() throws Exception {
        try (Served behind = Served.on(transport, 1, scheduling).listen(Streams::echo)) {
            served.listen(front -> {
                try (ValueTaskChannel<ByteBuf, ByteBuf> back = ValueTaskChannels
                        .<ByteBuf, ByteBuf>connect(
                                new Bootstrap().group(behind.loops())
                                        .channel(transport.clientChannel),
                                behind.address())
                        .await()) {
                    for (ByteBuf message; (message = front.read().await()) != null;) {
                        int length = message.readableBytes();
                        back.writeAndFlush(message).await();
                        front.writeAndFlush(Bytes.of(Streams.read(back, length))).await();
                    }
                }
            });
            SocketPeer peer = served.connect();

            assertEchoes(peer, MESSAGES);

            peer.finish();
            assertServedWhereItShould();
            assertThat(behind.awaitEnd().failure()).isNull();
        }
    }

    // Time, cancellation, interrupts

    @Test
    void read_whenTimeIsUp_failsInTimeAndLosesNothing() throws Exception {
        served.pipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .listen(channel -> {
                    for (int i = 0; i < 3; i++) {
                        long start = System.nanoTime();
                        assertThatThrownBy(channel.read(SHORT)::await)
                                .isInstanceOf(SocketTimeoutException.class);
                        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
                        start = System.nanoTime();
                        ValueTask<ByteBuf> read = channel.read();
                        assertThatThrownBy(() -> read.await(SHORT)).isInstanceOf(TimeoutException.class);
                        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
                        channel.writeAndFlush(Bytes.of("?")).await();
                        channel.writeAndFlush(channel.read().await()).await();
                    }
                });
        SocketPeer peer = served.connect();

        for (String message : List.of("a", "b", "c")) {
            assertThat(new String(peer.receive(1))).isEqualTo("?");
            peer.send(message.getBytes());
            assertThat(new String(peer.receive(1))).isEqualTo(message);
        }
        assertServedWhereItShould();
    }

    /** Against arrivals, from a thread of its own each time: what the body has not got is there for its next read. */
    @Test
    void read_cancelledOrInterruptedAsMessagesArrive_losesAndDoublesNothing() throws Exception {
        int count = 300;
        served.pipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .listen(channel -> {
                    Thread body = Thread.currentThread();
                    for (int i = 0; i < count;) {
                        try (CancellationTokenSource cancellation = new CancellationTokenSource()) {
                            Thread disturber = Thread.ofPlatform().daemon().unstarted(
                                    i % 2 == 0 ? cancellation::cancel : body::interrupt);
                            disturber.start();
                            ByteBuf message = null;
                            try {
                                message = channel.read(cancellation.token()).await();
                            } catch (CancellationException | InterruptedException disturbed) {
                                // There is a next time.
                            }
                            join(disturber);
                            if (message != null) {
                                assertThat(message.getByte(0)).isEqualTo((byte) i);
                                i++;
                                channel.send(message).await();
                            }
                        }
                    }
                });
        SocketPeer peer = served.connect();
        byte[] sent = new byte[count];
        for (int i = 0; i < count; i++) {
            sent[i] = (byte) i;
            peer.send(new byte[]{(byte) i});
        }

        assertThat(peer.receiveAll()).isEqualTo(sent);
        assertServedWhereItShould();
    }

    /** Until there is no interrupt that may still come. */
    private static void join(Thread disturber) {
        for (boolean joined = false; !joined;) {
            try {
                disturber.join();
                joined = true;
            } catch (InterruptedException late) {
                // This is what was waited for.
            }
        }
        Thread.interrupted();
    }

    // Ends

    @Test
    void body_thatThrows_closesItsChannelAndNoOther() throws Exception {
        try (Warnings warnings = new Warnings()) {
            served.listen(channel -> {
                ByteBuf message = channel.read().await();
                boolean fails = message.getByte(0) == '!';
                channel.send(message).await();
                if (fails) {
                    throw new IllegalStateException("planted");
                }
                Streams.echo(channel);
            });
            SocketPeer failing = served.connect();
            SocketPeer other = served.connect();
            other.send("x".getBytes());
            assertThat(other.receive(1)).isEqualTo("x".getBytes());

            failing.send("!".getBytes());

            assertThat(failing.receiveAll()).as("what was sent before").isEqualTo("!".getBytes());
            assertThat(served.awaitEnd().failure()).hasMessage("planted");
            other.send("y".getBytes());
            assertThat(other.receive(1)).isEqualTo("y".getBytes());
            other.finish();
            assertThat(served.awaitEnd().failure()).isNull();
            assertThat(warnings.thrown()).hasSize(1);
        }
    }

    /** In what each of four bodies waits. */
    @Test
    void bodies_whenTheLoopsEnd_endOneAndAll() throws Exception {
        try (Warnings _ = new Warnings()) {
            served.listen(channel -> {
                ByteBuf message = channel.read().await();
                byte way = message.readByte();
                message.release();
                channel.writeAndFlush(Bytes.of("-")).await();
                switch (way) {
                    case 'r' -> channel.read().await();
                    case 'c' -> channel.closed().await();
                    case 'w' -> {
                        for (;;) {
                            channel.writeAndFlush(Bytes.of(Bytes.pattern(64 * 1024))).await();
                        }
                    }
                    default -> {
                        for (;;) {
                            channel.send(Bytes.of(Bytes.pattern(64 * 1024))).await();
                        }
                    }
                }
            });
            String ways = "rcws".repeat(5);
            for (char way : ways.toCharArray()) {
                SocketPeer peer = served.connect();
                peer.send(new byte[]{(byte) way});
                assertThat(peer.receive(1)).isEqualTo("-".getBytes());
            }

            served.endLoops();

            for (int i = 0; i < ways.length(); i++) {
                Throwable failure = served.awaitEnd().failure();
                if (failure != null) {
                    assertThat(failure).isInstanceOfAny(IOException.class, InterruptedException.class);
                }
            }
        }
    }

    @Test
    void body_whenItsHandlerIsRemoved_isToldSo() throws Exception {
        try (Warnings _ = new Warnings()) {
            served.listen(channel -> {
                channel.channel().eventLoop()
                        .execute(() -> channel.channel().pipeline().remove(ValueTaskHandler.class));
                channel.read().await();
            });
            served.connect();

            Served.Outcome outcome = served.awaitEnd();

            assertThat(outcome.failure()).isInstanceOf(IOException.class).hasMessageContaining("was removed");
        }
    }
}
