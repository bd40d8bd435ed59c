package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipelineException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class HandlerLifeCycleTest {
    private interface Client {
        void run(Socket socket) throws Exception;
    }

    @Parameter
    Transport transport;

    /** Accepts one plain client with the initializer under test. */
    private void serve(ChannelInitializer<Channel> initializer, Client client) throws Exception {
        EventLoopGroup group = transport.newGroup(2);
        try {
            Channel listener = new ServerBootstrap().group(group).channel(transport.serverChannel)
                    .childHandler(initializer).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
                socket.connect((InetSocketAddress) listener.localAddress());
                client.run(socket);
            }
        } finally {
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    /** What the bridge logs as a warning while the action runs. */
    private static List<Throwable> warningsDuring(Consumer<List<Throwable>> action) {
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("io.valuetask.netty");
        Handler recorder = new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (record.getThrown() != null) {
                    thrown.add(record.getThrown());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        boolean parents = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        logger.addHandler(recorder);
        try {
            action.accept(thrown);
        } finally {
            logger.removeHandler(recorder);
            logger.setUseParentHandlers(parents);
        }
        return thrown;
    }

    private List<Throwable> warningsOfServing(ChannelInitializer<Channel> initializer) {
        return warningsDuring(unused -> {
            try {
                serve(initializer, socket -> assertThat(socket.getInputStream().read()).isEqualTo(-1));
            } catch (Exception failure) {
                throw new AssertionError(failure);
            }
        });
    }

    @Test
    void handler_beforeItIsInAPipeline_isRefusedAndReleases() {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = new ValueTaskHandler<ByteBuf, ByteBuf>().channel();
        ByteBuf message = Bytes.of("early");

        assertThatThrownBy(() -> channel.writeAndFlush(message)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in no pipeline");
        assertThat(message.refCnt()).isZero();
        assertThatThrownBy(channel::read).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(channel::flush).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(channel::close).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(channel::closed).isInstanceOf(IllegalStateException.class);
        assertThat(channel).hasToString(channel.toString()).asString().contains("in no pipeline");
    }

    @Test
    void handler_addedToAnActiveChannelByAnotherThread_reads() throws Exception {
        BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        serve(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setAutoRead(false);
                accepted.add(channel);
            }
        }, socket -> {
            Channel channel = accepted.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            socket.getOutputStream().write("x".getBytes());
            CompletableFuture<ValueTaskChannel<ByteBuf, ByteBuf>> active = new CompletableFuture<>();
            channel.pipeline().addLast(new ValueTaskHandler<ByteBuf, ByteBuf>(active::complete));

            ValueTaskChannel<ByteBuf, ByteBuf> late = active.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(Bytes.text(late.read().await())).isEqualTo("x");
            Closing.close(late).await();
        });
    }

    @Test
    void handler_addedTwice_isRefusedAndTheFirstGoesOn() throws Exception {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            Channel channel = loopback.server().channel();
            ValueTask<ByteBuf> read = loopback.server().read();
            ValueTaskHandler<?, ?> handler = channel.pipeline().get(ValueTaskHandler.class);

            assertThatThrownBy(() -> channel.pipeline().addLast("again", handler))
                    .isInstanceOf(ChannelPipelineException.class);
            EmbeddedChannel other = new EmbeddedChannel();
            assertThatThrownBy(() -> other.pipeline().addLast(handler))
                    .isInstanceOf(ChannelPipelineException.class);
            other.finish();

            loopback.send("x");
            assertThat(Bytes.text(read.await())).isEqualTo("x");
            assertThat(loopback.server().writeAndFlush(Bytes.of("y")).await()).isNull();
        }
    }

    @Test
    void removal_whenEverythingIsPending_completesAllOnceAndReleasesAll() throws Throwable {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = loopback.server();
            BackgroundCall<ByteBuf> read = BackgroundCall.start(VIRTUAL, () -> channel.read().await())
                    .awaitParked();
            BackgroundCall<Void> write = BackgroundCall
                    .start(VIRTUAL, () -> channel.write(Bytes.of("unflushed")).await()).awaitParked();
            loopback.awaitServerLoop();

            channel.channel().pipeline().remove(ValueTaskHandler.class);

            assertThat(read.failure()).isInstanceOf(IOException.class).hasMessageContaining("removed");
            assertThat(write.failure()).isInstanceOf(IOException.class);
            assertThat(channel.channel().isOpen()).isTrue();
            ByteBuf late = Bytes.of("late");
            assertThatThrownBy(() -> channel.writeAndFlush(late).await()).isInstanceOf(IOException.class);
            assertThat(late.refCnt()).isZero();
            assertThatThrownBy(() -> channel.read().await()).isInstanceOf(IOException.class);
        }
    }

    private enum Then {
        PEER_READS,
        PEER_RESETS
    }

    /** Their promises are given up, and Netty has them still. */
    @ParameterizedTest
    @EnumSource
    void removal_whenWritesStall_leavesNettyNothingToWarnOf(Then then) throws Throwable {
        byte[] large = Bytes.pattern(1024 * 1024);
        int count = 3;
        try (Warnings warnings = new Warnings("io.netty.channel");
                Loopback loopback = Loopback.on(transport).smallBuffers().connectSocket()) {
            List<ValueTask<Void>> writes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                writes.add(loopback.server().writeAndFlush(Bytes.of(large)));
            }
            loopback.awaitServerLoop();
            Channel channel = loopback.server().channel();

            channel.pipeline().remove(ValueTaskHandler.class);

            for (ValueTask<Void> write : writes) {
                assertThatThrownBy(write::await).isInstanceOf(IOException.class)
                        .hasMessageContaining("removed");
            }
            if (then == Then.PEER_READS) {
                assertThat(loopback.receive(count * large.length)).hasSize(count * large.length);
                channel.close().sync();
            } else {
                loopback.reset();
                channel.closeFuture().sync();
            }
            loopback.awaitServerLoop();
            assertThat(warnings.thrown()).isEmpty();
        }
    }

    @Test
    void removal_whenMessagesAreQueued_releasesThem() throws Throwable {
        try (Loopback loopback = Loopback.on(transport)
                .serverPipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = loopback.server();
            loopback.send("abcdef");
            assertThat(Bytes.text(channel.read().await())).isEqualTo("a");
            loopback.awaitServerLoop();

            channel.channel().pipeline().remove(ValueTaskHandler.class);
            loopback.awaitServerLoop();

            assertThatThrownBy(() -> channel.read().await()).isInstanceOf(IOException.class)
                    .hasMessageContaining("removed");
        }
    }

    @Test
    void removal_ofTheHandler_restoresTheOptionsOfTheChannel() throws Throwable {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            Channel channel = loopback.server().channel();
            assertThat(channel.config().isAutoRead()).isFalse();
            assertThat(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isTrue();

            channel.pipeline().remove(ValueTaskHandler.class);
            loopback.awaitServerLoop();

            assertThat(channel.config().isAutoRead()).isTrue();
            assertThat(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isFalse();
        }
    }

    @Test
    void replacement_ofTheHandlerByAnother_keepsTheOptionsUntilThatIsRemoved() throws Throwable {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            Channel channel = loopback.server().channel();
            ValueTaskHandler<ByteBuf, ByteBuf> second = new ValueTaskHandler<>();

            channel.pipeline().replace(ValueTaskHandler.class, "second", second);
            loopback.awaitServerLoop();
            assertThat(channel.config().isAutoRead()).isFalse();
            loopback.send("x");
            assertThat(Bytes.text(second.channel().read().await())).isEqualTo("x");
            assertThat(second.channel().writeAndFlush(Bytes.of("y")).await()).isNull();
            assertThat(loopback.receive(1)).isEqualTo("y".getBytes());

            channel.pipeline().remove(second);
            loopback.awaitServerLoop();
            assertThat(channel.config().isAutoRead()).isTrue();
            assertThat(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isFalse();
        }
    }

    @Test
    void initializer_withOptions_passesThemToItsChannels() throws Exception {
        CompletableFuture<String> options = new CompletableFuture<>();
        serve(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(channel -> {
            options.complete(String.valueOf(
                    channel.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)));
        }).options(ValueTaskChannelOptions.DEFAULTS.halfClosure(false)), socket -> assertThat(
                options.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("false"));
    }

    @Test
    void registration_withAnotherLoop_keepsThePendingRead() throws Throwable {
        EventLoopGroup other = transport.newGroup(1);
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = loopback.server();
            BackgroundCall<ByteBuf> read = BackgroundCall.start(VIRTUAL, () -> channel.read().await())
                    .awaitParked();

            move(channel, other);
            loopback.send("x");

            assertThat(Bytes.text(read.result())).isEqualTo("x");
            assertThat(channel.writeAndFlush(Bytes.of("y")).await()).isNull();
            assertThat(loopback.receive(1)).isEqualTo("y".getBytes());
        } finally {
            other.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void registration_withAnotherLoop_endsTheReadWhoseTimeIsUpThere() throws Throwable {
        EventLoopGroup other = transport.newGroup(1);
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            CompletableFuture<Thread> resumed = whereItTimesOut(loopback.server());

            move(loopback.server(), other);

            assertThat(other.next().inEventLoop(resumed.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))).isTrue();
        } finally {
            other.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    /** The timer ends with the loop that had it. */
    @Test
    void registration_withAnotherLoop_ifTheFirstOneEnds_keepsTheTimeout() throws Throwable {
        EventLoopGroup first = transport.newGroup(1);
        EventLoopGroup second = transport.newGroup(1);
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = loopback.server();
            move(channel, first);
            CompletableFuture<Thread> resumed = whereItTimesOut(channel);

            move(channel, second);
            first.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();

            assertThat(second.next().inEventLoop(resumed.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))).isTrue();
            resumed = whereItTimesOut(channel);
            assertThat(second.next().inEventLoop(resumed.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))).isTrue();
        } finally {
            first.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
            second.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    private static void move(ValueTaskChannel<ByteBuf, ByteBuf> channel, EventLoopGroup loop)
            throws InterruptedException {
        channel.channel().deregister().sync();
        loop.register(channel.channel()).sync();
    }

    /** Long enough to move the channel meanwhile; if not, the test proves nothing. */
    private static CompletableFuture<Thread> whereItTimesOut(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        return channel.read(Duration.ofMillis(400)).toCompletableFuture().handle((message, failure) -> {
            assertThat(failure).isInstanceOf(SocketTimeoutException.class);
            return Thread.currentThread();
        });
    }

    @Test
    void onActive_whenItThrows_closesTheChannelAndIsLogged() {
        IllegalStateException failure = new IllegalStateException("planted");

        assertThat(warningsOfServing(ValueTaskChannelInitializer.onActive(channel -> {
            throw failure;
        }))).containsExactly(failure);
    }

    @Test
    void body_whenItThrowsARuntimeException_closesTheChannelAndIsLogged() {
        IllegalStateException failure = new IllegalStateException("planted");

        assertThat(warningsOfServing(ValueTaskChannelInitializer.serve(channel -> {
            throw failure;
        }))).containsExactly(failure);
    }

    @Test
    void body_whenTheConnectionFails_closesTheChannelQuietly() {
        assertThat(warningsOfServing(ValueTaskChannelInitializer.serve(channel -> {
            throw new ClosedChannelException();
        }))).isEmpty();
    }

    @Test
    void body_whenItEnds_closesTheChannelAfterItsWrites() throws Exception {
        byte[] large = Bytes.pattern(1024 * 1024);
        serve(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(channel -> channel.write(Bytes.of(large))),
                socket -> assertThat(socket.getInputStream().readAllBytes()).isEqualTo(large));
    }

    /** Says when the peer has finished. */
    private static final class EndOfInput extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Channel> heard = new CompletableFuture<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                // When the transport has done with the event, too.
                ctx.executor().execute(() -> heard.complete(ctx.channel()));
            }
        }
    }

    @Test
    void handler_addedWhenThePeerHasFinished_readsTheEndAndWritesOn() throws Exception {
        EndOfInput end = new EndOfInput();
        byte[] large = Bytes.pattern(16 * 1024 * 1024);
        serve(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                channel.pipeline().addLast(end);
            }
        }, socket -> {
            socket.shutdownOutput();
            Channel channel = end.heard.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
            channel.pipeline().addLast(handler);
            channel.eventLoop().submit(() -> {}).sync();

            assertThat(handler.channel().read().await(Duration.ofSeconds(Call.LIMIT_SECONDS))).isNull();
            ValueTask<Void> write = handler.channel().writeAndFlush(Bytes.of(large));
            assertThat(socket.getInputStream().readNBytes(large.length)).isEqualTo(large);
            assertThat(write.await()).isNull();
            handler.channel().close();
            assertThat(handler.channel().closed().await()).isEqualTo(new CloseReason.Remote());
        });
    }

    @Test
    void handler_addedWhenThePeerHasFinishedAndNotToOutliveThat_closesTheChannel() throws Exception {
        EndOfInput end = new EndOfInput();
        serve(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                channel.pipeline().addLast(end);
            }
        }, socket -> {
            socket.shutdownOutput();
            Channel channel = end.heard.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>(
                    ValueTaskChannelOptions.DEFAULTS.halfClosure(false), null);
            channel.pipeline().addLast(handler);

            assertThat(channel.closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(handler.channel().read().await(Duration.ofSeconds(Call.LIMIT_SECONDS))).isNull();
            assertThat(handler.channel().closed().await()).isEqualTo(new CloseReason.Remote());
        });
    }
}
