package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.valuetask.testing.BackgroundCall;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** A peer that sends more than is read. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class ReadBoundsTest {
    private static final int MARK = 64 * 1024;
    private static final int MARKED_MESSAGES = 64;
    private static final int REQUESTS = 1024;

    @Parameter
    Transport transport;

    /** Counts what comes out of the socket. */
    private static final class Meter extends ChannelInboundHandlerAdapter {
        final AtomicLong bytes = new AtomicLong();
        volatile int largest;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            int size = ((ByteBuf) message).readableBytes();
            largest = Math.max(largest, size);
            bytes.addAndGet(size);
            ctx.fireChannelRead(message);
        }
    }

    private static final class BodyOnly extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(((FullHttpRequest) message).content());
        }
    }

    private static BackgroundCall<Void> send(Loopback loopback, byte[] bytes) {
        return BackgroundCall.start(PLATFORM, () -> {
            loopback.socket().getOutputStream().write(bytes);
            loopback.socket().shutdownOutput();
            return null;
        });
    }

    private static void awaitStandstill(Loopback loopback, Meter meter, int mark)
            throws InterruptedException {
        while (meter.bytes.get() < mark) {
            Thread.onSpinWait(); // bounded by the test's timeout
        }
        loopback.settleServerLoop(); // a reader without a bound would take all of it
    }

    @Test
    void socket_whenNobodyReads_isReadToTheMarkOnly() throws Throwable {
        byte[] sent = Bytes.pattern(16 * 1024 * 1024);
        Meter meter = new Meter();
        try (Loopback loopback = Loopback.on(transport)
                .serverPipeline(channel -> channel.pipeline().addLast(meter)).connectSocket()) {
            BackgroundCall<Void> sender = send(loopback, sent);
            awaitStandstill(loopback, meter, MARK);
            assertThat(meter.bytes.get()).isBetween((long) MARK, (long) MARK + meter.largest);
            assertThat(sender.thread().isAlive()).as("the peer is held up").isTrue();

            byte[] received = BackgroundCall.start(VIRTUAL, () -> Streams.readAll(loopback.server()))
                    .result();
            assertThat(received).isEqualTo(sent);
            assertThat(sender.result()).isNull();
        }
    }

    /** The rest of what a decoder finds in one buffer comes unasked. */
    @Test
    void frames_ofOneByteThatNobodyReads_areQueuedToTheMarkAndWhatOneReadBrings() throws Throwable {
        byte[] sent = Bytes.pattern(MARK);
        Meter meter = new Meter();
        Meter frames = new Meter();
        PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
        try (Loopback loopback = Loopback.on(transport).serverPipeline(channel -> {
            channel.config().setAllocator(allocator);
            channel.pipeline().addLast(meter, new FixedLengthFrameDecoder(1), frames);
        }).connectSocket()) {
            BackgroundCall<Void> sender = BackgroundCall.start(PLATFORM, () -> {
                loopback.socket().getOutputStream().write(sent); // and no FIN, which epoll would read up to
                return null;
            });
            awaitStandstill(loopback, frames, MARKED_MESSAGES);

            assertThat(frames.bytes.get()).isBetween((long) MARKED_MESSAGES,
                    (long) MARKED_MESSAGES + meter.largest);
            // The buffers those bytes came in, and the one that the transport reads into next.
            assertThat(allocator.pinnedDirectMemory()).isLessThanOrEqualTo(4L * MARK);

            sender.result();
            loopback.socket().shutdownOutput();
            byte[] received = BackgroundCall.start(VIRTUAL, () -> Streams.readAll(loopback.server()))
                    .result();
            assertThat(received).isEqualTo(sent);
        }
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }

    /** Epoll and io_uring read to the end when they learn of the FIN, wanted or not. */
    @Test
    void socket_whenThePeerHasFinishedAndNobodyReads_losesNothingAndHoldsWhatTheKernelHeld()
            throws Throwable {
        byte[] sent = Bytes.pattern(4 * 1024 * 1024);
        Meter meter = new Meter();
        try (Loopback loopback = Loopback.on(transport).serverPipeline(channel -> {
            channel.config().setOption(ChannelOption.SO_RCVBUF, sent.length);
            channel.pipeline().addLast(meter);
        }).connectSocket()) {
            BackgroundCall<Void> sender = send(loopback, sent);
            sender.result(); // all of it is in the kernel's buffers, and the FIN behind it
            awaitStandstill(loopback, meter, MARK);
            int kernelHolds = loopback.server().channel().config().getOption(ChannelOption.SO_RCVBUF);
            long most = transport != Transport.NIO ? kernelHolds : MARK + meter.largest;
            assertThat(meter.bytes.get()).isBetween((long) MARK, most);

            byte[] received = BackgroundCall.start(VIRTUAL, () -> Streams.readAll(loopback.server()))
                    .result();
            assertThat(received).isEqualTo(sent);
        }
    }

    /** An aggregator asks for more whenever a read ends amid a message, here nearly always. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void socket_whenAHandlerAsksForMoreByItself_isReadToTheMarkAndOneReadMore(boolean ahead)
            throws Throwable {
        byte[] body = Bytes.pattern(16_000);
        ByteBuf request = Unpooled.wrappedBuffer(Bytes.of("POST / HTTP/1.1\r\ncontent-length: 16000\r\n\r\n"),
                Unpooled.wrappedBuffer(body));
        byte[] sent = new byte[REQUESTS * request.readableBytes()];
        for (int i = 0; i < REQUESTS; i++) {
            request.getBytes(0, sent, i * request.readableBytes(), request.readableBytes());
        }
        request.release();
        Meter meter = new Meter();
        try (Loopback loopback = Loopback.on(transport)
                .options(ValueTaskChannelOptions.DEFAULTS.readAhead(ahead))
                .serverPipeline(channel -> channel.pipeline().addLast(meter, new HttpRequestDecoder(),
                        new HttpObjectAggregator(body.length), new BodyOnly()))
                .connectSocket()) {
            BackgroundCall<Void> sender = send(loopback, sent);
            ByteBuf first = loopback.server().read().await(); // without it a strict channel asks for nothing
            assertThat(ByteBufUtil.getBytes(first)).isEqualTo(body);
            first.release();
            awaitStandstill(loopback, meter, MARK);
            assertThat(meter.bytes.get()).isBetween((long) MARK, MARK + 3L * meter.largest);
            assertThat(sender.thread().isAlive()).as("the peer is held up").isTrue();

            byte[] received = BackgroundCall.start(VIRTUAL, () -> Streams.readAll(loopback.server()))
                    .result();
            assertThat(received).hasSize((REQUESTS - 1) * body.length);
            assertThat(sender.result()).isNull();
        }
    }

    @Test
    void frames_ofOneByte_areAllReadInOrder() throws Throwable {
        byte[] sent = Bytes.pattern(MARK);
        try (Loopback loopback = Loopback.on(transport)
                .serverPipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .connectSocket()) {
            OutputStream out = loopback.socket().getOutputStream();
            BackgroundCall<byte[]> reader = BackgroundCall.start(VIRTUAL,
                    () -> Streams.readAll(loopback.server()));
            out.write(sent);
            loopback.socket().shutdownOutput();

            assertThat(reader.result()).isEqualTo(sent);
        }
    }
}
