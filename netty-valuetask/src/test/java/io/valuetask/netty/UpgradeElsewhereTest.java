package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** One protocol after another, of handlers that have an executor of their own. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class UpgradeElsewhereTest {
    @Parameter
    Transport transport;
    private final EventExecutorGroup executor = new DefaultEventExecutorGroup(1);
    private Loopback loopback;

    private ValueTaskChannel<ByteBuf, ByteBuf> connectFrames(int length) throws Exception {
        loopback = Loopback.on(transport).handlerExecutor(executor).serverPipeline(
                channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(length))).connectSocket();
        return loopback.server();
    }

    private static ValueTaskChannel<String, String> toLines(ValueTaskChannel<ByteBuf, ByteBuf> frames)
            throws Exception {
        return frames.<String, String>upgrade(pipeline -> {
            assertThat(pipeline.channel().eventLoop().inEventLoop()).isTrue();
            Lines.add(pipeline);
            pipeline.remove(FixedLengthFrameDecoder.class);
        }).await();
    }

    @AfterEach
    void close() throws Exception {
        loopback.close();
        executor.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    /** Frames wait, the decoder holds bytes, and more arrive all the time. */
    @Test
    void upgrade_whileMessagesArrive_losesNothingAndKeepsTheOrder() throws Throwable {
        int count = 20_000;
        ValueTaskChannel<ByteBuf, ByteBuf> frames = connectFrames(3);
        BackgroundCall<Void> sender = BackgroundCall.start(PLATFORM, () -> {
            for (int i = 0; i < count; i++) {
                loopback.send(i + "\n");
            }
            loopback.peer().finish();
            return null;
        });
        assertThat(Bytes.text(frames.read().await())).isEqualTo("0\n1");

        ValueTaskChannel<String, String> lines = toLines(frames);

        assertThat(lines.read().await()).isEmpty(); // of line 1
        for (int i = 2; i < count; i++) {
            assertThat(lines.read().await()).isEqualTo(String.valueOf(i));
        }
        assertThat(lines.read().await()).isNull();
        assertThat(sender.result()).isNull();
    }

    @Test
    void newChannel_writesAndEndsAsOthersDo() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> frames = connectFrames(1);
        ValueTask<Void> before = frames.writeAndFlush(Bytes.of("before "));
        ValueTask<CloseReason> closed = frames.closed();

        ValueTaskChannel<String, String> lines = toLines(frames);
        assertThat(lines.writeAndFlush("after").await()).isNull();
        ByteBuf late = Bytes.of("late");
        assertThatThrownBy(frames.writeAndFlush(late)::await).hasMessageContaining("upgrade()");
        loopback.send("one\n");
        assertThat(lines.read().await()).isEqualTo("one");
        loopback.peer().finish();
        assertThat(lines.read().await()).isNull();
        frames.close();

        assertThat(before.await()).isNull();
        assertThat(lines.closed().await()).isEqualTo(new CloseReason.Remote());
        assertThat(closed.await()).isEqualTo(new CloseReason.Remote());
        assertThat(loopback.peer().receiveAll()).isEqualTo("before after".getBytes());
    }

    @Test
    void upgrade_again_goesOnFromThere() throws Exception {
        ValueTaskChannel<String, String> lines = toLines(connectFrames(1));
        loopback.send("one\n{}{}");
        assertThat(lines.read().await()).isEqualTo("one");

        ValueTaskChannel<ByteBuf, ByteBuf> frames = lines
                .<ByteBuf, ByteBuf>upgrade(pipeline -> Lines.replaceWithFrames(pipeline, 2)).await();

        assertThat(Bytes.text(frames.read().await())).isEqualTo("{}");
        assertThat(Bytes.text(frames.read().await())).isEqualTo("{}");
    }

    @Test
    void upgrade_whenThePipelineCannotBeChanged_failsAndCloses() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> frames = connectFrames(1);
        loopback.send("x");
        assertThat(Bytes.text(frames.read().await())).isEqualTo("x");
        IllegalStateException planted = new IllegalStateException("planted");
        ByteBuf unread = Bytes.of("unread");

        assertThatThrownBy(frames.upgrade(pipeline -> {
            throw planted;
        }, unread)::await).isSameAs(planted);

        assertThat(unread.refCnt()).isZero();
        assertThat(frames.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void upgrade_whenItsExecutorEndsMeanwhile_failsAndCloses() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> frames = connectFrames(1);
        ByteBuf unread = Bytes.of("unread");

        CompletableFuture<ValueTaskChannel<String, String>> upgrade = frames
                .<String, String>upgrade(pipeline -> executor
                        .shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly(),
                        unread)
                .toCompletableFuture();

        assertThatThrownBy(() -> upgrade.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ClosedChannelException.class);
        assertThat(unread.refCnt()).isZero();
        assertThat(frames.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void handOver_givesWhatWaitsAndAllThatFollowsToTheHandlers() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> frames = connectFrames(1);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        loopback.send("ab");
        assertThat(Bytes.text(frames.read().await())).isEqualTo("a");

        assertThat(frames.handOver(pipeline -> pipeline.addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                heard.add(Bytes.text((ByteBuf) message));
            }
        })).await()).isNull();
        loopback.send("c");

        assertThat(heard.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("b");
        assertThat(heard.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("c");
        frames.channel().close().sync();
        assertThat(frames.closed().await()).isEqualTo(new CloseReason.Local());
    }
}
