package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.testing.BackgroundCall;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** A peer that sends more than is read. */
@ParameterizedClass
@EnumSource(Transport.class)
class ReadBoundsTest {
    private static final int MARK = 64 * 1024;

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

    @Test
    void socket_whenNobodyReads_isReadToTheMarkOnly() throws Throwable {
        byte[] sent = Bytes.pattern(16 * 1024 * 1024);
        Meter meter = new Meter();
        try (Loopback loopback = Loopback.on(transport)
                .serverPipeline(channel -> channel.pipeline().addLast(meter)).connectSocket()) {
            BackgroundCall<Void> sender = BackgroundCall.start(PLATFORM, () -> {
                loopback.socket().getOutputStream().write(sent);
                loopback.socket().shutdownOutput();
                return null;
            });
            while (meter.bytes.get() < MARK) {
                Thread.onSpinWait(); // bounded by the test's timeout
            }
            // What is on its way to the loop gets there; a reader without a bound would take all of it.
            for (int i = 0; i < 1000; i++) {
                loopback.awaitServerLoop();
            }
            assertThat(meter.bytes.get()).isBetween((long) MARK, (long) MARK + meter.largest);
            assertThat(sender.thread().isAlive()).as("the peer is held up").isTrue();

            byte[] received = BackgroundCall.start(VIRTUAL, () -> Streams.readAll(loopback.server()))
                    .result();
            assertThat(received).isEqualTo(sent);
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
