package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.ValueTask;
import io.valuetask.schedule.EventLoopVirtualThreads;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The event loop takes no more tasks while it lives, and callers on other threads need it. What refuses them may do so in its own way. */
@Timeout(60)
class RefusingLoopTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);

    /** Keeps writes to itself, when it is to. */
    private static final class Keeper extends ChannelOutboundHandlerAdapter {
        private final BlockingQueue<ChannelPromise> kept = new LinkedBlockingQueue<>();
        private volatile boolean keeps;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (keeps) {
                ReferenceCountUtil.release(message);
                kept.add(promise);
            } else {
                ctx.write(message, promise);
            }
        }
    }

    private final Keeper keeper = new Keeper();
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
                new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Keeper.class),
                pipeline -> pipeline.addLast(keeper)).await(LIMIT);
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

    private void fill() throws InterruptedException {
        fill(channel.channel().eventLoop());
    }

    /** Holds the loop, and fills its queue. */
    private void fill(EventLoop loop) throws InterruptedException {
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

    /** It is in the list of what is in flight still, and a flush waits for that. */
    @ParameterizedTest
    @EnumSource
    void promise_whichAnotherThreadCompletesWhenTheQueueIsFull_isPublishedWhenThereIsRoom(Refusal refusal)
            throws Exception {
        connect(refusal);
        keeper.keeps = true;
        ValueTask<Void> write = channel.write(Bytes.of("kept"));
        ChannelPromise promise = requireNonNull(keeper.kept.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS));
        fill();

        promise.setSuccess();
        assertThat(write.isCompleted()).as("by the loop, which is held").isFalse();
        go.countDown();

        write.await(LIMIT);
        awaitRoom();
        channel.flush().await(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void write_byABodyOfTheLoopWhenItsQueueIsFull_failsAndTheNextOneLeaves(Refusal refusal) throws Exception {
        connect(refusal);
        EventLoop loop = channel.channel().eventLoop();
        AtomicReference<ByteBuf> message = new AtomicReference<>();
        FutureTask<Void> body = new FutureTask<>(() -> {
            BoundedLoops.fill(loop);
            message.set(Bytes.of("refused"));
            assertSaysWhy(channel.writeAndFlush(message.get()));
            return null;
        });

        EventLoopVirtualThreads.factory(loop, "body-").newThread(body).start();

        body.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(message.get().refCnt()).isZero();
        awaitRoom();
        channel.writeAndFlush(Bytes.of("x")).await(LIMIT);
        assertThat(peer.getInputStream().read()).isEqualTo('x');
        assertThat(channel.toString()).contains("travelling=0 bytes");
    }

    @ParameterizedTest
    @EnumSource
    void accept_whenTheQueueOfTheServersLoopIsFull_hasItWhenThereIsRoom(Refusal refusal) throws Exception {
        connect(refusal); // for what is closed in the end
        EventLoopGroup bounded = BoundedLoops.newGroup(refusal);
        EventLoopGroup children = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        AtomicReference<EventLoop> serversLoop = new AtomicReference<>();
        CountDownLatch ready = new CountDownLatch(1);
        try (ValueTaskServerChannel<ByteBuf, ByteBuf> listening = ValueTaskServerChannel
                .<ByteBuf, ByteBuf>bind(new ServerBootstrap().group(bounded, children)
                        .channel(NioServerSocketChannel.class),
                        new InetSocketAddress(server.getInetAddress(), 0),
                        pipeline -> pipeline.addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRegistered(ChannelHandlerContext ctx) throws Exception {
                                fill(serversLoop.get());
                                ctx.fireChannelRegistered();
                                ctx.executor().execute(ready::countDown);
                            }
                        }))
                .await(LIMIT)) {
            serversLoop.set(listening.channel().eventLoop());
            ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> accept = listening.accept();
            InetSocketAddress address = (InetSocketAddress) listening.localAddress();
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                assertThat(ready.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                assertThat(accept.isCompleted()).as("by the server's loop, which is held").isFalse();
                go.countDown();

                accept.await(LIMIT).close();
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            go.countDown();
            bounded.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
            children.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }
}
