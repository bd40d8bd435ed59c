package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Why there is an {@link EpollRegistration}. What it does is shown by {@link HalfClosedPeerTest}. */
class EpollRegistrationTest {
    /** More than the buffers of both sides take. */
    private static final int LARGE = 16 * 1024 * 1024;

    @Test
    void write_ofNettyAlone_whenThePeerHasFinishedAndItHasToWait_fails() throws Exception {
        EventLoopGroup group = Transport.EPOLL.newGroup(1);
        try {
            CompletableFuture<ChannelFuture> written = new CompletableFuture<>();
            var server = new ServerBootstrap().group(group).channel(Transport.EPOLL.serverChannel)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childHandler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                            if (event == ChannelInputShutdownEvent.INSTANCE) {
                                // When the transport has done with the event, too.
                                ctx.executor().execute(() -> written
                                        .complete(ctx.writeAndFlush(Bytes.of(Bytes.pattern(LARGE)))));
                            }
                        }
                    }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                peer.shutdownOutput();

                ChannelFuture write = written.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);

                assertThat(write.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                assertThat(write.cause())
                        .as("Netty has mended this: EpollRegistration can be removed, with this test")
                        .isInstanceOf(ChannelOutputShutdownException.class)
                        .hasStackTraceContaining("epoll_ctl");
            }
        } finally {
            assertThat(group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).await(20_000))
                    .isTrue();
        }
    }
}
