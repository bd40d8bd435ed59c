package io.valuetask;

import io.valuetask.testing.TckRules;
import java.util.concurrent.Flow;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/**
 * The Reactive Streams TCK against {@link AsyncIterator#toPublisher}: for elements that are known already, and for those
 * of a producer on another thread.
 */
@Timeout(120)
class AsyncIteratorPublisherTckTest {
    private static final String NEEDS_MANY_SUBSCRIBERS = "optional_spec111";

    @TestFactory
    Stream<DynamicTest> publisher_ofKnownElements_followsTheRules() {
        return rules(count -> AsyncIterator.fromIterable(LongStream.range(0, count).boxed()::iterator));
    }

    @TestFactory
    Stream<DynamicTest> publisher_ofAProducerOnAnotherThread_followsTheRules() {
        return rules(AsyncIteratorPublisherTckTest::produced);
    }

    private static AsyncIterator<Long> produced(long count) {
        AsyncIteratorSource<Long> iterator = new AsyncIteratorSource<>();
        Thread.ofVirtual().name("producer").start(() -> {
            try {
                for (long i = 0; i < count; i++) {
                    iterator.emit(i).await();
                }
                iterator.complete();
            } catch (Throwable failure) {
                iterator.completeExceptionally(failure);
            }
        });
        return iterator;
    }

    private static Stream<DynamicTest> rules(LongFunction<AsyncIterator<Long>> iterators) {
        return TckRules.of(() -> new Verification(iterators), NEEDS_MANY_SUBSCRIBERS);
    }

    /** Public, since the rules are found and called by reflection. */
    public static final class Verification extends FlowPublisherVerification<Long> {
        private final LongFunction<AsyncIterator<Long>> iterators;

        Verification(LongFunction<AsyncIterator<Long>> iterators) {
            super(TckRules.environment());
            this.iterators = iterators;
        }

        @Override
        public Flow.Publisher<Long> createFlowPublisher(long elements) {
            return iterators.apply(elements).toPublisher();
        }

        /** One that fails as soon as it is subscribed to: it had a subscriber before. */
        @Override
        public Flow.Publisher<Long> createFailedFlowPublisher() {
            Flow.Publisher<Long> publisher = createFlowPublisher(1);
            publisher.subscribe(new RecordingSubscriber<>());
            return publisher;
        }
    }
}
