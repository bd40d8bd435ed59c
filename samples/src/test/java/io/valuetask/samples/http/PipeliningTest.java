package io.valuetask.samples.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What only the server's own JVM can see: how often a connection is flushed. */
@Timeout(60)
class PipeliningTest {
    @Test
    void sixteenRequestsInOneSegment_areAnsweredWithOneFlush() throws Exception {
        assumeTrue(EventLoopVirtualThreads.isSupported(), "bodies do not run on their event loops here");
        FixedBody body = new FixedBody("text/plain", "ok".getBytes(StandardCharsets.US_ASCII));
        HttpServer server = new HttpServer(CommandLine.populateCommand(new HttpSettings()),
                (request, exchange) -> exchange.send(body), null, null);
        AtomicInteger flushes = new AtomicInteger();
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Channel listening = new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Counter(flushes), server.connectionHandler());
                        }
                    }).bind(0).sync().channel();
            try (RawClient client = new RawClient(((InetSocketAddress) listening.localAddress()).getPort())) {
                assertThat(client.get("/").answer().text()).isEqualTo("ok");
                int before = flushes.get();
                client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(16));
                for (int i = 0; i < 16; i++) {
                    assertThat(client.answer().text()).isEqualTo("ok");
                }
                assertThat(flushes.get() - before).isEqualTo(1);
            }
            listening.close().sync();
            server.stop();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static final class Counter extends ChannelOutboundHandlerAdapter {
        private final AtomicInteger flushes;

        Counter(AtomicInteger flushes) {
            this.flushes = flushes;
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            flushes.incrementAndGet();
            context.flush();
        }
    }
}
