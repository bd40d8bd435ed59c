package io.valuetask.interop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.interop.ChannelSubscriber.AtEnd;
import io.valuetask.netty.FlushPolicy;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskHandler;
import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.ManualPublisher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What a message costs that a publisher signals on a channel which has room: no object. */
@Timeout(60)
class ChannelSubscriberAllocationTest {
    private static final int MOST_UNDER_WAY = 4;

    /** Sends at once. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            promise.setSuccess();
        }
    }

    @Test
    void onNext_whileThereIsRoom_allocatesNothing() throws Exception {
        ValueTaskHandler<Object, ByteBuf> handler = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.NOW).trustedHandlers(Sink.class),
                null);
        EmbeddedChannel embedded = new EmbeddedChannel(new Sink(), handler);
        ManualPublisher<ByteBuf> publisher = new ManualPublisher<>();
        ChannelSubscriber<ByteBuf> subscriber = new ChannelSubscriber<>(handler.channel(), AtEnd.LEAVE_OPEN,
                MOST_UNDER_WAY);
        publisher.subscribe(subscriber);
        ValueTask<Void> completion = subscriber.completion();
        ByteBuf message = Unpooled.unreleasableBuffer(Unpooled.buffer(1));
        publisher.whenRequested(publisher.asked()::clear); // which would grow
        AllocatedBytes.Operation next = () -> publisher.subscriber().onNext(message);

        double perMessage = AllocatedBytes.onceWarm(() -> {}, next, () -> AllocatedBytes.perOperation(next));

        assertThat(perMessage).as("bytes per message").isLessThan(0.5);
        publisher.subscriber().onComplete();
        assertThat(completion.isCompletedSuccessfully()).isTrue();
        completion.discard();
        embedded.finish();
    }
}
