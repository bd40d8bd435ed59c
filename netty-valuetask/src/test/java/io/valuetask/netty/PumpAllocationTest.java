package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.testing.AllocatedBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What a pump costs for each message: no object. */
@Timeout(60)
class PumpAllocationTest {
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

        double least = AllocatedBytes.leastOf(0.5, () -> AllocatedBytes.perOperation(() -> {
            from.pipeline().fireChannelRead("message");
            from.pipeline().fireChannelReadComplete();
            to.runPendingTasks();
        }));

        assertThat(least).as("bytes per message").isLessThan(0.5);
        assertThat(counter.passed).isPositive();
        from.finish();
        to.finish();
        assertThat(pump.isCompleted()).isTrue();
        pump.discard();
    }
}
