package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** {@link AsyncIterator#toPublisher}; the numbers are those of the Reactive Streams rules. */
class AsyncIteratorPublisherTest {
    private final AsyncIteratorSource<String> source = new AsyncIteratorSource<>();

    // Demand

    @Test
    void request_ofSomeElements_bringsThoseAndNoMore() {
        RecordingSubscriber<String> subscriber = subscribe(AsyncIterator.of("a", "b", "c"));
        assertThat(subscriber.signals).isEmpty();

        subscriber.request(2);
        assertThat(subscriber.signals).containsExactly("a", "b");
        subscriber.request(1);
        assertThat(subscriber.signals).containsExactly("a", "b", "c");

        subscriber.request(1);
        assertThat(subscriber.signals).containsExactly("a", "b", "c", "complete");
    }

    @Test
    void request_ofMoreThanThereIs_bringsTheEndToo() {
        RecordingSubscriber<String> subscriber = subscribe(AsyncIterator.of("a", "b"));

        subscriber.request(Long.MAX_VALUE);
        subscriber.request(Long.MAX_VALUE);

        assertThat(subscriber.signals).containsExactly("a", "b", "complete");
    }

    @Test
    void moveNext_isNotCalledBeforeThereIsDemandForIt() throws Exception {
        RecordingSubscriber<String> subscriber = subscribe(source);
        ValueTask<Void> requested = source.requested();
        assertThat(requested.isCompleted()).isFalse();

        subscriber.request(1);
        requested.result();
        ValueTask<Void> emitted = source.emit("a");

        assertThat(subscriber.signals).containsExactly("a");
        assertThat(emitted.isCompleted()).isFalse();
        subscriber.request(1);
        assertThat(emitted.isCompleted()).isTrue();
    }

    @Test
    void request_whileAMoveIsPending_addsUp() throws Exception {
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(1);
        subscriber.request(2);
        for (String element : List.of("a", "b", "c")) {
            ValueTask<Void> emitted = source.emit(element);
            if (!element.equals("c")) {
                emitted.result();
            } else {
                assertThat(emitted.isCompleted()).as("no demand for a fourth").isFalse();
            }
        }
        assertThat(subscriber.signals).containsExactly("a", "b", "c");
    }

    @Test
    void request_insideOnSubscribe_isAnsweredAfterItHasReturned() throws Exception {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>(s -> s.request(1));
        AsyncIterator.of("a", "b").toPublisher().subscribe(subscriber);

        assertThat(subscriber.awaitEnd().signals).containsExactly("a", "b", "complete");
    }

    @Test
    void request_saturates() throws Exception {
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(Long.MAX_VALUE - 1);
        subscriber.request(Long.MAX_VALUE - 1);
        for (int i = 0; i < 10; i++) {
            source.emit("a").result();
        }
        assertThat(subscriber.signals).hasSize(10);
    }

    // The end

    @Test
    void failure_isSignalledOnce() {
        IOException failure = new IOException("broken");
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(1);

        source.completeExceptionally(failure);
        subscriber.request(1);

        assertThat(subscriber.signals).containsExactly(failure);
        assertThat(source.isClosed()).isTrue();
    }

    @Test
    void end_closesTheIterator() {
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(1);

        source.complete();

        assertThat(subscriber.signals).containsExactly("complete");
        assertThat(source.isClosed()).isTrue();
    }

    @Test
    void iteratorThatWasClosedByAnother_isAFailure() throws Exception {
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(1);

        source.close().result();

        assertThat(subscriber.signals).singleElement().isInstanceOf(CancellationException.class);
    }

    @Test
    void iteratorThatAnotherConsumerMoves_isAFailure() {
        RecordingSubscriber<String> subscriber = subscribe(source);
        source.moveNext();

        subscriber.request(1);

        assertThat(subscriber.signals).singleElement().isInstanceOf(ValueTaskMisuseException.class);
    }

    @Test
    void nullElement_ofACarelessIterator_isAFailure() {
        RecordingSubscriber<String> subscriber = subscribe(
                new CarelessIterator(ValueTask.completed(true), ValueTask.completed()));

        subscriber.request(1);

        assertThat(subscriber.signals).singleElement().isInstanceOf(NullPointerException.class);
    }

    // Refused requests

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void request_ofNothing_isAnError(long n) {
        RecordingSubscriber<String> subscriber = subscribe(source);

        subscriber.request(n);
        subscriber.request(n);
        subscriber.request(1);

        assertRefused(subscriber, n);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void request_ofNothingWhileAMoveIsPending_endsTheMoveAndIsAnError(long n) {
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(5);

        subscriber.request(n);

        assertRefused(subscriber, n);
    }

    @Test
    void request_ofNothingInsideOnNext_isAnErrorAfterIt() throws Exception {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>(
                s -> s.request(s.signals.size() < 2 ? 5 : -5));
        AsyncIterator.of("a", "b", "c").toPublisher().subscribe(subscriber);

        assertThat(subscriber.awaitEnd().signals).hasSize(3).startsWith("a", "b");
        assertThat(subscriber.signals.get(2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void request_ofNothingInsideOnSubscribe_isAnErrorAfterIt() throws Exception {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>(s -> s.request(0));
        source.toPublisher().subscribe(subscriber);

        assertRefused(subscriber, 0);
    }

    private void assertRefused(RecordingSubscriber<String> subscriber, long n) {
        assertThat(subscriber.signals).singleElement().isInstanceOf(IllegalArgumentException.class).asString()
                .contains("n: " + n).contains("3.9");
        assertThat(source.isClosed()).isTrue();
    }

    // Subscribers

    @Test
    void secondSubscriber_isToldSoAndTheFirstGoesOn() {
        Flow.Publisher<String> publisher = AsyncIterator.of("a").toPublisher();
        RecordingSubscriber<String> first = new RecordingSubscriber<>();
        RecordingSubscriber<String> second = new RecordingSubscriber<>(s -> {
            s.request(1);
            s.subscription.cancel();
        });
        publisher.subscribe(first);
        publisher.subscribe(second);

        assertThat(second.signals).singleElement().isInstanceOf(IllegalStateException.class).asString()
                .contains("had a subscriber before");
        first.request(2);
        assertThat(first.signals).containsExactly("a", "complete");
    }

    @Test
    void subscribe_withNull_isRefusedAndTheNextIsTheFirst() {
        Flow.Publisher<String> publisher = AsyncIterator.of("a").toPublisher();

        assertThatThrownBy(() -> publisher.subscribe(null)).isInstanceOf(NullPointerException.class);

        RecordingSubscriber<String> first = new RecordingSubscriber<>(s -> s.request(1));
        publisher.subscribe(first);
        assertThat(first.signals).containsExactly("a", "complete");
    }

    @Test
    void onNext_thatThrows_isReportedAndEndsTheSubscription() {
        IllegalStateException failure = new IllegalStateException("in onNext");
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>(s -> {
            if (!s.signals.isEmpty()) {
                throw failure;
            }
        });
        source.toPublisher().subscribe(subscriber);
        subscriber.request(5);
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(source.emit("a").isCanceled()).as("the producer is not harmed").isTrue();
            assertThat(uncaught.failures()).containsExactly(failure);
        }
        assertThat(subscriber.signals).containsExactly("a");
    }

    @Test
    void onSubscribe_thatThrows_isReportedAndEndsTheSubscription() {
        IllegalStateException failure = new IllegalStateException("in onSubscribe");
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            source.toPublisher().subscribe(new RecordingSubscriber<>(s -> {
                s.request(1);
                throw failure;
            }));
            assertThat(uncaught.failures()).containsExactly(failure);
        }
        assertThat(source.isClosed()).isTrue();
    }

    // Threads

    @Test
    void elementsOfAProducerOnAnotherThread_comeInOrderWhileDemandComesFromAThird() throws Throwable {
        int count = 20_000;
        RecordingSubscriber<String> subscriber = subscribe(source);
        BackgroundCall<Object> producer = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
            for (int i = 0; i < count; i++) {
                source.emit("element " + i).await();
            }
            return source.complete();
        });
        BackgroundCall<Object> requester = BackgroundCall.start(BackgroundCall.Kind.PLATFORM, () -> {
            for (int i = 0; i <= count; i++) {
                subscriber.request(1);
            }
            return "requested";
        });

        assertThat(producer.result()).isEqualTo(true);
        assertThat(requester.result()).isEqualTo("requested");
        assertThat(subscriber.awaitEnd().signals).hasSize(count + 1).endsWith("complete");
        for (int i = 0; i < count; i++) {
            assertThat(subscriber.signals.get(i)).isEqualTo("element " + i);
        }
    }

    static RecordingSubscriber<String> subscribe(AsyncIterator<String> iterator) {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>();
        iterator.toPublisher().subscribe(subscriber);
        return subscriber;
    }
}
