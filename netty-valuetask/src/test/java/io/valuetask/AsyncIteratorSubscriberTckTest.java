package io.valuetask;

import io.valuetask.testing.ProbedSubscriber;
import io.valuetask.testing.TckRules;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;

/** The Reactive Streams TCK against {@link AsyncIteratorSubscriber}, with a thread that moves it. */
@Timeout(120)
class AsyncIteratorSubscriberTckTest {
    private final ExecutorService consumer = Executors.newSingleThreadExecutor();

    @AfterEach
    void shutDown() {
        consumer.shutdownNow();
    }

    @TestFactory
    Stream<DynamicTest> subscriber_asSeenFromOutside_followsTheRules() {
        return TckRules.of(() -> new Blackbox(consumer));
    }

    @TestFactory
    Stream<DynamicTest> subscriber_asSeenFromInside_followsTheRules() {
        return TckRules.of(() -> new Whitebox(consumer));
    }

    /** The consumer takes one element after another, until the end or the close, neither of which is of interest here. */
    private static void move(ExecutorService consumer, AsyncIterator<?> elements, long times) {
        consumer.execute(() -> {
            try {
                for (long i = 0; i < times && elements.moveNext().await(); i++) {
                    elements.current();
                }
            } catch (Exception over) {
                // As above.
            }
        });
    }

    /** Public, since the rules are found and called by reflection. */
    public static final class Blackbox extends FlowSubscriberBlackboxVerification<Integer> {
        private final ExecutorService consumer;

        Blackbox(ExecutorService consumer) {
            super(TckRules.environment());
            this.consumer = consumer;
        }

        @Override
        public Flow.Subscriber<Integer> createFlowSubscriber() {
            return new AsyncIteratorSubscriber<>();
        }

        @Override
        public void triggerFlowRequest(Flow.Subscriber<? super Integer> subscriber) {
            move(consumer, (AsyncIteratorSubscriber<?>) subscriber, 1);
        }

        @Override
        public Integer createElement(int element) {
            return element;
        }
    }

    /** As above. */
    public static final class Whitebox extends FlowSubscriberWhiteboxVerification<Integer> {
        private final ExecutorService consumer;

        Whitebox(ExecutorService consumer) {
            super(TckRules.environment());
            this.consumer = consumer;
        }

        @Override
        protected Flow.Subscriber<Integer> createFlowSubscriber(WhiteboxSubscriberProbe<Integer> probe) {
            AsyncIteratorSubscriber<Integer> elements = new AsyncIteratorSubscriber<>();
            return new ProbedSubscriber<>(elements, probe, new SubscriberPuppet() {
                @Override
                public void triggerRequest(long n) {
                    move(consumer, elements, n);
                }

                @Override
                public void signalCancel() {
                    elements.close();
                }
            });
        }

        @Override
        public Integer createElement(int element) {
            return element;
        }
    }
}
