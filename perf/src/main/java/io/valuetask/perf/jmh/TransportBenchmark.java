package io.valuetask.perf.jmh;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Promise;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannels;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A message from a plain thread over a connection and back: with a value task channel, and with a handler and a promise by
 * hand. The server is raw Netty in both. One event loop carries both ends, or each end has its own.
 *
 * <p>Mostly wake-ups, of the loops and of the thread, and over TCP the kernel: so a difference says what a caller
 * notices, and {@code echo} says what a server saves. The message goes round and round, so that none is made.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class TransportBenchmark {
    private static final int MESSAGE_BYTES = 64;

    /** What carries the bytes, or in one JVM the messages themselves. */
    public enum Transport {
        LOCAL(LocalIoHandler.newFactory(), LocalServerChannel.class, LocalChannel.class,
                new LocalAddress(TransportBenchmark.class)),
        TCP(NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

        private final IoHandlerFactory ioHandler;
        private final Class<? extends ServerChannel> serverChannel;
        private final Class<? extends Channel> channel;
        private final SocketAddress address;

        Transport(IoHandlerFactory ioHandler, Class<? extends ServerChannel> serverChannel,
                Class<? extends Channel> channel, SocketAddress address) {
            this.ioHandler = ioHandler;
            this.serverChannel = serverChannel;
            this.channel = channel;
            this.address = address;
        }
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message, ctx.voidPromise());
        }
    }

    /** What is built by hand: the answer goes to whoever has asked last. */
    private static final class Client extends ChannelInboundHandlerAdapter {
        private volatile Promise<Object> answer;

        Object ask(Channel connection, Object message) throws Exception {
            Promise<Object> mine = connection.eventLoop().newPromise();
            answer = mine;
            connection.writeAndFlush(message, connection.voidPromise());
            return mine.get();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            answer.setSuccess(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            Promise<Object> waiting = answer;
            if (waiting != null) {
                waiting.tryFailure(new IllegalStateException("the connection was closed"));
            }
        }
    }

    @Param
    public Transport transport;

    @Param({"1", "2"})
    public int loops;

    private EventLoopGroup serverGroup;
    private EventLoopGroup clientGroup;
    private Channel server;
    private ValueTaskChannel<Object, Object> channel;
    private Channel rawConnection;
    private final Client client = new Client();
    private Object message = Unpooled.directBuffer(MESSAGE_BYTES).writeZero(MESSAGE_BYTES);

    @Setup
    public void connect() throws Exception {
        serverGroup = new MultiThreadIoEventLoopGroup(1, transport.ioHandler);
        clientGroup = loops == 1 ? serverGroup : new MultiThreadIoEventLoopGroup(1, transport.ioHandler);
        server = new ServerBootstrap().group(serverGroup).channel(transport.serverChannel)
                .childHandler(new Echo())
                .bind(transport.address).sync().channel();
        Bootstrap bootstrap = new Bootstrap().group(clientGroup).channel(transport.channel);
        channel = ValueTaskChannels.<Object, Object>connect(bootstrap, server.localAddress()).await();
        rawConnection = bootstrap.clone().handler(client).connect(server.localAddress()).sync().channel();
    }

    @TearDown
    public void close() throws Exception {
        channel.close();
        rawConnection.close().sync();
        server.close().sync();
        clientGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        serverGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    @Benchmark
    public Object roundTripByValueTasks() throws Exception {
        channel.send(message).await();
        message = channel.read().await();
        return message;
    }

    @Benchmark
    public Object roundTripByPromise() throws Exception {
        message = client.ask(rawConnection, message);
        return message;
    }
}
