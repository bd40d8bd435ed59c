package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A producer and a consumer of callbacks that go on inside each other's calls: constant stack. */
@Timeout(60)
class AsyncIteratorChainTest {
    private static final int ELEMENTS = 1_000_000;
    private static final long SMALL_STACK_BYTES = 256 * 1024;

    /** A loop without a thread: a million elements, and then the end. */
    private static final class Producer {
        private final AsyncIteratorSource<Integer> iterator;
        private final ValueTaskAwaiter<Void> emitting = new ValueTaskAwaiter<>();
        private int emitted;

        Producer(AsyncIteratorSource<Integer> iterator) {
            this.iterator = iterator;
        }

        void run() {
            while (emitted < ELEMENTS) {
                if (emitting.onCompleted(iterator.emit(emitted++), Producer::resume, this)) {
                    return;
                }
                take();
            }
            iterator.complete();
        }

        private void resume() {
            take();
            run();
        }

        private void take() {
            try {
                emitting.result();
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private static final class Consumer {
        private final AsyncIterator<Integer> iterator;
        private final ValueTaskAwaiter<Boolean> moving = new ValueTaskAwaiter<>();
        private final int throwingAt;
        private int seen;
        private boolean ended;

        Consumer(AsyncIterator<Integer> iterator, int throwingAt) {
            this.iterator = iterator;
            this.throwingAt = throwingAt;
        }

        void run() {
            while (!ended && !moving.onCompleted(iterator.moveNext(), Consumer::resume, this)) {
                take();
            }
        }

        private void resume() {
            int before = seen;
            take();
            run();
            if (before == throwingAt) {
                throw new IllegalStateException("at " + before);
            }
        }

        private void take() {
            try {
                if (!moving.result()) {
                    ended = true;
                } else if (iterator.current() != seen++) {
                    throw new AssertionError(iterator.current() + " came where " + (seen - 1) + " was due");
                }
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void elements_betweenTwoChainsOfCallbacks_allComeInConstantStack(boolean consumerFirst) throws Exception {
        AsyncIteratorSource<Integer> iterator = new AsyncIteratorSource<>();
        Consumer consumer = new Consumer(iterator, -1);
        Producer producer = new Producer(iterator);
        onSmallStack(() -> {
            if (consumerFirst) {
                consumer.run();
                producer.run();
            } else {
                producer.run();
                consumer.run();
            }
            return null;
        });

        assertThat(consumer.seen).isEqualTo(ELEMENTS);
        assertThat(consumer.ended).isTrue();
    }

    @Test
    void aContinuationThatThrows_isReportedAndHarmsNobodyElse() throws Exception {
        AsyncIteratorSource<Integer> iterator = new AsyncIteratorSource<>();
        Consumer consumer = new Consumer(iterator, 0);
        onSmallStack(() -> {
            try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
                consumer.run();
                new Producer(iterator).run();
                assertThat(uncaught.failures()).singleElement().asString().contains("at 0");
            }
            return null;
        });

        assertThat(consumer.seen).isEqualTo(ELEMENTS);
        assertThat(consumer.ended).isTrue();
    }

    @Test
    void elements_thatAreKnown_allComeInConstantStack() throws Exception {
        Consumer consumer = new Consumer(
                AsyncIterator.fromIterable(IntStream.range(0, ELEMENTS).boxed()::iterator), -1);
        onSmallStack(() -> {
            consumer.run();
            return null;
        });

        assertThat(consumer.seen).isEqualTo(ELEMENTS);
        assertThat(consumer.ended).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void publisher_ofKnownElements_signalsAllInConstantStack(boolean oneByOne) throws Exception {
        Counter counter = new Counter(oneByOne);
        onSmallStack(() -> {
            AsyncIterator.fromIterable(IntStream.range(0, ELEMENTS).boxed()::iterator).toPublisher()
                    .subscribe(counter);
            return null;
        });

        assertThat(counter.seen).isEqualTo(ELEMENTS);
        assertThat(counter.ended).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void publisher_ofAChainOfCallbacks_signalsAllInConstantStack(boolean oneByOne) throws Exception {
        AsyncIteratorSource<Integer> iterator = new AsyncIteratorSource<>();
        Counter counter = new Counter(oneByOne);
        onSmallStack(() -> {
            iterator.toPublisher().subscribe(counter);
            new Producer(iterator).run();
            return null;
        });

        assertThat(counter.seen).isEqualTo(ELEMENTS);
        assertThat(counter.ended).isTrue();
    }

    /** Requests the next element in each {@code onNext}, or all at once. */
    private static final class Counter implements Flow.Subscriber<Integer> {
        private final boolean oneByOne;
        private Flow.Subscription subscription;
        private int seen;
        private boolean ended;

        Counter(boolean oneByOne) {
            this.oneByOne = oneByOne;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(oneByOne ? 1 : Long.MAX_VALUE);
        }

        @Override
        public void onNext(Integer element) {
            if (element != seen++) {
                throw new AssertionError(element + " came where " + (seen - 1) + " was due");
            }
            if (oneByOne) {
                subscription.request(1);
            }
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onComplete() {
            ended = true;
        }
    }

    private static void onSmallStack(Callable<?> call) throws Exception {
        FutureTask<?> task = new FutureTask<>(call);
        Thread thread = new Thread(null, task, "small-stack", SMALL_STACK_BYTES);
        thread.start();
        try {
            task.get(50, TimeUnit.SECONDS);
        } finally {
            thread.join(Duration.ofSeconds(5));
        }
    }
}
