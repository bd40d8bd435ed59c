package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Proxies whose peers come, finish, break off and go as they like; and channels that cannot say all of that. */
@Timeout(60)
class RelayTest {
    private static final int SESSIONS = 150;
    private static final int AT_ONCE = 16;
    private static final int MOST_BYTES = 300_000;

    private final Listening listening = new Listening();

    @AfterEach
    void close() throws IOException {
        listening.close();
    }

    /** What one side of a session does after it has received so many bytes, or all. */
    private enum Ending {
        ORDERLY,
        FINISHES_FIRST,
        CLOSES,
        RESETS;

        /** Ends this side where it does not go on to the end of the other's stream. */
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

    /** One connection through the proxy: the first two bytes tell the backend what it is to do. */
    private record Session(Ending client, Ending backend, int bytes, int until) {
        static Session random(Random random) {
            Ending[] endings = Ending.values();
            return new Session(endings[random.nextInt(endings.length)],
                    endings[random.nextInt(endings.length)],
                    random.nextInt(MOST_BYTES), random.nextInt(MOST_BYTES));
        }

        boolean isOrderly() {
            return client == Ending.ORDERLY && backend == Ending.ORDERLY;
        }

        void run(Socket socket) throws Throwable {
            socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
            byte[] sent = Bytes.pattern(bytes);
            BackgroundCall<byte[]> receiver = BackgroundCall.start(Kind.VIRTUAL, () -> receive(socket));
            try {
                socket.getOutputStream().write(new byte[]{(byte) backend.ordinal(), (byte) (until >> 12)});
                socket.getOutputStream().write(sent, 0, client == Ending.ORDERLY ? bytes : bytes / 2);
                if (client == Ending.ORDERLY) {
                    socket.shutdownOutput();
                } else {
                    client.apply(socket);
                }
            } catch (SocketException brokenOff) {
                assertThat(isOrderly()).as("nobody breaks off: %s", this).isFalse();
            }
            byte[] received = receiver.result();
            assertThat(received).as("the beginning of what was sent: %s", this)
                    .isEqualTo(Arrays.copyOf(sent, received.length));
            if (isOrderly()) {
                assertThat(received).as("%s", this).hasSize(bytes);
            }
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

        /** The other side: an echo that ends as it is told. */
        static void echo(Socket socket) throws IOException {
            try (socket) {
                InputStream in = socket.getInputStream();
                Ending ending = Ending.values()[Math.max(in.read(), 0)];
                int left = in.read() << 12;
                byte[] chunk = new byte[8192];
                for (int count; (count = in.read(chunk)) > 0;) {
                    if (!socket.isOutputShutdown()) {
                        socket.getOutputStream().write(chunk, 0, count);
                    }
                    left -= count;
                    if (left <= 0 && !socket.isOutputShutdown()) {
                        ending.apply(socket);
                    }
                }
            } catch (SocketException brokenOff) {
                // By either side.
            }
        }
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_ofSessionsThatEndAtRandom_neverStallsAndLeavesNothingOver(Transport transport)
            throws Throwable {
        Queue<ValueTaskChannel<?, ?>> channels = new ConcurrentLinkedQueue<>();
        try (Listening front = new Listening();
                ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            BackgroundCall.start(Kind.VIRTUAL, () -> {
                for (;;) { // until the socket is closed
                    Socket socket = backend.accept();
                    BackgroundCall.start(Kind.VIRTUAL, () -> {
                        Session.echo(socket);
                        return null;
                    });
                }
            });
            ValueTaskServerChannel<ByteBuf, ByteBuf> server = front.bind(front.bootstrap(transport)).server();
            Bootstrap connector = new Bootstrap().group(server.channel().eventLoop().parent())
                    .channel(transport.clientChannel);
            List<BackgroundCall<?>> relays = new ArrayList<>();
            BackgroundCall<Void> proxy = BackgroundCall.start(Kind.VIRTUAL, () -> {
                for (ValueTaskChannel<ByteBuf, ByteBuf> client : server.connections().iterable()) {
                    ValueTaskChannel<ByteBuf, ByteBuf> other = ValueTaskChannels
                            .<ByteBuf, ByteBuf>connect(connector, backend.getLocalSocketAddress()).await();
                    channels.addAll(List.of(client, other));
                    relays.add(BackgroundCall.start(Kind.VIRTUAL,
                            () -> ValueTaskChannels.relay(client, other).await()));
                }
                return null;
            });

            int lasting = runSessions(server);

            server.close();
            proxy.failure();
            for (BackgroundCall<?> relay : relays) {
                relay.failure(); // where a side broke off; what counts is that it ends
            }
            for (ValueTaskChannel<?, ?> channel : channels) {
                channel.closed().await(Listening.LIMIT);
            }
            // A connection that its client resets may be gone before it is taken.
            assertThat(channels).hasSizeBetween(2 * lasting, 2 * SESSIONS);
        }
    }

    /** Answers how many of them were not reset by the client. */
    private static int runSessions(ValueTaskServerChannel<?, ?> server) throws Throwable {
        int lasting = 0;
        Random random = new Random(42);
        Semaphore atOnce = new Semaphore(AT_ONCE);
        List<BackgroundCall<Void>> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            Session session = Session.random(random);
            lasting += session.client() == Ending.RESETS ? 0 : 1;
            atOnce.acquire();
            sessions.add(BackgroundCall.start(Kind.VIRTUAL, () -> {
                try (Socket socket = new Socket()) {
                    socket.connect(server.localAddress());
                    session.run(socket);
                    return null;
                } catch (Throwable failure) {
                    throw new AssertionError(session.toString(), failure);
                } finally {
                    atOnce.release();
                }
            }));
        }
        for (BackgroundCall<Void> session : sessions) {
            session.result();
        }
        return lasting;
    }

    // A channel that ends while the other is silent

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_whenAChannelIsClosedAfterItsPeerHasFinished_endsThoughTheOtherIsSilent(Transport transport)
            throws Throwable {
        try (Loopback front = Loopback.on(transport).connectSocket();
                Loopback back = Loopback.on(transport).connectSocket()) {
            ValueTask<Void> relay = ValueTaskChannels.relay(front.server(), back.server());
            front.send("question");
            front.socket().shutdownOutput();
            assertThat(new String(back.receive(8))).isEqualTo("question");
            assertThat(back.socket().getInputStream().read()).isEqualTo(-1);

            front.server().close();

            assertThatThrownBy(() -> relay.await(Listening.LIMIT)).isInstanceOf(ClosedChannelException.class);
            back.server().closed().await(Listening.LIMIT);
        }
    }

    /** What it sent is whole, and is brought: the other stream, which has nowhere to go, must not end this one. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_whenAChannelWithoutHalfClosureEnds_bringsWhatItsPeerSentAndEnds(Transport transport)
            throws Throwable {
        byte[] sent = Bytes.pattern(500_000);
        try (Loopback front = Loopback.on(transport)
                .options(ValueTaskChannelOptions.DEFAULTS.halfClosure(false).inboundBounds(1000, 1 << 20))
                .connectSocket(); Loopback back = Loopback.on(transport).smallBuffers().connectSocket()) {
            ValueTask<Void> relay = ValueTaskChannels.relay(front.server(), back.server());
            front.peer().send(sent);
            front.socket().shutdownOutput();
            assertThat(front.server().closed().await(Listening.LIMIT)).isEqualTo(new CloseReason.Remote());

            assertThat(back.receive(sent.length)).isEqualTo(sent);

            assertThat(back.socket().getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(() -> relay.await(Listening.LIMIT)).isInstanceOf(ClosedChannelException.class);
            back.server().closed().await(Listening.LIMIT);
        }
    }

    // TLS on one side

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_betweenTlsAndPlain_passesBothStreamsAndTheirEnds(Transport transport) throws Throwable {
        Tls tls = Tls.shared();
        byte[] request = Bytes.pattern(500_000);
        try (Loopback front = Loopback.on(transport).serverPipeline(tls::server).clientPipeline(tls::client)
                .connect(); Loopback back = Loopback.on(transport).connectSocket()) {
            ValueTask<Void> relay = ValueTaskChannels.relay(front.server(), back.server());

            BackgroundCall<Void> client = BackgroundCall.start(Kind.VIRTUAL, () -> {
                Streams.write(front.client(), request);
                front.client().shutdownOutput().await();
                return null;
            });
            assertThat(back.socket().getInputStream().readAllBytes()).isEqualTo(request);
            client.result();
            back.socket().getOutputStream().write(request);
            back.socket().shutdownOutput();

            assertThat(Streams.readAll(front.client())).isEqualTo(request);
            assertThat(relay.await()).isNull();
        }
    }

    // Channels that cannot end one direction alone

    /** It is told in the only way there is: to wait for its end could be to wait for ever. */
    @Test
    void relay_whenTheOtherCannotBeToldOfTheEnd_closesThatAndSucceeds() throws IOException {
        ValueTaskHandler<ByteBuf, ByteBuf> left = new ValueTaskHandler<>();
        ValueTaskHandler<ByteBuf, ByteBuf> right = new ValueTaskHandler<>();
        EmbeddedChannel first = new EmbeddedChannel(left);
        EmbeddedChannel second = new EmbeddedChannel(right);
        ValueTask<Void> relay = ValueTaskChannels.relay(left.channel(), right.channel());
        first.writeInbound(Unpooled.copyInt(1));
        second.writeInbound(Unpooled.copyInt(2));

        first.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        second.runPendingTasks();

        assertThat(second.isOpen()).isFalse();
        assertThat(first.isOpen()).isFalse();
        assertThat(relay.result()).isNull();
        ByteBuf forth = second.readOutbound();
        ByteBuf back = first.readOutbound();
        assertThat(forth.readInt()).isEqualTo(1);
        assertThat(back.readInt()).isEqualTo(2);
        forth.release();
        back.release();
    }

    @Test
    void relay_ofAChannelWithItself_isRefused() {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(handler);

        assertThatThrownBy(() -> ValueTaskChannels.relay(handler.channel(), handler.channel()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("pump(channel, channel)");
        assertThat(embedded.isOpen()).isTrue();
        embedded.close();
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_ofAChannelToItself_isAnEcho(Transport transport) throws Throwable {
        byte[] sent = Bytes.pattern(1_000_000);
        try (Loopback connection = Loopback.on(transport).connectSocket()) {
            ValueTask<Void> pump = ValueTaskChannels.pump(connection.server(), connection.server());
            BackgroundCall<byte[]> receiver = BackgroundCall.start(Kind.PLATFORM,
                    () -> connection.receive(sent.length));

            connection.socket().getOutputStream().write(sent);
            connection.socket().shutdownOutput();

            assertThat(receiver.result()).isEqualTo(sent);
            assertThat(pump.await()).isNull();
        }
    }
}
