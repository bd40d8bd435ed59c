package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ResourceLeakDetector;
import io.valuetask.ValueTask;
import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.AllocatedBytes.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a pump costs for each message: no object. */
@Timeout(60)
class PumpAllocationTest {
    private static final double LIMIT_BYTES = 0.5;
    /** How often a loop of io_uring turns, and makes objects, is chance. But no object is as small. */
    private static final double LIMIT_BYTES_ON_IO_URING = 8;
    private static final int OPERATIONS = 2_000;
    /** More than the writes that are kept by default. */
    private static final int BURST = 256;

    private static final class Counter extends ChannelOutboundHandlerAdapter {
        private int passed;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            passed++;
            promise.setSuccess();
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            // Embedded channels copy what is flushed into a queue, which is not ours.
        }
    }

    @Test
    void pump_betweenChannelsOfOneLoop_allocatesNothingPerMessage() throws Exception {
        ValueTaskHandler<Object, Object> in = new ValueTaskHandler<>();
        ValueTaskHandler<Object, Object> out = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.NOW).trustedHandlers(Counter.class),
                null);
        EmbeddedChannel from = new EmbeddedChannel(in);
        Counter counter = new Counter();
        EmbeddedChannel to = new EmbeddedChannel(counter, out);
        ValueTask<Void> pump = ValueTaskChannels.pump(in.channel(), out.channel());

        double least = AllocatedBytes.leastOf(LIMIT_BYTES, () -> AllocatedBytes.perOperation(() -> {
            from.pipeline().fireChannelRead("message");
            from.pipeline().fireChannelReadComplete();
            to.runPendingTasks();
        }));

        assertThat(least).as("bytes per message").isLessThan(LIMIT_BYTES);
        assertThat(counter.passed).isPositive();
        from.finish();
        to.finish();
        assertThat(pump.isCompleted()).isTrue();
        pump.discard();
    }

    /** A message has left when it is flushed. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        private final ChannelPromise[] unflushed = new ChannelPromise[BURST];
        private int count;

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
        }
    }

    /** As many writes are under way at once as the batch has messages, and all are kept. */
    @Test
    void pump_ofABurstOfAsManyMessagesAsWritesAreKept_allocatesNothingPerMessage() throws Exception {
        ValueTaskHandler<Object, Object> in = new ValueTaskHandler<>();
        ValueTaskHandler<Object, Object> out = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.pooledWrites(BURST).trustedHandlers(Sink.class), null);
        EmbeddedChannel from = new EmbeddedChannel(in);
        EmbeddedChannel to = new EmbeddedChannel(new Sink(), out);
        ValueTask<Void> pump = ValueTaskChannels.pump(in.channel(), out.channel());

        double least = AllocatedBytes.leastOf(LIMIT_BYTES,
                () -> AllocatedBytes.perOperation(OPERATIONS, () -> {
                    for (int i = 0; i < BURST; i++) {
                        from.pipeline().fireChannelRead("message");
                    }
                    from.pipeline().fireChannelReadComplete();
                    to.runPendingTasks();
                }));

        assertThat(least).as("bytes per burst").isLessThan(LIMIT_BYTES);
        from.finish();
        to.finish();
        pump.discard();
    }

    // Between two loops, on sockets

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_betweenChannelsOfTwoLoops_allocatesNothingPerMessage(Transport transport) throws Exception {
        try (Side from = new Side(transport); Side to = new Side(transport)) {
            ValueTask<Void> pump = ValueTaskChannels.pump(from.channel(), to.channel());

            assertAllocatesNothing(transport, from, to, () -> from.passTo(to));

            from.finish();
            assertThat(pump.await(Listening.LIMIT)).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_betweenChannelsOfTwoLoops_allocatesNothingPerMessage(Transport transport) throws Exception {
        try (Side left = new Side(transport); Side right = new Side(transport)) {
            ValueTask<Void> relay = ValueTaskChannels.relay(left.channel(), right.channel());

            assertAllocatesNothing(transport, left, right, () -> {
                left.passTo(right);
                right.passTo(left);
            });

            left.finish();
            right.finish();
            assertThat(relay.await(Listening.LIMIT)).isNull();
        }
    }

    /** A channel on a loop of its own, and the plain socket at its other end. */
    private static final class Side implements AutoCloseable {
        private final Shortcut shortcut = new Shortcut();
        private final Loopback loopback;
        private final InputStream in;
        private final OutputStream out;
        private final byte[] message = {1};
        private final Thread loopThread;

        Side(Transport transport) throws Exception {
            loopback = Loopback.on(transport)
                    .serverPipeline(accepted -> accepted.pipeline().addLast(shortcut))
                    .connectSocket();
            in = loopback.socket().getInputStream();
            out = loopback.socket().getOutputStream();
            loopThread = channel().channel().eventLoop().submit(Thread::currentThread).get();
        }

        ValueTaskChannel<ByteBuf, ByteBuf> channel() {
            return loopback.server();
        }

        void passTo(Side other) throws IOException {
            out.write(message);
            if (other.in.read(other.message) != 1) {
                throw new AssertionError("the end, at " + other.channel());
            }
        }

        void finish() throws IOException {
            loopback.socket().shutdownOutput();
        }

        @Override
        public void close() {
            loopback.close();
        }
    }

    /** Forwards as raw Netty does, while it is told to. */
    private static final class Shortcut extends ChannelInboundHandlerAdapter {
        private volatile Channel to;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Channel next = to;
            if (next == null) {
                ctx.fireChannelRead(message);
            } else {
                next.writeAndFlush(message, next.voidPromise());
            }
        }
    }

    /** Beyond what the transport allocates for the same bytes. On epoll that is nothing. */
    private static void assertAllocatesNothing(Transport transport, Side one, Side other, Operation operation)
            throws Exception {
        double limit = transport == Transport.IO_URING ? LIMIT_BYTES_ON_IO_URING : LIMIT_BYTES;
        assertThat(one.loopThread).isNotSameAs(other.loopThread);
        ResourceLeakDetector.Level tracking = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // a tracked buffer has objects of its own
        try {
            double least = AllocatedBytes.leastOf(limit, () -> {
                double ours = perOperation(one, other, operation);
                one.shortcut.to = other.channel().channel();
                other.shortcut.to = one.channel().channel();
                double raw = perOperation(one, other, operation);
                one.shortcut.to = null;
                other.shortcut.to = null;
                return ours - raw;
            });

            assertThat(least).as("bytes per message, beyond those of the transport").isLessThan(limit);
        } finally {
            ResourceLeakDetector.setLevel(tracking);
        }
    }

    private static double perOperation(Side one, Side other, Operation operation) throws Exception {
        return AllocatedBytes.perOperation(OPERATIONS, operation, one.loopThread, other.loopThread);
    }
}
