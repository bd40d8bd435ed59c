package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.string.StringDecoder;
import io.valuetask.ValueTask;
import io.valuetask.testing.BoundedLoops;
import io.valuetask.testing.BoundedLoops.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The event loop takes no more tasks while it lives, and callers on other threads need it. What refuses them may do so in its own way. */
@Timeout(60)
class RefusingLoopTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);

    private EventLoopGroup loops;
    private final CountDownLatch go = new CountDownLatch(1);
    private ServerSocket server;
    private Socket peer;
    private ValueTaskChannel<ByteBuf, ByteBuf> channel;

    private void connect(Refusal refusal) throws Exception {
        loops = BoundedLoops.newGroup(refusal);
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        channel = ValueTaskChannels.<ByteBuf, ByteBuf>connect(
                new Bootstrap().group(loops).channel(NioSocketChannel.class)
                        .handler(new ChannelInboundHandlerAdapter()),
                new InetSocketAddress(server.getInetAddress(), server.getLocalPort())).await(LIMIT);
        peer = server.accept();
        peer.setSoTimeout((int) LIMIT.toMillis());
    }

    @AfterEach
    void close() throws Exception {
        go.countDown();
        peer.close();
        server.close();
        channel.close();
        loops.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    /** Holds the loop, and fills its queue. */
    private void fill() throws InterruptedException {
        EventLoop loop = channel.channel().eventLoop();
        CountDownLatch full = new CountDownLatch(1);
        loop.execute(() -> {
            BoundedLoops.fill(loop);
            full.countDown();
            try {
                go.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        });
        assertThat(full.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static void assertSaysWhy(ValueTask<Void> refused) {
        assertThatThrownBy(() -> refused.await(LIMIT)).isInstanceOf(IOException.class)
                .isNotInstanceOf(ClosedChannelException.class)
                .hasMessageContaining("queue of the channel's event loop is full")
                .hasCauseInstanceOf(RejectedExecutionException.class);
    }

    @ParameterizedTest
    @EnumSource
    void write_whenTheQueueIsFull_failsAndTheNextOneLeaves(Refusal refusal) throws Exception {
        connect(refusal);
        fill();
        ByteBuf refused = Bytes.of("refused");

        assertSaysWhy(channel.writeAndFlush(refused));
        assertThat(refused.refCnt()).isZero();
        assertSaysWhy(channel.flush());

        go.countDown();
        awaitRoom();
        channel.writeAndFlush(Bytes.of("x")).await(LIMIT);
        assertThat(peer.getInputStream().read()).isEqualTo('x');
    }

    /** A task that is taken tells that there is room. */
    private void awaitRoom() throws Exception {
        EventLoop loop = channel.channel().eventLoop();
        for (;;) {
            try {
                if (loop.submit(() -> loop.inEventLoop()).get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (RuntimeException full) {
                Thread.onSpinWait();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void read_whenTheQueueIsFull_isAskedForWhenThereIsRoom(Refusal refusal) throws Exception {
        connect(refusal);
        peer.getOutputStream().write('a');
        ByteBuf first = channel.read().await(LIMIT);
        first.release();
        fill();

        ValueTask<ByteBuf> read = channel.read();
        peer.getOutputStream().write('b');
        go.countDown();

        ByteBuf second = read.await(LIMIT);
        assertThat(Bytes.text(second)).isEqualTo("b");
    }

    @ParameterizedTest
    @EnumSource
    void readWithin_whenTheQueueIsFull_timesOutAllTheSame(Refusal refusal) throws Exception {
        connect(refusal);
        fill();

        ValueTask<ByteBuf> read = channel.read(Duration.ofMillis(10));
        go.countDown();

        assertThatThrownBy(() -> read.await(LIMIT)).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @EnumSource
    void close_whenTheQueueIsFull_closesWhenThereIsRoom(Refusal refusal) throws Exception {
        connect(refusal);
        fill();

        channel.close();
        go.countDown();

        assertThat(channel.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThat(channel.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void upgrade_whenTheQueueIsFull_happensWhenThereIsRoom(Refusal refusal) throws Exception {
        connect(refusal);
        fill();

        ValueTask<ValueTaskChannel<String, ByteBuf>> upgrade = channel
                .<String, ByteBuf>upgrade(pipeline -> pipeline.addLast(new StringDecoder()));
        go.countDown();

        ValueTaskChannel<String, ByteBuf> next = upgrade.await(LIMIT);
        peer.getOutputStream().write("text".getBytes());
        assertThat(next.read().await(LIMIT)).isEqualTo("text");
    }
}
