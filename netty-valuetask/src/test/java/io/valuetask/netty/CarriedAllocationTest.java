package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.valuetask.ValueTask;
import io.valuetask.schedule.EventLoopCarrier;
import io.valuetask.schedule.EventLoopVirtualThreads;
import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.AllocatedBytes.Operation;
import io.valuetask.testing.BackgroundCall;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What a message costs that a thread of the channel's own loop reads and answers: no object. All of it happens on the loop's
 * thread, which is measured: messages are delivered there, and their batch ends when they are answered. Without a transport,
 * which has costs of its own: the handler before ours takes every message that is written.
 */
@Timeout(120)
class CarriedAllocationTest {
    private static final double LIMIT_BYTES = 0.5;
    private static final int BURST = 16;
    private static final int BATCHES = 2_000;
    private static final int TASKS = 100;
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String MESSAGE = "message";

    /** A message has left when it is flushed. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        private final ChannelPromise[] unflushed = new ChannelPromise[BURST];
        private int count;
        private long left;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            unflushed[count++] = promise;
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            int flushed = count;
            count = 0;
            for (int i = 0; i < flushed; i++) {
                unflushed[i].setSuccess();
            }
            left += flushed;
        }
    }

    private final Sink sink = new Sink();
    /** As many writes are under way at once as a batch has messages. */
    private final ValueTaskHandler<String, String> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Sink.class), null);
    private final ValueTaskChannel<String, String> channel = handler.channel();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    private EventLoop loop;

    @BeforeEach
    void register() throws Exception {
        assumeTrue(EventLoopVirtualThreads.isSupported(),
                () -> "event loops carry no threads: " + EventLoopVirtualThreads.whyUnsupported());
        LocalChannel local = new LocalChannel();
        group.register(local).sync();
        loop = local.eventLoop();
        loop.submit(() -> local.pipeline().addLast(sink, handler)).sync();
    }

    @AfterEach
    void end() throws Exception {
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    /** Serves, until the loop ends. Each in a lambda of its own, as users have it. */
    private void serve(Operation echo) {
        BackgroundCall.start(loop, () -> {
            for (;;) {
                echo.run();
            }
        }).awaitParked();
    }

    /**
     * As a task of the loop. Where the machine holds it up for a millisecond the turn of that moment ends, and the next one is
     * behind this task and the loop's I/O: that is not to be measured.
     */
    private double bytesPerMessage(Operation deliver, int burst) throws Exception {
        long before = sink.left;
        double each = AllocatedBytes.perOperation(BATCHES, deliver) / burst;
        return sink.left - before == (long) BATCHES * burst ? each : Double.MAX_VALUE;
    }

    private void assertAllocatesNothing(int burst) throws Exception {
        ChannelPipeline pipeline = channel.channel().pipeline();
        EventLoopCarrier carrier = requireNonNull(EventLoopCarrier.of(loop));
        Operation deliver = () -> {
            for (int i = 0; i < burst; i++) {
                pipeline.fireChannelRead(MESSAGE);
            }
            pipeline.fireChannelReadComplete();
            carrier.turn(); // which the loop does when it has read all channels; it is in a task of ours
        };
        double bytes = AllocatedBytes.leastOf(LIMIT_BYTES, () -> {
            double least = Double.MAX_VALUE;
            for (int i = 0; i < TASKS; i++) {
                long answered = loop.submit(() -> sink.left).get() + (long) BATCHES * burst;
                least = Math.min(least, loop.submit(() -> bytesPerMessage(deliver, burst)).get());
                while (loop.submit(() -> sink.left).get() < answered) {
                    Thread.onSpinWait();
                }
            }
            return least;
        });

        assertThat(bytes).as("bytes per message").isLessThan(LIMIT_BYTES);
        assertThat(loop.submit(() -> {
            long before = sink.left;
            deliver.run();
            return sink.left - before;
        }).get()).as("answers to a batch").isEqualTo((long) burst);
    }

    @Test
    void send_allocatesNothing() throws Exception {
        serve(() -> channel.send(channel.read().await()).await());

        assertAllocatesNothing(1);
    }

    @Test
    void send_ofABurst_allocatesNothing() throws Exception {
        serve(() -> channel.send(channel.read().await()).await());

        assertAllocatesNothing(BURST);
    }

    @Test
    void writeAndFlush_allocatesNothing() throws Exception {
        serve(() -> channel.writeAndFlush(channel.read().await()).await());

        assertAllocatesNothing(1);
    }

    @Test
    void writeAndFlush_ofABurst_allocatesNothing() throws Exception {
        serve(() -> channel.writeAndFlush(channel.read().await()).await());

        assertAllocatesNothing(BURST);
    }

    /** Nobody waits for the write: its body reads on, and the loop completes it then. */
    @Test
    void writeThatIsDiscarded_allocatesNothing() throws Exception {
        serve(() -> channel.writeAndFlush(channel.read().await()).discard());

        assertAllocatesNothing(1);
    }

    @Test
    void readWithTimeout_allocatesNothing() throws Exception {
        serve(() -> channel.send(channel.read(LONG).await()).await());

        assertAllocatesNothing(1);
    }

    @Test
    void writeAndThenFlush_allocatesNothing() throws Exception {
        serve(() -> {
            ValueTask<Void> write = channel.write(channel.read().await());
            channel.flush().await();
            write.await();
        });

        assertAllocatesNothing(1);
    }
}
