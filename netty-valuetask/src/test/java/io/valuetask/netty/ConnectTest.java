package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every channel that a bootstrap has made belongs to the taker of its task, or is closed. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class ConnectTest {
    @Parameter
    Transport transport;

    private EventLoopGroup group;
    private final BlockingQueue<Channel> made = new LinkedBlockingQueue<>();

    @BeforeEach
    void startLoops() {
        group = transport.newGroup(2);
    }

    @AfterEach
    void shutDown() {
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(group.terminationFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
    }

    /** With a handler that remembers the channels. */
    private Bootstrap bootstrap() {
        return new Bootstrap().group(group).channel(transport.clientChannel)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        made.add(channel);
                    }
                });
    }

    private SocketAddress echoServer() throws InterruptedException {
        return new ServerBootstrap().group(group).channel(transport.serverChannel)
                .childHandler(ValueTaskChannelInitializer.serve(Streams::echo))
                .bind(InetAddress.getLoopbackAddress(), 0).sync().channel().localAddress();
    }

    private static SocketAddress refusing() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalSocketAddress();
        }
    }

    private static ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> connect(Bootstrap bootstrap,
            SocketAddress remote) {
        return ValueTaskChannels.connect(bootstrap, remote);
    }

    private static Throwable failure(ValueTask<?> task) throws InterruptedException {
        BackgroundCall<?> call = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, task::await);
        return call.failure();
    }

    /** That there was a channel, or is one soon, since a loop makes it; and that it is closed. */
    private void assertClosed() throws InterruptedException {
        Channel channel = made.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(channel).as("the channel").isNotNull();
        assertThat(made).isEmpty();
        assertThat(channel.closeFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("closed").isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void connect_whenAServerListens_isActiveAndTalks(BackgroundCall.Kind kind) throws Throwable {
        SocketAddress server = echoServer();

        BackgroundCall.start(kind, () -> {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = connect(bootstrap(), server).await();
            assertThat(channel.channel().isActive()).isTrue();
            channel.writeAndFlush(Bytes.of("x")).await();
            assertThat(Bytes.text(channel.read().await())).isEqualTo("x");
            return Closing.close(channel).await();
        }).result();
    }

    @Test
    void connect_withCodecs_readsAndWritesWhatTheyMake() throws Exception {
        ValueTaskChannel<String, String> channel = ValueTaskChannels
                .<String, String>connect(bootstrap(), echoServer(), pipeline -> pipeline
                        .addLast(new LineBasedFrameDecoder(80), new StringDecoder(), new StringEncoder()))
                .await();

        channel.writeAndFlush("one\ntwo\n").await();

        assertThat(channel.read().await()).isEqualTo("one");
        assertThat(channel.read().await()).isEqualTo("two");
        Closing.close(channel).await();
        assertClosed();
    }

    @Test
    void connect_withOptions_hasThem() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = ValueTaskChannels
                .<ByteBuf, ByteBuf>connect(bootstrap(), echoServer(),
                        ValueTaskChannelOptions.DEFAULTS.halfClosure(false), pipeline -> {})
                .await();

        assertThat(channel.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isFalse();
        Closing.close(channel).await();
    }

    @Test
    void connect_again_findsTheBootstrapAsItWas() throws Exception {
        Bootstrap bootstrap = bootstrap();
        ChannelHandler handler = bootstrap.config().handler();
        SocketAddress server = echoServer();

        for (int i = 0; i < 3; i++) {
            Closing.close(connect(bootstrap, server).await()).await();
            assertThat(bootstrap.config().handler()).isSameAs(handler);
            assertClosed();
        }
    }

    @Test
    void connect_withABootstrapWithoutHandler_connects() throws Exception {
        Bootstrap bootstrap = new Bootstrap().group(group).channel(transport.clientChannel);

        Closing.close(connect(bootstrap, echoServer()).await()).await();

        assertThat(bootstrap.config().handler()).isNull();
    }

    @Test
    void connect_withoutGroupOrChannel_isRefusedAtOnce() throws Exception {
        SocketAddress remote = refusing();

        assertThatThrownBy(() -> connect(new Bootstrap().channel(transport.clientChannel), remote))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("group");
        assertThatThrownBy(() -> connect(new Bootstrap().group(group), remote))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("channel");
    }

    @Test
    void connect_whenNobodyListens_failsAndCloses() throws Exception {
        assertThat(failure(connect(bootstrap(), refusing()))).isInstanceOf(ConnectException.class);
        assertClosed();
    }

    @Test
    void connect_whenTheOptionsTimeIsUp_failsAndCloses() throws Exception {
        try (FullBacklog nowhere = new FullBacklog()) {
            Bootstrap bootstrap = bootstrap().option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 50);

            assertThat(failure(connect(bootstrap, nowhere.address())))
                    .isInstanceOf(ConnectTimeoutException.class);
            assertClosed();
        }
    }

    @Test
    void await_whenItsTimeIsUp_cancelsAndCloses() throws Exception {
        try (FullBacklog nowhere = new FullBacklog()) {
            ValueTask<?> connect = connect(bootstrap(), nowhere.address());

            assertThatThrownBy(() -> connect.await(Duration.ofMillis(50)))
                    .isInstanceOf(TimeoutException.class);
            assertClosed();
        }
    }

    @Test
    void await_whenInterrupted_cancelsAndCloses() throws Exception {
        try (FullBacklog nowhere = new FullBacklog()) {
            ValueTask<?> connect = connect(bootstrap(), nowhere.address());
            BackgroundCall<?> waiter = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, connect::await)
                    .awaitParked();

            waiter.thread().interrupt();

            assertThat(waiter.failure()).isInstanceOf(InterruptedException.class);
            assertClosed();
        }
    }

    @Test
    void discard_ofAConnect_closesTheChannelOnceItIsOpen() throws Exception {
        connect(bootstrap(), echoServer()).discard();

        assertClosed();
    }

    @Test
    void connect_whenTheLoopsHaveEnded_failsAndCloses() throws Exception {
        EventLoopGroup ended = transport.newGroup(1);
        ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        int before = Descriptors.count();

        assertThat(failure(connect(bootstrap().clone(ended), refusing())))
                .isInstanceOf(RejectedExecutionException.class);

        Descriptors.awaitAtMost(before);
    }

    @Test
    void connect_whenTheLoopLosesTheTask_failsAndCloses() throws Exception {
        int before = Descriptors.count();
        EndingLoop ending = EndingLoop.create(transport).loseNextTask();

        ValueTask<?> connect = connect(bootstrap().clone(ending), refusing());

        assertThat(failure(connect)).isInstanceOf(ClosedChannelException.class);
        Descriptors.awaitAtMost(before);
    }

    // Pipelines that misbehave

    @Test
    void connect_whenItsPipelineCannotBeBuilt_failsWithThatAndCloses() throws Exception {
        IllegalStateException planted = new IllegalStateException("planted");

        assertThat(failure(ValueTaskChannels.connect(bootstrap(), refusing(), pipeline -> {
            throw planted;
        }))).isSameAs(planted);
        assertClosed();
    }

    @Test
    void connect_whenTheBootstrapsHandlerThrows_failsAndCloses() throws Exception {
        Bootstrap bootstrap = bootstrap().handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                made.add(channel);
                throw new IllegalStateException("planted");
            }
        });

        assertThat(failure(connect(bootstrap, echoServer()))).isInstanceOf(ClosedChannelException.class);
        assertClosed();
    }

    @Test
    void connect_whenThePipelineHasAValueTaskHandler_failsAndCloses() throws Exception {
        assertThat(failure(ValueTaskChannels.connect(bootstrap(), echoServer(),
                pipeline -> pipeline.addLast(new ValueTaskHandler<>()))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has a ValueTaskHandler already");
        assertClosed();
    }

    /** Never lets the connect through. */
    private static final class Keeper extends ChannelOutboundHandlerAdapter {
        final CompletableFuture<ChannelHandlerContext> kept = new CompletableFuture<>();

        @Override
        public void connect(ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local,
                ChannelPromise promise) {
            kept.complete(ctx);
        }
    }

    @Test
    void connect_whenAHandlerKeepsThePromiseAndTheChannelIsClosed_fails() throws Exception {
        Keeper keeper = new Keeper();
        ValueTask<?> connect = ValueTaskChannels.connect(bootstrap(), refusing(),
                pipeline -> pipeline.addLast(keeper));

        keeper.kept.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS).close();

        assertThat(failure(connect)).isInstanceOf(ClosedChannelException.class);
        assertClosed();
    }

    @Test
    void connect_whenAHandlerClosesAndThenSaysWhy_failsWithThat() throws Exception {
        ConnectException planted = new ConnectException("planted");

        assertThat(failure(ValueTaskChannels.connect(bootstrap(), refusing(),
                pipeline -> pipeline.addLast(new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void connect(ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local,
                            ChannelPromise promise) {
                        ctx.close();
                        promise.setFailure(planted);
                    }
                })))).isSameAs(planted);
        assertClosed();
    }

    @Test
    void connect_whenTheChannelClosesBeforeItsHandlerIsActive_fails() throws Exception {
        assertThat(failure(ValueTaskChannels.connect(bootstrap(), echoServer(),
                pipeline -> pipeline.addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.close(); // and keeps the event
                    }
                })))).isInstanceOf(ClosedChannelException.class);
        assertClosed();
    }

    @Test
    void connect_whenAHandlerDelaysTheActiveEvent_completesOnTheLoopWithIt() throws Exception {
        CompletableFuture<ChannelHandlerContext> delayed = new CompletableFuture<>();
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> connect = ValueTaskChannels.connect(bootstrap(),
                echoServer(), pipeline -> pipeline.addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        delayed.complete(ctx);
                    }
                }));
        ChannelHandlerContext context = delayed.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        assertThat(connect.onCompleted(loop -> onLoop.complete(loop.inEventLoop()), context.executor()))
                .isTrue();

        context.executor().execute(context::fireChannelActive);

        assertThat(onLoop.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        Closing.close(connect.result()).await();
        assertClosed();
    }
}
