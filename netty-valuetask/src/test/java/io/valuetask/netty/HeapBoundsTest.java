package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** What peers can make a channel hold on the heap: as many objects as are marked, not as many as there are bytes. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class HeapBoundsTest {
    /** What else happens in a JVM between two collections. */
    private static final long NOISE_BYTES = 3 << 20;
    /** A frame: its slice and its place in the queue. */
    private static final int FRAME_BYTES = 256;
    private static final int MARKED_MESSAGES = 64;
    private static final int BURST = 64 * 1024;

    @Parameter
    Transport transport;

    private final Level level = ResourceLeakDetector.getLevel();

    /** Its records would be many times what is measured. */
    @BeforeEach
    void watchNoBuffers() {
        ResourceLeakDetector.setLevel(Level.DISABLED);
    }

    @AfterEach
    void watchThem() {
        ResourceLeakDetector.setLevel(level);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void burstOfFramesOfOneByte_toASlowBody_holdsThoseThatAreMarkedAndWhatOneReadBrings() throws Throwable {
        AtomicLong frames = new AtomicLong();
        AtomicLong largestRead = new AtomicLong();
        CountDownLatch goOn = new CountDownLatch(1);
        try (Loopback loopback = Loopback.on(transport).serverPipeline(channel -> channel.pipeline()
                .addLast(
                        counting(message -> largestRead.accumulateAndGet(message.readableBytes(), Math::max)),
                        new FixedLengthFrameDecoder(1), counting(message -> frames.incrementAndGet())))
                .connectSocket()) {
            long before = usedHeap();
            BackgroundCall<Integer> slow = BackgroundCall.start(VIRTUAL, () -> {
                int count = 0;
                for (ByteBuf frame; count < BURST && (frame = loopback.server().read().await()) != null;) {
                    frame.release();
                    if (++count == 1) {
                        goOn.await();
                    }
                }
                return count;
            });
            BackgroundCall<Void> sender = BackgroundCall.start(PLATFORM, () -> {
                loopback.socket().getOutputStream().write(Bytes.pattern(BURST));
                return null;
            });
            while (frames.get() < MARKED_MESSAGES) {
                Thread.onSpinWait(); // bounded by the test's timeout
            }
            loopback.settleServerLoop();

            long growth = usedHeap() - before;
            long marked = MARKED_MESSAGES + largestRead.get();
            assertThat(frames.get()).isLessThanOrEqualTo(marked + 1);
            assertThat(growth).as("heap for %s frames", frames)
                    .isLessThan(marked * FRAME_BYTES + NOISE_BYTES);

            goOn.countDown();
            assertThat(slow.result()).isEqualTo(BURST);
            assertThat(sender.result()).isNull();
        }
    }

    private interface Count {
        void see(ByteBuf message);
    }

    private static ChannelInboundHandlerAdapter counting(Count count) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                count.see((ByteBuf) message);
                ctx.fireChannelRead(message);
            }
        };
    }

    @Test
    void endlessWriter_toAStalledPeer_holdsNoMoreThanTheHighWaterMarkCounts() throws Throwable {
        AtomicLong sent = new AtomicLong();
        try (Loopback loopback = Loopback.on(transport).smallBuffers().closeDeadline(Duration.ofMillis(10))
                .connectSocket()) {
            long before = usedHeap();
            BackgroundCall<Void> writer = BackgroundCall.start(VIRTUAL, () -> {
                for (;;) {
                    loopback.server().send(Bytes.of("x")).await();
                    sent.incrementAndGet();
                }
            });
            long known;
            do { // until the socket is full, too; some time later the kernel may find room for some more
                known = sent.get();
                loopback.settleServerLoop();
            } while (sent.get() > known || loopback.server().channel().isWritable());

            assertThat(usedHeap() - before).as("heap, %s sent", sent).isLessThan(NOISE_BYTES);
            assertThat(writer.thread().isAlive()).as("the writer goes on").isTrue();
            loopback.server().close();
            assertThat(writer.failure()).isInstanceOf(IOException.class);
        }
    }
}
