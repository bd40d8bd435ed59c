package io.valuetask.interop;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.interop.ChannelSubscriber.AtEnd;
import io.valuetask.netty.FlushPolicy;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskHandler;
import io.valuetask.testing.ProbedSubscriber;
import io.valuetask.testing.TckRules;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;

/** The Reactive Streams TCK against {@link ChannelSubscriber}, on a channel that always has room. */
@Timeout(120)
class ChannelSubscriberTckTest {
    @TestFactory
    Stream<DynamicTest> subscriber_asSeenFromOutside_followsTheRules() {
        return TckRules.of(Blackbox::new);
    }

    @TestFactory
    Stream<DynamicTest> subscriber_asSeenFromInside_followsTheRules() {
        return TckRules.of(Whitebox::new);
    }

    private static ChannelSubscriber<Integer> subscriber() {
        ValueTaskHandler<Object, Integer> handler = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.NOW), null);
        ValueTaskChannel<Object, Integer> channel = handler.channel();
        new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                promise.setSuccess();
            }
        }, handler);
        return new ChannelSubscriber<>(channel, AtEnd.LEAVE_OPEN);
    }

    /** Public, since the rules are found and called by reflection. */
    public static final class Blackbox extends FlowSubscriberBlackboxVerification<Integer> {
        Blackbox() {
            super(TckRules.environment());
        }

        @Override
        public Flow.Subscriber<Integer> createFlowSubscriber() {
            return subscriber();
        }

        @Override
        public Integer createElement(int element) {
            return element;
        }
    }

    /** As above. */
    public static final class Whitebox extends FlowSubscriberWhiteboxVerification<Integer> {
        Whitebox() {
            super(TckRules.environment());
        }

        @Override
        protected Flow.Subscriber<Integer> createFlowSubscriber(WhiteboxSubscriberProbe<Integer> probe) {
            ChannelSubscriber<Integer> subscriber = subscriber();
            return new ProbedSubscriber<>(subscriber, probe, new SubscriberPuppet() {
                @Override
                public void triggerRequest(long n) {
                    // It has requested what the channel has room for.
                }

                @Override
                public void signalCancel() {
                    subscriber.completion().toCompletableFuture().cancel(true);
                }
            });
        }

        @Override
        public Integer createElement(int element) {
            return element;
        }
    }
}
