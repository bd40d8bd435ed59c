package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.traffic.AbstractTrafficShapingHandler;
import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import io.netty.handler.traffic.GlobalChannelTrafficShapingHandler;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Netty's handlers that limit how fast a channel is read. They may be late, but never early. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
@Timeout(60)
class TrafficShapingTest {
    private static final int BYTES_PER_SECOND = 64 * 1024;
    private static final int CHECK_MILLIS = 100;
    private static final int SIZE = 64 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Parameter
    Transport transport;

    private final DefaultEventExecutor timer = new DefaultEventExecutor();
    private final ExecutorService peers = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        peers.shutdownNow();
        timer.shutdownGracefully(0, 20, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private enum Kind {
        CHANNEL,
        GLOBAL,
        GLOBAL_CHANNEL;

        AbstractTrafficShapingHandler limitingReads(DefaultEventExecutor timer) {
            return switch (this) {
                case CHANNEL -> new ChannelTrafficShapingHandler(0, BYTES_PER_SECOND, CHECK_MILLIS);
                case GLOBAL -> new GlobalTrafficShapingHandler(timer, 0, BYTES_PER_SECOND, CHECK_MILLIS);
                case GLOBAL_CHANNEL ->
                    new GlobalChannelTrafficShapingHandler(timer, 0, 0, 0, BYTES_PER_SECOND,
                            CHECK_MILLIS);
            };
        }
    }

    private Loopback connect(ChannelHandler shaping, ValueTaskChannelOptions options) throws Exception {
        return Loopback.on(transport).options(options).serverPipeline(channel -> {
            channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(4096));
            channel.pipeline().addLast(shaping);
        }).connectSocket();
    }

    /** Answers how many milliseconds it took. */
    private long readAll(Loopback loopback) throws Exception {
        byte[] sent = Bytes.pattern(SIZE);
        Future<?> sending = peers.submit(() -> {
            loopback.peer().send(sent);
            return null;
        });
        long begun = System.nanoTime();
        byte[] received = new byte[SIZE];
        for (int count = 0; count < SIZE;) {
            ByteBuf part = loopback.server().read().await(LIMIT);
            int length = part.readableBytes();
            part.readBytes(received, count, length).release();
            count += length;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        sending.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(received).isEqualTo(sent);
        return millis;
    }

    @ParameterizedTest
    @EnumSource
    void read_behindAHandlerThatLimitsReads_takesItsTime(Kind kind) throws Exception {
        AbstractTrafficShapingHandler shaping = kind.limitingReads(timer);
        try (Loopback loopback = connect(shaping, ValueTaskChannelOptions.DEFAULTS)) {
            assertThat(readAll(loopback)).isGreaterThan(500);
            assertThat(loopback.server().channel().config().isAutoRead()).isFalse();
        } finally {
            release(shaping);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "CHANNEL")
    void read_withStrictPullBehindAHandlerThatLimitsReads_takesItsTime(Kind kind) throws Exception {
        try (Loopback loopback = connect(kind.limitingReads(timer),
                ValueTaskChannelOptions.DEFAULTS.readAhead(false))) {
            assertThat(readAll(loopback)).isGreaterThan(500);
        }
    }

    /** It shows AUTO_READ on just then, and has nothing to switch off behind it. */
    @ParameterizedTest
    @EnumSource(names = "CHANNEL")
    void handler_removedAmidAMessage_leavesAutoReadAsItWas(Kind kind) {
        ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
        EmbeddedChannel channel = new EmbeddedChannel(kind.limitingReads(timer), handler);
        assertThat(channel.pipeline().get(ShapedReads.class)).isNotNull();
        assertThat(channel.config().isAutoRead()).isFalse();
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter());
        handler.channel().read().onCompleted(ignored -> channel.pipeline().remove(handler), null);

        channel.writeInbound(Bytes.of("x"));

        assertThat(channel.pipeline().get(ValueTaskHandler.class)).isNull();
        assertThat(channel.pipeline().get(ShapedReads.class)).isNull();
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    private static void release(AbstractTrafficShapingHandler shaping) {
        if (shaping instanceof GlobalTrafficShapingHandler global) {
            global.release();
        }
    }
}
