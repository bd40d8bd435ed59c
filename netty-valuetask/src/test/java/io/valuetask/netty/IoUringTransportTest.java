package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Ends that the transport learns of together with what came before them, and why there is {@link IoUringTransport}. */
class IoUringTransportTest {
    private enum End {
        FIN,
        RST;

        void happen(SocketPeer peer) throws IOException {
            if (this == FIN) {
                peer.finish();
            } else {
                peer.reset();
            }
        }

        void assertRead(ValueTaskChannel<?, ?> channel) throws Exception {
            for (int i = 0; i < 2; i++) {
                if (this == FIN) {
                    assertThat(channel.read().await()).isNull();
                } else {
                    assertThatThrownBy(channel.read()::await).isInstanceOf(IOException.class);
                }
            }
        }
    }

    static List<Arguments> everyTransportAndEnd() {
        return Transport.available().stream()
                .flatMap(transport -> Stream.of(End.values()).map(end -> Arguments.of(transport, end)))
                .toList();
    }

    private static void assertIsTold(Loopback configured, End end) throws Exception {
        try (Loopback loopback = configured.connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            loopback.send("first"); // so that the transport has begun to wait for input
            assertThat(Bytes.text(server.read().await())).isEqualTo("first");
            try (Loopback.Stall _ = loopback.stallServerLoop()) {
                loopback.send("last");
                end.happen((SocketPeer) loopback.peer());
            }

            assertThat(Bytes.text(server.read().await())).isEqualTo("last");
            end.assertRead(server);
        }
    }

    @ParameterizedTest
    @MethodSource("everyTransportAndEnd")
    void read_whenTheEndArrivesWithTheLastMessage_isToldOfBoth(Transport transport, End end)
            throws Exception {
        assertIsTold(Loopback.on(transport), end);
    }

    @ParameterizedTest
    @MethodSource("everyTransportAndEnd")
    void read_whenTheEndArrivesWithAsMuchAsIsReadAhead_isToldOfBoth(Transport transport, End end)
            throws Exception {
        assertIsTold(Loopback.on(transport).options(ValueTaskChannelOptions.DEFAULTS.inboundBounds(2, 2)),
                end);
    }

    @ParameterizedTest
    @MethodSource("everyTransportAndEnd")
    void read_whenTheEndArrivesWithTheLastMessageAndTheHandlerIsElsewhere_isToldOfBoth(Transport transport,
            End end) throws Exception {
        EventExecutorGroup executor = new DefaultEventExecutorGroup(1);
        try {
            assertIsTold(Loopback.on(transport).handlerExecutor(executor), end);
        } finally {
            executor.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    /** On io_uring nothing else tells of it: where the peer has finished, nothing is read or waited for any more. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void write_whenThePeerHasFinishedAndThenReset_failsAndClosesTheChannel(Transport transport)
            throws Exception {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            loopback.peer().finish();
            assertThat(server.read().await()).isNull();
            loopback.reset();

            assertThatThrownBy(server.writeAndFlush(Bytes.of("late"))::await).isInstanceOf(IOException.class);

            assertThat(server.closed().await()).isEqualTo(new CloseReason.Remote());
        }
    }

    /** Reads on whenever it has read, and echoes single bytes: a write that fails would tell of a reset, too. */
    private static final class Echo extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (((ByteBuf) message).readableBytes() == 1) {
                ctx.writeAndFlush(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }
    }

    /** What the tests above show fails without it. */
    @Test
    void channel_ofNettyAlone_whenAResetArrivesWithTheLastMessage_isNotTold() throws Exception {
        BlockingQueue<Channel> channels = new LinkedBlockingQueue<>();
        EventLoopGroup group = Transport.IO_URING.newGroup(1);
        try {
            Channel listening = new ServerBootstrap().group(group).channel(Transport.IO_URING.serverChannel)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Echo());
                            channels.add(channel);
                        }
                    }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            try (SocketPeer peer = SocketPeer.connect(listening.localAddress(), 0);
                    SocketPeer other = SocketPeer.connect(listening.localAddress(), 0)) {
                Channel reset = channels.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
                assertEchoes(peer);
                CountDownLatch stalled = new CountDownLatch(1);
                group.execute(() -> await(stalled));
                peer.send("last".getBytes());
                peer.reset();
                stalled.countDown();
                for (int i = 0; i < 10; i++) {
                    assertEchoes(other); // so often has the loop asked the kernel for news
                }

                assertThat(reset.isOpen())
                        .as("Netty has mended this: IoUringTransport need not make up for it any more")
                        .isTrue();
            }
        } finally {
            assertThat(group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).await(20_000))
                    .isTrue();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stop) {
            throw new AssertionError(stop);
        }
    }

    private static void assertEchoes(SocketPeer peer) throws IOException {
        peer.send("x".getBytes());
        assertThat(peer.receive(1)).isEqualTo("x".getBytes());
    }
}
