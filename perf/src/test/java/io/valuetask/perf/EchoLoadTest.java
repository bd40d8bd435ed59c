package io.valuetask.perf;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class EchoLoadTest {
    private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(300);

    /** Late enough that good replies came before, early enough for a busy machine. */
    private static final int SPOILED = 5;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final EchoOptions options = new EchoOptions();

    {
        options.requestedTransport = "nio";
        options.connections = 3;
        options.payloadBytes = 100;
        options.pipelining = 4;
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void countsVerifiedRoundTrips() throws Exception {
        try (EchoLoad load = load(new Server())) {
            EchoLoad.Result first = load.run(WINDOW);
            EchoLoad.Result second = load.run(WINDOW);

            assertThat(first.roundTrips()).isGreaterThan(12)
                    .isEqualTo(first.latencyNanos().getTotalCount());
            assertThat(second.roundTrips()).isEqualTo(second.latencyNanos().getTotalCount());
            assertThat(first.elapsedNanos()).isGreaterThanOrEqualTo(WINDOW);
            assertThat(first.latencyNanos().getMinValue()).isPositive();
        }
    }

    @Test
    void detectsOneCorruptedByte() throws Exception {
        try (EchoLoad load = load(new Server() {
            @Override
            void echo(ChannelHandlerContext context, ByteBuf message) {
                if (++messages == SPOILED) {
                    int last = message.writerIndex() - 1;
                    message.setByte(last, message.getByte(last) ^ 1);
                }
                super.echo(context, message);
            }
        })) {
            assertThatThrownBy(() -> runSome(load)).isInstanceOf(EchoFailure.class)
                    .hasMessageMatching("[123] replies differed.* other bytes");
        }
    }

    @Test
    void detectsBytesThatNobodyAskedFor() throws Exception {
        try (EchoLoad load = load(new Server() {
            @Override
            void echo(ChannelHandlerContext context, ByteBuf message) {
                super.echo(context, message);
                if (++messages == SPOILED) {
                    context.writeAndFlush(context.alloc().buffer().writeZero(options.payloadBytes));
                }
            }
        })) {
            assertThatThrownBy(() -> runSome(load)).isInstanceOf(EchoFailure.class)
                    .hasMessageContaining("differed");
        }
    }

    @Test
    void detectsConnectionsThatEnd() throws Exception {
        try (EchoLoad load = load(new Server() {
            @Override
            void echo(ChannelHandlerContext context, ByteBuf message) {
                if (++messages == SPOILED) {
                    message.release();
                    context.close();
                } else {
                    super.echo(context, message);
                }
            }
        })) {
            assertThatThrownBy(() -> runSome(load)).isInstanceOf(EchoFailure.class)
                    .hasMessageMatching("0 replies .* [123] connections were lost.*");
        }
    }

    /** More than it lets wait to be accepted at once. */
    @Test
    void opensMoreConnectionsThanAtOnce() throws Exception {
        options.connections = 1100;
        options.pipelining = 1;
        try (EchoLoad load = load(new Server())) {
            assertThat(load.size()).isEqualTo(1100);
            assertThat(load.run(1).roundTrips()).isGreaterThanOrEqualTo(1100);
        }
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        int port;
        try (ServerSocket closedAtOnce = new ServerSocket(0)) {
            port = closedAtOnce.getLocalPort();
        }
        assertThatThrownBy(() -> new EchoLoad(loops.next(), port, options)).isInstanceOf(EchoFailure.class)
                .hasMessageContaining("cannot connect to port " + port);
    }

    /** On a busy machine a window may end before the server has come to what it spoils; the next ones tell. */
    private static void runSome(EchoLoad load) throws EchoFailure, InterruptedException {
        for (int i = 0; i < 10; i++) {
            load.run(WINDOW);
        }
    }

    private EchoLoad load(Server server) throws EchoFailure, InterruptedException {
        Channel bound = new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(server.copy());
                    }
                }).bind(InetAddress.getLoopbackAddress(), 0).syncUninterruptibly().channel();
        return new EchoLoad(loops.next(), ((InetSocketAddress) bound.localAddress()).getPort(), options);
    }

    /** Echoes; a test spoils what it wants to see detected. */
    private static class Server {
        int messages;

        void echo(ChannelHandlerContext context, ByteBuf message) {
            context.writeAndFlush(message);
        }

        final ChannelInboundHandlerAdapter copy() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    synchronized (Server.this) {
                        echo(context, (ByteBuf) message);
                    }
                }
            };
        }
    }
}
