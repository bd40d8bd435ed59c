package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.AttributeKey;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.netty.Listening.LIMIT;
import static io.valuetask.netty.Listening.anyPort;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class BindTest {
    @Parameter
    Transport transport;

    private final Listening listening = new Listening();
    private final Queue<Channel> made = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() throws IOException {
        listening.close();
    }

    /** With a handler that remembers the server channels. */
    private ServerBootstrap bootstrap() {
        return listening.bootstrap(transport).handler(remembering());
    }

    private ChannelInitializer<Channel> remembering() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                made.add(channel);
            }
        };
    }

    private void assertClosed() {
        assertThat(made).hasSize(1);
        assertThat(made.remove().closeFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("closed").isTrue();
    }

    @Test
    void bind_toPortZero_tellsThePortBeforeAndAfterTheClose() throws Exception {
        listening.bind(bootstrap());
        ValueTaskServerChannel<?, ?> server = listening.server();
        InetSocketAddress address = (InetSocketAddress) server.localAddress();
        assertThat(address.getPort()).isPositive();
        listening.connect();

        Closing.close(server).await(LIMIT);

        assertThat(server.localAddress()).isEqualTo(address);
        assertClosed();
    }

    @Test
    void bind_toAPortInUse_failsAndCloses() throws Exception {
        try (ServerSocket other = new ServerSocket()) {
            other.bind(anyPort());

            assertThatThrownBy(() -> ValueTaskServerChannel.bind(bootstrap(), other.getLocalSocketAddress())
                    .await(LIMIT)).isInstanceOf(IOException.class)
                    .hasMessageContaining("Address already in use");
        }
        assertClosed();
    }

    @Test
    void bind_withoutGroupOrChannel_isRefusedAtOnce() {
        EventLoopGroup group = listening.group(transport.newGroup(1));

        assertThatThrownBy(() -> ValueTaskServerChannel
                .bind(new ServerBootstrap().channel(transport.serverChannel), anyPort()))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("group");
        assertThatThrownBy(() -> ValueTaskServerChannel.bind(new ServerBootstrap().group(group), anyPort()))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("channel");
    }

    @Test
    void bind_whenTheLoopsHaveEnded_failsAndCloses() throws Exception {
        EventLoopGroup ended = transport.newGroup(1);
        ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        int before = Descriptors.count();

        assertThatThrownBy(() -> ValueTaskServerChannel
                .bind(new ServerBootstrap().group(ended).channel(transport.serverChannel), anyPort())
                .await(LIMIT)).isInstanceOf(RejectedExecutionException.class);

        Descriptors.awaitAtMost(before);
    }

    @Test
    void bind_whenTheLoopLosesTheTask_failsAndCloses() {
        int before = Descriptors.count();
        EndingLoop ending = EndingLoop.create(transport).loseNextTask();

        ValueTask<?> bind = ValueTaskServerChannel
                .bind(new ServerBootstrap().group(ending).channel(transport.serverChannel), anyPort());

        assertThatThrownBy(() -> bind.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        Descriptors.awaitAtMost(before);
    }

    @Test
    void bind_whenTheServersHandlerCannotBeAdded_failsWithThatAndCloses() throws Exception {
        Listening other = new Listening();
        try {
            ChannelHandler notSharable = new LineBasedFrameDecoder(10);
            other.bind(other.bootstrap(transport).handler(notSharable));

            assertThatThrownBy(() -> ValueTaskServerChannel
                    .bind(listening.bootstrap(transport).handler(notSharable), anyPort()).await(LIMIT))
                    .hasMessageContaining("not a @Sharable handler");
        } finally {
            other.close();
        }
    }

    @Test
    void await_whenItsTimeIsUp_cancelsAndCloses() throws Exception {
        ServerBootstrap bootstrap = new ServerBootstrap().channel(transport.serverChannel)
                .handler(remembering()).group(listening.group(transport.newGroup(1)));
        CountDownLatch busy = new CountDownLatch(1);
        bootstrap.config().group().execute(() -> {
            try {
                busy.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException shutDown) {
                // The test is over.
            }
        });
        ValueTask<?> bind = ValueTaskServerChannel.bind(bootstrap, anyPort());

        assertThatThrownBy(() -> bind.await(Duration.ofMillis(10))).isInstanceOf(TimeoutException.class);
        busy.countDown();
        bootstrap.config().group().submit(() -> {}).sync();

        assertClosed();
    }

    @Test
    void discard_ofABind_closesTheServerChannel() throws Exception {
        ValueTaskServerChannel.bind(bootstrap(), anyPort()).discard();

        Descriptors.awaitAtMost("channels to come", 0, () -> made.isEmpty() ? 1 : 0);
        assertClosed();
    }

    @Test
    void bind_again_findsTheBootstrapAsItWas() throws Exception {
        ServerBootstrap bootstrap = bootstrap().option(ChannelOption.AUTO_READ, true);
        ChannelHandler handler = bootstrap.config().handler();

        for (int i = 0; i < 3; i++) {
            ValueTaskServerChannel<?, ?> server = ValueTaskServerChannel.bind(bootstrap, anyPort())
                    .await(LIMIT);
            assertThat(server.channel().config().isAutoRead()).isFalse();
            Closing.close(server).await(LIMIT);
            assertThat(bootstrap.config().handler()).isSameAs(handler);
            assertThat(bootstrap.config().childHandler()).isNull();
            assertThat(bootstrap.config().options()).containsEntry(ChannelOption.AUTO_READ, true);
            assertClosed();
        }
    }

    @Test
    void bind_withACodec_acceptsChannelsThatSpeakIt() throws Exception {
        ValueTaskServerChannel<String, String> server = ValueTaskServerChannel
                .<String, String>bind(bootstrap(), anyPort(), pipeline -> pipeline
                        .addLast(new LineBasedFrameDecoder(80), new StringDecoder(), new StringEncoder()))
                .await(LIMIT);
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
            socket.connect(server.localAddress());
            socket.getOutputStream().write("one\ntwo\n".getBytes());
            ValueTaskChannel<String, String> channel = server.accept().await(LIMIT);

            assertThat(channel.read().await(LIMIT)).isEqualTo("one");
            assertThat(channel.read().await(LIMIT)).isEqualTo("two");
            channel.writeAndFlush("x").await(LIMIT);
            assertThat(socket.getInputStream().read()).isEqualTo('x');
            Closing.close(channel).await(LIMIT);
        }
        Closing.close(server).await(LIMIT);
    }

    @Test
    void bind_withChildHandlerOptionsAndAttributes_keepsThem() throws Exception {
        AttributeKey<String> key = AttributeKey.valueOf("BindTest");
        listening.bind(bootstrap().childOption(ChannelOption.SO_KEEPALIVE, true).childAttr(key, "value")
                .childHandler(remembering()));
        made.clear();

        Socket socket = listening.connect();
        Channel child = listening.accept().channel();

        assertThat(made).containsExactly(child);
        assertThat(child.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(child.attr(key).get()).isEqualTo("value");
        child.close().sync();
        Listening.assertClosedByPeer(socket);
    }

    /** Delivers connections inside of the call that asks for them. */
    @Test
    void bind_ofALocalServerChannel_acceptsAll() throws Exception {
        EventLoopGroup loops = listening.group(
                new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory()));
        ValueTaskServerChannel<Object, Object> server = ValueTaskServerChannel
                .bind(new ServerBootstrap().group(loops).channel(LocalServerChannel.class),
                        new LocalAddress("bind-" + transport))
                .await(LIMIT);
        Bootstrap client = new Bootstrap().group(loops)
                .channel(LocalChannel.class);
        for (int i = 0; i < 50; i++) {
            ValueTaskChannel<Object, Object> here = ValueTaskChannels
                    .connect(client, server.localAddress()).await(LIMIT);
            ValueTaskChannel<Object, Object> there = server.accept().await(LIMIT);
            here.writeAndFlush(i).await(LIMIT);
            assertThat(there.read().await(LIMIT)).isEqualTo(i);
            here.close();
            there.close();
        }
        Closing.close(server).await(LIMIT);
    }
}
