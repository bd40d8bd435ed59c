package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.ValueTask;
import io.valuetask.schedule.EventLoopVirtualThreads;
import io.valuetask.testing.BackgroundCall;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** How often a channel is flushed whose messages are answered by a thread that its own event loop carries. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class CarriedFlushTest {
    private static final int BURST = 16;
    private static final byte[] TEXT = "0123456789abcdef".getBytes();
    /** So long a chain would be endless for a test that waits for it. */
    private static final int ENDLESS = 100_000;

    @Parameter
    Transport transport;

    private final FlushCounter counter = new FlushCounter();
    private Loopback loopback;

    /** How a message is answered. */
    enum Way {
        SEND {
            @Override
            void answer(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) throws Exception {
                channel.send(message).await();
            }
        },
        WRITE_AND_FLUSH {
            @Override
            void answer(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) {
                channel.writeAndFlush(message).discard();
            }
        },
        WRITE_ALL {
            @Override
            void answer(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) {
                channel.write(message).discard();
            }

            @Override
            void finish(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
                channel.writeAll(List.of()).await();
            }
        },
        WRITE_THEN_FLUSH {
            @Override
            void answer(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) {
                channel.write(message).discard();
            }

            @Override
            void finish(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
                channel.flush().await();
            }
        };

        abstract void answer(ValueTaskChannel<ByteBuf, ByteBuf> channel, ByteBuf message) throws Exception;

        /** The burst is over. */
        void finish(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {}

        void answerAll(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
            for (ByteBuf message; (message = channel.read().await()) != null;) {
                answer(channel, message);
                while ((message = channel.tryRead()) != null) {
                    answer(channel, message);
                }
                finish(channel);
            }
        }
    }

    @BeforeEach
    void requireCarriers() {
        assumeTrue(EventLoopVirtualThreads.isSupported(),
                () -> "event loops carry no threads: " + EventLoopVirtualThreads.whyUnsupported());
    }

    @AfterEach
    void close() {
        if (loopback != null) {
            loopback.close();
        }
    }

    /** Everything at once: one write of the peer, and one message of each byte. */
    private void connect(FlushPolicy policy) throws Exception {
        loopback = Loopback.on(transport, 1)
                .options(ValueTaskChannelOptions.DEFAULTS.flushPolicy(policy))
                .serverPipeline(
                        channel -> channel.pipeline().addLast(counter, new FixedLengthFrameDecoder(1)))
                .connectSocket();
    }

    private BackgroundCall<Void> serve(Way way) {
        return BackgroundCall.<Void>start(loopback.server().channel().eventLoop(), () -> {
            way.answerAll(loopback.server());
            return null;
        }).awaitParked();
    }

    private void sendBurst() throws Exception {
        loopback.peer().send(TEXT);
        assertThat(loopback.receive(BURST)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void burst_answeredOneByOne_isFlushedOnce(Way way) throws Throwable {
        connect(FlushPolicy.END_OF_TURN);
        BackgroundCall<Void> server = serve(way);

        for (int bursts = 1; bursts <= 3; bursts++) {
            sendBurst();
            assertThat(counter.flushes()).isEqualTo(bursts);
        }
        loopback.peer().finish();
        server.result();
    }

    /** The next message is not even read before the one before it has left. */
    @Test
    void burst_answeredByAwaitedWrites_isFlushedMessageByMessage() throws Throwable {
        connect(FlushPolicy.END_OF_TURN);
        BackgroundCall<Void> server = BackgroundCall
                .<Void>start(loopback.server().channel().eventLoop(), () -> {
                    Streams.echo(loopback.server());
                    return null;
                }).awaitParked();

        sendBurst();

        assertThat(counter.flushes()).isEqualTo(BURST);
        loopback.peer().finish();
        server.result();
    }

    @Test
    void burst_whenThePolicyIsNow_isFlushedMessageByMessage() throws Throwable {
        connect(FlushPolicy.NOW);
        BackgroundCall<Void> server = serve(Way.SEND);

        sendBurst();

        assertThat(counter.flushes()).isEqualTo(BURST);
        loopback.peer().finish();
        server.result();
    }

    /** Two threads, one channel: what both of them write in a turn leaves together. */
    @Test
    void writes_ofTwoThreadsInOneTurn_areFlushedOnce() throws Throwable {
        connect(FlushPolicy.END_OF_TURN);
        EventLoop loop = loopback.server().channel().eventLoop();
        CompletableFuture<Void> go = new CompletableFuture<>();
        List<BackgroundCall<Void>> writers = List.of(writer(loop, go).awaitParked(),
                writer(loop, go).awaitParked());

        loop.submit(() -> go.complete(null)).sync();

        assertThat(loopback.receive(2)).isEqualTo("xx".getBytes());
        assertThat(counter.flushes()).isOne();
        for (BackgroundCall<Void> writer : writers) {
            writer.result();
        }
    }

    private BackgroundCall<Void> writer(EventLoop loop, CompletableFuture<Void> go) {
        return BackgroundCall.start(loop, () -> {
            go.get();
            return loopback.server().writeAndFlush(Bytes.of("x")).await();
        });
    }

    // Fairness

    /** A message has left when it is flushed, without any socket that might be full. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        private final Queue<ChannelPromise> unflushed = new ArrayDeque<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            unflushed.add(promise);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            for (int flushed = unflushed.size(); flushed > 0; flushed--) {
                unflushed.remove().setSuccess();
            }
        }
    }

    /** Continuations that write when they have written, until somebody says stop. */
    private final class Chain {
        private int length;
        private boolean stop;
        private final CompletableFuture<Integer> end = new CompletableFuture<>();

        void next() {
            if (stop || length++ == ENDLESS) {
                end.complete(length);
                return;
            }
            ValueTask<Void> write = loopback.server().writeAndFlush(Bytes.of("x"));
            if (!write.onCompleted(this::written, write)) {
                written(write);
            }
        }

        private void written(ValueTask<Void> write) {
            try {
                write.result();
                next();
            } catch (Exception failure) {
                end.completeExceptionally(failure);
            }
        }
    }

    /** As it does outside a turn: the tasks of the loop have theirs meanwhile. */
    @Test
    void chainOfContinuations_thatACarriedThreadHasBegun_letsTheLoopsTasksRun() throws Throwable {
        loopback = Loopback.on(transport, 1)
                .serverPipeline(channel -> channel.pipeline().addLast(new Sink())).connectSocket();
        EventLoop loop = loopback.server().channel().eventLoop();
        Chain chain = new Chain();
        BackgroundCall.start(loop, () -> {
            chain.next();
            loop.execute(() -> chain.stop = true);
            return null;
        }).result();

        assertThat(chain.end.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isLessThan(ENDLESS / 10);
    }
}
