package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** One protocol after another on the same connection, and nothing is lost between them. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class UpgradeTest {
    private static final int LARGE = 4 * 1024 * 1024;

    @Parameter
    Transport transport;
    private Loopback loopback;

    private ValueTaskChannel<ByteBuf, ByteBuf> connect() throws Exception {
        return connect(channel -> {});
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> connect(Consumer<Channel> pipeline)
            throws Exception {
        loopback = Loopback.on(transport).serverPipeline(pipeline).connectSocket();
        return loopback.server();
    }

    @AfterEach
    void close() {
        if (loopback != null) {
            loopback.close();
        }
    }

    private ValueTaskChannel<String, String> toLines(ValueTaskChannel<ByteBuf, ByteBuf> channel)
            throws Exception {
        return channel.<String, String>upgrade(Lines::add).await();
    }

    @Test
    void upgrade_whenMessagesWait_passesThemThroughTheNewHandlers() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        loopback.send("one\ntw");
        awaitQueued(bytes, 1);

        ValueTaskChannel<String, String> lines = toLines(bytes);
        loopback.send("o\nthree\n");

        assertThat(lines.read().await()).isEqualTo("one");
        assertThat(lines.read().await()).isEqualTo("two");
        assertThat(lines.read().await()).isEqualTo("three");
        lines.writeAndFlush("answer").await();
        assertThat(loopback.receive(6)).isEqualTo("answer".getBytes());
    }

    /** As an HTTP codec that has read on into what follows the request. */
    @Test
    void upgrade_whenARemovedDecoderHoldsBytes_passesThemBehindWhatWaits() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> frames = connect(
                channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(4)));
        loopback.send("HELOone\ntwo");
        assertThat(Bytes.text(frames.read().await())).isEqualTo("HELO");
        awaitQueued(frames, 1);

        ValueTaskChannel<String, String> lines = frames.<String, String>upgrade(pipeline -> {
            pipeline.remove(FixedLengthFrameDecoder.class);
            Lines.add(pipeline);
        }).await();
        loopback.send("\n");

        assertThat(lines.read().await()).isEqualTo("one");
        assertThat(lines.read().await()).isEqualTo("two");
    }

    @Test
    void upgrade_whenThePeerHasFinished_endsTheNewChannelBehindWhatWaits() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        loopback.send("last\n");
        loopback.socket().shutdownOutput();
        awaitQueued(bytes, 1);
        bytes.channel().eventLoop().submit(() -> {}).sync();

        ValueTaskChannel<String, String> lines = toLines(bytes);

        assertThat(lines.read().await()).isEqualTo("last");
        assertThat(lines.read().await()).isNull();
        lines.writeAndFlush("bye").await();
        lines.close();
        assertThat(loopback.socket().getInputStream().readAllBytes()).isEqualTo("bye".getBytes());
    }

    @Test
    void upgrade_whenAFailureWaits_passesItToo() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        IOException planted = new IOException("planted");
        bytes.channel().eventLoop().submit(() -> bytes.channel().pipeline().fireExceptionCaught(planted))
                .sync();

        ValueTaskChannel<String, String> lines = toLines(bytes);

        assertThatThrownBy(lines.read()::await).isSameAs(planted);
    }

    @Test
    void upgrade_whenAReadIsPending_isRefusedAndThatGoesOn() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        BackgroundCall<ByteBuf> read = BackgroundCall.start(VIRTUAL, () -> bytes.read().await())
                .awaitParked();

        assertThatThrownBy(() -> toLines(bytes)).isInstanceOf(ValueTaskMisuseException.class);

        loopback.send("x");
        assertThat(Bytes.text(read.result())).isEqualTo("x");
    }

    /** Its handler leaves when they have left, and not before. */
    @Test
    void upgrade_whenWritesAreInFlight_letsThemOut() throws Exception {
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = loopback.server();
        ValueTask<Void> write = bytes.writeAndFlush(Bytes.of(Bytes.pattern(LARGE)));
        loopback.awaitServerLoop();

        ValueTaskChannel<String, String> lines = toLines(bytes);
        ValueTask<Void> behind = lines.writeAndFlush("behind");

        assertThat(loopback.receive(LARGE)).isEqualTo(Bytes.pattern(LARGE));
        assertThat(write.await()).isNull();
        assertThat(behind.await()).isNull();
        assertThat(loopback.receive(6)).isEqualTo("behind".getBytes());
        loopback.awaitServerLoop();
        assertThat(bytes.channel().pipeline().get(ValueTaskHandler.class).channel()).isSameAs(lines);
    }

    @Test
    void oldChannel_afterUpgrade_refusesEverythingAndCloses() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        ValueTaskChannel<String, String> lines = toLines(bytes);
        ByteBuf late = Bytes.of("late");

        assertThatThrownBy(bytes.read()::await).isInstanceOf(IOException.class)
                .hasMessageContaining("upgrade()");
        assertThatThrownBy(bytes.writeAndFlush(late)::await).isInstanceOf(IOException.class)
                .hasMessageContaining("upgrade()");
        assertThatThrownBy(() -> toLines(bytes)).isInstanceOf(IOException.class)
                .hasMessageContaining("upgrade()");
        assertThat(late.refCnt()).isZero();

        ValueTask<Void> write = lines.writeAndFlush("accepted");
        bytes.close();
        assertThat(write.await()).isNull();
        assertThat(bytes.closed().await()).isEqualTo(new CloseReason.Local());
        assertThat(lines.closed().await()).isEqualTo(new CloseReason.Local());
        assertThat(loopback.socket().getInputStream().readAllBytes()).isEqualTo("accepted".getBytes());
    }

    @Test
    void closed_ofTheOldChannel_tellsWhatTheNewOneDoes() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        ValueTask<CloseReason> closed = bytes.closed();
        ValueTaskChannel<String, String> lines = toLines(bytes);

        loopback.reset();

        assertThat(lines.closed().await()).isInstanceOf(CloseReason.Failed.class);
        assertThat(closed.await()).isInstanceOf(CloseReason.Failed.class);
    }

    @Test
    void shutdownOutput_ofTheOldChannelWhoseWritesAreInFlight_isRefusedAndTheNewOneWritesOn()
            throws Exception {
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = loopback.server();
        ValueTask<Void> write = bytes.writeAndFlush(Bytes.of(Bytes.pattern(LARGE)));
        loopback.awaitServerLoop();
        ValueTaskChannel<String, String> lines = toLines(bytes);

        ValueTask<Void> shutdown = bytes.shutdownOutput();
        loopback.awaitServerLoop();
        ValueTask<Void> behind = lines.writeAndFlush("behind");

        assertThat(loopback.receive(LARGE)).isEqualTo(Bytes.pattern(LARGE));
        assertThat(loopback.receive(6)).isEqualTo("behind".getBytes());
        assertThat(write.await()).isNull();
        assertThat(behind.await()).isNull();
        assertThatThrownBy(shutdown::await).isInstanceOf(IOException.class).hasMessageContaining("upgrade()");
    }

    @Test
    void upgrade_whenThePipelineCannotBeChanged_failsAndCloses() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        loopback.send("unread");
        awaitQueued(bytes, 1);
        IllegalStateException planted = new IllegalStateException("planted");

        assertThatThrownBy(bytes.upgrade(pipeline -> {
            throw planted;
        })::await).isSameAs(planted);

        assertThat(bytes.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Bytes.text(bytes.read().await())).isEqualTo("unread");
    }

    /** That is the upgrade's own to do, when it has passed on what waits. */
    @Test
    void upgrade_whenThePipelineLosesTheHandler_failsAndCloses() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();

        assertThatThrownBy(bytes.upgrade(pipeline -> pipeline.remove(ValueTaskHandler.class))::await)
                .isInstanceOf(IOException.class).hasMessageContaining("removed");

        assertThat(bytes.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void upgrade_whenItsPipelineClosesTheChannel_failsAndTellsSo() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();

        assertThatThrownBy(bytes.upgrade(pipeline -> bytes.close())::await)
                .isInstanceOf(ClosedChannelException.class);

        assertThat(bytes.closed().await()).isEqualTo(new CloseReason.Local());
    }

    /** The loop knows of the write, which another thread has made before. */
    @Test
    void upgrade_onTheLoopBehindAWriteOfAnotherThread_letsItOut() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        CountDownLatch written = new CountDownLatch(1);
        Future<CompletableFuture<ValueTaskChannel<String, String>>> upgrade = bytes.channel().eventLoop()
                .submit(() -> {
                    written.await();
                    return bytes.<String, String>upgrade(Lines::add).toCompletableFuture();
                });

        ValueTask<Void> write = bytes.writeAndFlush(Bytes.of("first "));
        written.countDown();
        upgrade.get().get(Call.LIMIT_SECONDS, TimeUnit.SECONDS).writeAndFlush("second").await();

        assertThat(write.await()).isNull();
        assertThat(loopback.receive("first second".length())).isEqualTo("first second".getBytes());
    }

    @Test
    void upgrade_ofAClosedChannel_failsAndLeavesWhatWaits() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        loopback.send("unread");
        awaitQueued(bytes, 1);
        bytes.channel().close().sync();
        loopback.awaitServerLoop();

        assertThatThrownBy(() -> toLines(bytes)).isInstanceOf(ClosedChannelException.class);

        assertThat(Bytes.text(bytes.read().await())).isEqualTo("unread");
    }

    @Test
    void upgrade_withAMessage_releasesItWheneverItFails() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        BackgroundCall<ByteBuf> read = BackgroundCall.start(VIRTUAL, () -> bytes.read().await())
                .awaitParked();
        ByteBuf misused = Bytes.of("x");
        assertThatThrownBy(() -> bytes.<String, String>upgrade(Lines::add, misused))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(misused.refCnt()).isZero();
        loopback.send("y");
        assertThat(Bytes.text(read.result())).isEqualTo("y");

        bytes.channel().close().sync();
        ByteBuf late = Bytes.of("x");
        assertThatThrownBy(bytes.<String, String>upgrade(Lines::add, late)::await)
                .isInstanceOf(ClosedChannelException.class);
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void upgrade_again_goesOnFromThere() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        ValueTaskChannel<String, String> lines = toLines(bytes);
        loopback.send("one\n{}{}");
        assertThat(lines.read().await()).isEqualTo("one");

        ValueTaskChannel<ByteBuf, ByteBuf> frames = lines
                .<ByteBuf, ByteBuf>upgrade(pipeline -> Lines.replaceWithFrames(pipeline, 2)).await();

        assertThat(Bytes.text(frames.read().await())).isEqualTo("{}");
        assertThat(Bytes.text(frames.read().await())).isEqualTo("{}");
    }

    @Test
    void upgrade_onTheLoop_isCompleteAtOnce() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();

        ValueTaskChannel<String, String> lines = bytes.channel().eventLoop().submit(() -> {
            ValueTask<ValueTaskChannel<String, String>> upgrade = bytes.upgrade(Lines::add);
            assertThat(upgrade.isCompletedSuccessfully()).isTrue();
            return upgrade.result();
        }).get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);

        loopback.send("x\n");
        assertThat(lines.read().await()).isEqualTo("x");
    }

    // To handlers of Netty's kind

    /** Keeps what it hears. */
    private static final class Recorder extends ChannelInboundHandlerAdapter {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            heard.add(Bytes.text((ByteBuf) message));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                heard.add("end");
            }
            ReferenceCountUtil.release(event);
        }

        String next() throws InterruptedException {
            return heard.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void handOver_whenMessagesWait_givesThemAndAllThatFollowsToTheHandlers() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = connect();
        Recorder recorder = new Recorder();
        loopback.send("before");
        awaitQueued(bytes, 1);

        assertThat(bytes.handOver(pipeline -> pipeline.addLast(recorder)).await()).isNull();
        loopback.send("after");

        assertThat(recorder.next()).isEqualTo("before");
        assertThat(recorder.next()).isEqualTo("after");
        assertThat(bytes.channel().pipeline().get(ValueTaskHandler.class)).isNull();
        bytes.close(); // is not its channel any more
        loopback.awaitServerLoop();
        assertThat(bytes.channel().isOpen()).isTrue();
        bytes.channel().writeAndFlush(Bytes.of("x")).sync();
        assertThat(loopback.receive(1)).isEqualTo("x".getBytes());
        bytes.channel().close().sync();
        assertThat(bytes.closed().await()).isInstanceOf(CloseReason.class);
    }

    /** The peer may not read before it has been read from. */
    @Test
    void handOver_whenWritesAreInFlight_readsOnAtOnce() throws Exception {
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        ValueTaskChannel<ByteBuf, ByteBuf> bytes = loopback.server();
        Recorder recorder = new Recorder();
        ValueTask<Void> write = bytes.writeAndFlush(Bytes.of(Bytes.pattern(LARGE)));
        loopback.awaitServerLoop();

        bytes.handOver(pipeline -> pipeline.addLast(recorder)).await();
        assertThat(bytes.channel().config().isAutoRead()).isTrue();
        loopback.send("x");
        assertThat(recorder.next()).isEqualTo("x");

        bytes.channel().config().setAutoRead(false); // theirs to say
        assertThat(loopback.receive(LARGE)).isEqualTo(Bytes.pattern(LARGE));
        assertThat(write.await()).isNull();
        loopback.awaitServerLoop();
        assertThat(bytes.channel().pipeline().get(ValueTaskHandler.class)).isNull();
        assertThat(bytes.channel().config().isAutoRead()).isFalse();
        bytes.channel().close().sync();
    }

    @Test
    void handOver_ofAServedChannel_leavesItOpenWhenTheBodyEnds() throws Exception {
        Recorder recorder = new Recorder();
        ChannelHandler serving = ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(
                channel -> channel.handOver(pipeline -> pipeline.addLast(recorder)).await());
        connect(channel -> {});
        try (var listening = new Listening()) {
            var server = listening.bootstrap(transport).childHandler(serving).bind(Listening.anyPort())
                    .sync();
            try (var socket = new java.net.Socket()) {
                socket.connect(server.channel().localAddress());
                socket.getOutputStream().write('x');
                assertThat(recorder.next()).isEqualTo("x");
                socket.getOutputStream().write('y');
                assertThat(recorder.next()).isEqualTo("y");
            }
        }
    }

    private void awaitQueued(ValueTaskChannel<?, ?> channel, int messages) {
        Descriptors.awaitAtMost("messages to come", 0,
                () -> channel.toString().contains("queued=" + messages + " messages") ? 0 : 1);
    }
}
