package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A reset connection has no half that could stay open. */
class ResetTest {
    @ParameterizedTest
    @ValueSource(strings = {"NIO", "EPOLL"})
    void closed_whenThePeerResetsAndNobodyReads_completes(String transport) throws Exception {
        boolean nio = transport.equals("NIO");
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1,
                nio ? NioIoHandler.newFactory() : EpollIoHandler.newFactory());
        Class<? extends ServerChannel> type = nio
                ? NioServerSocketChannel.class
                : EpollServerSocketChannel.class;
        try {
            CompletableFuture<ValueTaskChannel<ByteBuf, ByteBuf>> accepted = new CompletableFuture<>();
            var server = new ServerBootstrap().group(group).channel(type)
                    .childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>onActive(accepted::complete))
                    .bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            int port = ((InetSocketAddress) server.localAddress()).getPort();

            CompletableFuture<CloseReason> closed;
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                closed = accepted.get(10, TimeUnit.SECONDS).closed().toCompletableFuture();
                peer.setSoLinger(true, 0);
            }

            assertThat(closed).succeedsWithin(10, TimeUnit.SECONDS).isInstanceOf(CloseReason.Failed.class);
        } finally {
            assertThat(group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10_000)).isTrue();
        }
    }
}
