package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.valuetask.testing.BackgroundCall;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Datagrams: every message is whole, and nobody says that no more will come. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class DatagramTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int MANY = 300;

    @Parameter
    Transport transport;
    private EventLoopGroup group;
    private ValueTaskChannel<DatagramPacket, DatagramPacket> server;
    private ValueTaskChannel<DatagramPacket, DatagramPacket> client;

    @BeforeEach
    void open() throws Exception {
        group = transport.newGroup(2);
        server = bind();
        client = bind();
    }

    private Bootstrap bootstrap(ValueTaskHandler<DatagramPacket, DatagramPacket> handler) {
        Class<? extends Channel> type = switch (transport) {
            case NIO -> NioDatagramChannel.class;
            case EPOLL -> EpollDatagramChannel.class;
            case IO_URING -> IoUringDatagramChannel.class;
        };
        return new Bootstrap().group(group).channel(type).handler(handler)
                // By default Netty cuts what is longer than 2 KiB.
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(64 * 1024));
    }

    private ValueTaskChannel<DatagramPacket, DatagramPacket> bind() throws InterruptedException {
        ValueTaskHandler<DatagramPacket, DatagramPacket> handler = new ValueTaskHandler<>();
        bootstrap(handler).bind(InetAddress.getLoopbackAddress(), 0).sync();
        return handler.channel();
    }

    @AfterEach
    void close() {
        if (client != null) {
            server.close();
            client.close();
        }
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static InetSocketAddress addressOf(ValueTaskChannel<?, ?> channel) {
        return (InetSocketAddress) channel.channel().localAddress();
    }

    private DatagramPacket question(int number) {
        return new DatagramPacket(Bytes.ofInt(number), addressOf(server));
    }

    private static DatagramPacket answer(DatagramPacket question) {
        return new DatagramPacket(question.content(), question.sender());
    }

    private static void assertNumber(int number, DatagramPacket packet) {
        try {
            assertThat(packet.content().readableBytes()).isEqualTo(Integer.BYTES);
            assertThat(packet.content().readInt()).isEqualTo(number);
        } finally {
            packet.release();
        }
    }

    @Test
    void packets_betweenThreads_areAnsweredOneByOne() throws Throwable {
        BackgroundCall<Void> serving = BackgroundCall.start(VIRTUAL, () -> {
            for (int i = 0; i < MANY; i++) {
                server.writeAndFlush(answer(server.read().await())).await();
            }
            return null;
        });

        BackgroundCall.start(VIRTUAL, () -> {
            for (int i = 0; i < MANY; i++) {
                client.writeAndFlush(question(i)).await();
                assertNumber(i, client.read().await());
            }
            return null;
        }).result();

        assertThat(serving.result()).isNull();
    }

    @Test
    void packets_betweenLoops_areAnsweredOneByOne() throws Throwable {
        for (int i = 0; i < MANY; i++) {
            DatagramPacket question = question(i);
            Call.By.LOOP.call(client, () -> client.writeAndFlush(question));
            DatagramPacket answer = answer(Call.By.LOOP.call(server, server::read));
            Call.By.LOOP.call(server, () -> server.writeAndFlush(answer));
            assertNumber(i, Call.By.LOOP.call(client, client::read));
        }
    }

    /** What was read ahead is kept, within the bounds; what came when they were reached is the kernel's to drop. */
    @Test
    void packets_whileNobodyReads_areKeptAsFarAsTheBoundsGo() throws Exception {
        for (int i = 0; i < 64; i++) {
            client.writeAndFlush(question(i)).await(LIMIT);
        }
        for (int i = 0; i < 64; i++) {
            assertNumber(i, server.read().await(LIMIT));
        }
    }

    @Test
    void aMegabyte_inPackets_isNotMixedUp() throws Throwable {
        byte[] large = Bytes.pattern(16 * 1024);
        for (int i = 0; i < 64; i++) {
            client.writeAndFlush(new DatagramPacket(Bytes.of(large), addressOf(server))).await(LIMIT);
            DatagramPacket packet = server.read().await(LIMIT);
            byte[] received = new byte[packet.content().readableBytes()];
            packet.content().readBytes(received);
            packet.release();
            assertThat(received).hasSizeLessThanOrEqualTo(large.length).isEqualTo(large);
        }
    }

    @Test
    void close_whileAReadIsPending_isTheOnlyEnd() throws Exception {
        Call<DatagramPacket> read = Call.By.VIRTUAL.start(server, server::read).awaitWaiting();
        DatagramPacket late = question(1);
        client.close();
        assertThat(client.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThat(read.isWaiting()).as("the peer's end is not told").isTrue();

        server.close();

        assertThat(read.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThatThrownBy(() -> server.writeAndFlush(late).await(LIMIT))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shutdownOutput_isRefused() {
        assertThatThrownBy(() -> client.shutdownOutput().await(LIMIT))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(client.channel().isActive()).isTrue();
    }

    /** Only a connected socket hears of it: one read fails, and the channel goes on. */
    @Test
    void packet_toAPortThatNobodyHas_failsARead() throws Exception {
        InetSocketAddress nobody;
        try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), closed.getLocalPort());
        }
        ValueTaskHandler<DatagramPacket, DatagramPacket> handler = new ValueTaskHandler<>();
        bootstrap(handler).connect(nobody).sync();
        ValueTaskChannel<DatagramPacket, DatagramPacket> connected = handler.channel();
        Call<DatagramPacket> read = Call.By.VIRTUAL.start(connected, connected::read).awaitWaiting();

        connected.writeAndFlush(new DatagramPacket(Bytes.of("lost"), nobody)).await(LIMIT);

        assertThat(read.failure()).isInstanceOf(PortUnreachableException.class);
        try (DatagramSocket late = new DatagramSocket(nobody)) {
            late.setSoTimeout(Call.LIMIT_SECONDS * 1000);
            connected.writeAndFlush(new DatagramPacket(Bytes.of("found"), nobody)).await(LIMIT);
            java.net.DatagramPacket found = new java.net.DatagramPacket(new byte[100], 100);
            late.receive(found);
            assertThat(new String(found.getData(), 0, found.getLength())).isEqualTo("found");
        }
        connected.close();
        assertThat(connected.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    /** The channel went on after that. */
    @Test
    void closed_whenNettysChannelIsClosedAfterAnUnreachablePort_tellsLocal() throws Exception {
        InetSocketAddress nobody;
        try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), closed.getLocalPort());
        }
        ValueTaskHandler<DatagramPacket, DatagramPacket> handler = new ValueTaskHandler<>();
        bootstrap(handler).connect(nobody).sync();
        ValueTaskChannel<DatagramPacket, DatagramPacket> connected = handler.channel();
        connected.writeAndFlush(new DatagramPacket(Bytes.of("lost"), nobody)).await(LIMIT);
        assertThatThrownBy(() -> connected.read().await(LIMIT)).isInstanceOf(PortUnreachableException.class);
        connected.channel().eventLoop().submit(() -> {}).sync();

        connected.channel().close();

        assertThat(connected.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }
}
