package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The transports without sockets. */
class SocketlessTest {
    private static final int MEGABYTE = 1024 * 1024;

    @Test
    void local_echoesAMegabyte() throws Throwable {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
        byte[] sent = Bytes.pattern(MEGABYTE);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try {
            LocalAddress address = new LocalAddress(SocketlessTest.class);
            new ServerBootstrap().group(group).channel(LocalServerChannel.class)
                    .childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(channel -> {
                        Streams.echo(channel);
                        ended.complete(null);
                    }))
                    .bind(address).sync();
            ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
            new Bootstrap().group(group).channel(LocalChannel.class).handler(handler).connect(address).sync();
            ValueTaskChannel<ByteBuf, ByteBuf> client = handler.channel();
            BackgroundCall<Void> writer = BackgroundCall.start(VIRTUAL, () -> {
                Streams.write(client, sent);
                return null;
            });

            assertThat(BackgroundCall.start(VIRTUAL, () -> Streams.read(client, sent.length)).result())
                    .isEqualTo(sent);
            assertThat(writer.result()).isNull();
            Closing.close(client).await();
            assertThat(ended.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isNull();
        } finally {
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void local_whenThePeerClosesAfterAnExceptionOfSomethingElse_isTheEndOfTheStream() throws Exception {
        try (Loopback loopback = Loopback.over(Medium.LOCAL).connectPeer()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            loopback.onServerLoop(() -> server.channel().pipeline()
                    .fireExceptionCaught(new IllegalStateException("planted")));
            assertThatThrownBy(() -> server.read().await(Listening.LIMIT)).hasMessage("planted");
            loopback.awaitServerLoop();

            loopback.peer().close();

            assertThat(server.read().await(Listening.LIMIT)).isNull();
            assertThat(server.closed().await(Listening.LIMIT)).isEqualTo(new CloseReason.Remote());
        }
    }

    @Test
    void embedded_readsAndWrites() throws Exception {
        ValueTaskHandler<String, String> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(handler);
        ValueTaskChannel<String, String> channel = handler.channel();

        ValueTask<String> early = channel.read();
        assertThat(early.isCompleted()).isFalse();
        embedded.writeInbound("a", "b");
        assertThat(early.result()).isEqualTo("a");
        assertThat(channel.read().result()).isEqualTo("b");

        ValueTask<Void> write = channel.write("c");
        assertThat(write.isCompleted()).isFalse();
        ValueTask<Void> flush = channel.flush();
        embedded.runPendingTasks();
        assertThat(write.result()).isNull();
        assertThat(flush.result()).isNull();
        assertThat(embedded.<String>readOutbound()).isEqualTo("c");

        assertThat(Closing.close(channel).result()).isEqualTo(new CloseReason.Local());
        assertThat(embedded.isOpen()).isFalse();
    }
}
