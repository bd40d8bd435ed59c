package io.valuetask.perf;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.valuetask.netty.ChannelBody;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.schedule.BodyScheduling;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * An experiment: the event loop itself is a virtual thread of the common scheduler, beside its bodies. No flag is needed,
 * and a resumption is a change of virtual threads on one carrier. What came of it is in {@code perf/README.md}: a loop that
 * waits in epoll keeps the carrier from all others, so that this is no group to offer.
 */
final class VirtualLoopEchoServer {
    private VirtualLoopEchoServer() {}

    public static void main(String[] arguments) {
        boolean epoll = Arrays.asList(arguments).contains("epoll");
        IoHandlerFactory ioHandler = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> type = epoll
                ? EpollServerSocketChannel.class
                : NioServerSocketChannel.class;
        // Without this Netty's buffers would not be pooled on a virtual thread.
        Executor threads = task -> Thread.ofVirtual().name("virtual-loop")
                .start(() -> FastThreadLocalThread.runWithFastThreadLocal(task));
        ChannelBody<ByteBuf, ByteBuf> body = BodyEchoServers::send;
        Channel server = new ServerBootstrap().group(new MultiThreadIoEventLoopGroup(1, threads, ioHandler))
                .channel(type)
                .childHandler(Framing.before(
                        ValueTaskChannelInitializer.serve(body).scheduling(BodyScheduling.COMMON)))
                .bind(Integer.parseInt(arguments[0])).syncUninterruptibly().channel();
        System.out.println("listening on port " + ((InetSocketAddress) server.localAddress()).getPort());
    }
}
