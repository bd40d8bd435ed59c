package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.testing.AllocatedBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What reading and writing cost beside the transport, which is replaced by a handler: no object. */
class WriteAllocationTest {
    private static final int ROUNDS = 1000;
    private static final int OPERATIONS = 2000;

    /** Takes what is written, at once. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            promise.setSuccess();
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            // Nothing waits.
        }
    }

    private final ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Sink.class), null);
    private final EmbeddedChannel embedded = new EmbeddedChannel(new Sink(), handler);
    private final ValueTaskChannel<Object, Object> channel = handler.channel();
    private final ValueTaskAwaiter<Object> awaiter = new ValueTaskAwaiter<>();
    private final Consumer<WriteAllocationTest> takeIt = WriteAllocationTest::takeIt;
    private final List<Object> batch = new ArrayList<>(List.of("1", "2", "3", "4", "5", "6", "7", "8"));
    private int taken;

    @AfterEach
    void endChannel() {
        embedded.finish();
    }

    private void arrive() {
        embedded.pipeline().fireChannelRead("message");
    }

    private void takeIt() {
        try {
            requireMessage(awaiter.result());
            taken++;
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void read_ofAMessageThatIsThere_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            arrive();
            requireMessage(channel.read().await());
        });
    }

    @Test
    void read_thatWaits_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            awaiter.onCompleted(channel.read(), takeIt, this);
            arrive();
        });

        assertThat(taken).isPositive();
    }

    private static void requireMessage(Object message) {
        if (message != "message") {
            throw new AssertionError("read something else: " + message);
        }
    }

    @Test
    void writeAndFlush_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            ValueTask<Void> write = channel.writeAndFlush("message");
            embedded.runPendingTasks(); // the end of the turn
            write.result();
        });
    }

    @Test
    void writeAndThenFlush_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            channel.write("message").result();
            channel.flush().result();
        });
    }

    @Test
    void send_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            channel.send("message").result();
            embedded.runPendingTasks();
        });
    }

    @Test
    void writeAll_ofWhatThePoolHas_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> channel.writeAll(batch).result());

        assertThat(channel.toString()).contains("unpooled=0");
    }

    /** Of the calling thread; what the loop does is the same as above. */
    @Test
    void everyWrite_fromAnotherThread_allocatesNothing() throws Exception {
        try (Loopback loopback = Loopback.on(Transport.NIO)
                .options(ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Sink.class))
                .serverPipeline(accepted -> accepted.pipeline().addLast(new Sink())).connectSocket()) {
            ValueTaskChannel<?, Object> server = untyped(loopback.server());
            assertAllocatesNothing(() -> server.writeAndFlush("message").await());
            assertAllocatesNothing(() -> {
                server.send("message").await();
                server.flush().await(); // or more would be under way than are used again
            });
            assertAllocatesNothing(() -> server.writeAll(batch).await());

            assertThat(server.toString()).contains("travelling=0 bytes");
        }
    }

    @SuppressWarnings("unchecked")
    private static ValueTaskChannel<?, Object> untyped(ValueTaskChannel<?, ?> channel) {
        return (ValueTaskChannel<?, Object>) channel;
    }

    private static void assertAllocatesNothing(AllocatedBytes.Operation operation) throws Exception {
        assertThat(AllocatedBytes.leastOfRounds(ROUNDS, OPERATIONS, operation)).as("bytes per operation")
                .isLessThan(0.5);
    }
}
