package io.valuetask;

import io.valuetask.testing.ManualPublisher;
import io.valuetask.testing.Reachability;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A reactive stream, consumed move by move. */
@Timeout(60)
class AsyncIteratorSubscriberTest {
    private final ManualPublisher<Element> publisher = new ManualPublisher<>();

    /** Counts its releases. */
    private static final class Element implements AutoCloseable {
        int releases;

        @Override
        public void close() {
            releases++;
        }
    }

    private AsyncIteratorSubscriber<Element> subscribed(int most) {
        AsyncIteratorSubscriber<Element> elements = new AsyncIteratorSubscriber<>(most);
        publisher.subscribe(elements);
        return elements;
    }

    private Element publish() {
        Element element = new Element();
        publisher.subscriber().onNext(element);
        return element;
    }

    // Demand

    @Test
    void fromPublisher_requestsOneElementForEachMove() throws IOException {
        AsyncIterator<Element> elements = AsyncIterator.fromPublisher(publisher);
        assertThat(publisher.asked()).as("before the first move").isEmpty();

        for (int i = 0; i < 3; i++) {
            ValueTask<Boolean> move = elements.moveNext();
            assertThat(publisher.asked()).containsOnly(1L).hasSize(i + 1);
            Element element = publish();
            assertThat(move.result()).isTrue();
            assertThat(elements.current()).isSameAs(element);
        }
    }

    @Test
    void moveNext_withMoreThanOneAhead_requestsInBatches() throws IOException {
        AsyncIteratorSubscriber<Element> elements = subscribed(8);
        ValueTask<Boolean> first = elements.moveNext();
        for (int i = 0; i < 8; i++) {
            publish();
        }
        assertThat(first.result()).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(elements.moveNext().result()).isTrue();
        }
        assertThat(publisher.asked()).containsExactly(8L);

        assertThat(elements.moveNext().result()).isTrue();

        assertThat(publisher.asked()).as("half of them were taken").containsExactly(8L, 4L);
    }

    @Test
    void moveNext_afterACancelledOne_requestsNoSecondElement() throws IOException {
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        assertThat(elements.moveNext().toCompletableFuture().cancel(true)).isTrue();
        Element element = publish();

        assertThat(elements.moveNext().result()).isTrue();

        assertThat(elements.current()).isSameAs(element);
        assertThat(publisher.asked()).containsExactly(1L);
    }

    @Test
    void moveNext_whenThePublisherAnswersInsideTheRequest_isCompleteAtOnce() throws IOException {
        publisher.whenRequested(this::publish);
        AsyncIteratorSubscriber<Element> elements = subscribed(1);

        assertThat(elements.moveNext().isCompletedSuccessfully()).isTrue();
    }

    @Test
    void moveNext_beforeTheSubscription_requestsOnceThereIsOne() throws IOException {
        AsyncIteratorSubscriber<Element> elements = new AsyncIteratorSubscriber<>();
        ValueTask<Boolean> move = elements.moveNext();

        publisher.subscribe(elements);

        assertThat(publisher.asked()).containsExactly(1L);
        publish();
        assertThat(move.result()).isTrue();
    }

    @Test
    void loop_overAPublisherOnOtherThreads_bringsAllInOrder() {
        List<Integer> sent = IntStream.range(0, 10_000).boxed().toList();
        List<Integer> seen = new ArrayList<>();
        SubmissionPublisher<Integer> numbers = new SubmissionPublisher<>();
        AsyncIterator<Integer> elements = AsyncIterator.fromPublisher(numbers);
        Thread.startVirtualThread(() -> {
            sent.forEach(numbers::submit);
            numbers.close();
        });
        elements.iterable().forEach(seen::add);

        assertThat(seen).isEqualTo(sent);
    }

    /** The sequence of a publisher, as a publisher, and so on: what it is given is what it gives. */
    @Test
    void fromPublisher_ofAnIteratorsPublisher_isTheSameSequence() throws IOException {
        AsyncIterator<Integer> elements = AsyncIterator
                .fromPublisher(AsyncIterator.fromPublisher(AsyncIterator.of(1, 2, 3).toPublisher())
                        .toPublisher());

        for (int i = 1; i <= 3; i++) {
            assertThat(elements.moveNext().result()).isTrue();
            assertThat(elements.current()).isEqualTo(i);
        }
        assertThat(elements.moveNext().result()).isFalse();
    }

    // The end

    @Test
    void onComplete_withElementsThatWereNotTaken_comesBehindThem() throws IOException {
        AsyncIteratorSubscriber<Element> elements = subscribed(2);
        ValueTask<Boolean> first = elements.moveNext();
        publish();
        publish();
        publisher.subscriber().onComplete();

        assertThat(first.result()).isTrue();
        assertThat(elements.moveNext().result()).isTrue();
        assertThat(elements.moveNext().result()).isFalse();
        assertThat(elements.moveNext().result()).as("asked again").isFalse();
        elements.close();
        assertThat(publisher.asked()).as("over, and not cancelled").containsExactly(2L);
    }

    @Test
    void onError_whileAMoveIsPending_failsItAndAllThatFollow() {
        IOException failure = new IOException("planted");
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        ValueTask<Boolean> move = elements.moveNext();

        publisher.subscriber().onError(failure);

        assertThatThrownBy(move::result).isSameAs(failure);
        assertThatThrownBy(() -> elements.moveNext().result()).isSameAs(failure);
        assertThatThrownBy(elements::current).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("there is no current element", "end=java.io.IOException: planted");
    }

    // Publishers that break the rules

    @Test
    void onNext_beyondWhatWasRequested_cancelsAndFailsBehindWhatWas() throws IOException {
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        ValueTask<Boolean> move = elements.moveNext();
        publish();

        Element unasked = publish();

        assertThat(unasked.releases).isEqualTo(1);
        assertThat(publisher.asked()).containsExactly(1L, "cancel");
        assertThat(move.result()).isTrue();
        assertThatThrownBy(() -> elements.moveNext().result()).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("not requested", "most=1");
    }

    @Test
    void request_thatThrows_isTheFailure() {
        IllegalStateException planted = new IllegalStateException("planted");
        publisher.whenRequested(() -> {
            throw planted;
        });
        AsyncIteratorSubscriber<Element> elements = subscribed(1);

        assertThatThrownBy(() -> elements.moveNext().result()).isSameAs(planted);
        assertThat(publisher.asked()).containsExactly(1L, "cancel");
    }

    @Test
    void onSubscribe_again_cancelsTheSecond() {
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        ManualPublisher<Element> second = new ManualPublisher<>();

        second.subscribe(elements);

        assertThat(second.asked()).containsExactly("cancel");
        assertThat(publisher.asked()).isEmpty();
    }

    // The consumer wants no more

    @Test
    void close_whileAMoveIsPending_cancelsBoth() {
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        ValueTask<Boolean> move = elements.moveNext();

        elements.close();
        elements.close();

        assertThat(move.isCanceled()).isTrue();
        assertThatThrownBy(move::result).isInstanceOf(CancellationException.class);
        assertThat(publisher.asked()).containsExactly(1L, "cancel");
        assertThat(elements.moveNext().isCanceled()).isTrue();
    }

    @Test
    void close_releasesWhatWasNotTakenAndWhatIsOnItsWay() throws IOException {
        AsyncIteratorSubscriber<Element> elements = subscribed(3);
        ValueTask<Boolean> move = elements.moveNext();
        Element taken = publish();
        Element untaken = publish();
        assertThat(move.result()).isTrue();

        elements.close();
        Element onItsWay = publish();

        assertThat(taken.releases).isZero();
        assertThat(elements.current()).as("the consumer's").isSameAs(taken);
        assertThat(untaken.releases).isEqualTo(1);
        assertThat(onItsWay.releases).isEqualTo(1);
    }

    @Test
    void close_beforeTheSubscription_cancelsItWhenItComes() {
        AsyncIteratorSubscriber<Element> elements = new AsyncIteratorSubscriber<>();
        elements.close();

        publisher.subscribe(elements);

        assertThat(publisher.asked()).containsExactly("cancel");
    }

    /** Rule 2.7: what a request does must not meet another call of the subscription. */
    @Test
    void close_insideARequest_cancelsWhenThatHasReturned() {
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        List<Object> inside = new ArrayList<>();
        publisher.whenRequested(() -> {
            elements.close();
            inside.addAll(publisher.asked());
        });

        elements.moveNext().discard();

        assertThat(inside).containsExactly(1L);
        assertThat(publisher.asked()).containsExactly(1L, "cancel");
    }

    /** Rule 3.15 forbids it. The consumer who closes has nobody to tell. */
    @Test
    void close_whenTheSubscriptionThrows_isOverAndReportsThat() {
        IllegalStateException planted = new IllegalStateException("planted");
        publisher.whenCanceled(() -> {
            throw planted;
        });
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        ValueTask<Boolean> move = elements.moveNext();

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(elements.close().isCompletedSuccessfully()).isTrue();

            assertThat(uncaught.failures()).containsExactly(planted);
        }
        assertThat(move.isCanceled()).isTrue();
        assertThat(publisher.asked()).containsExactly(1L, "cancel");
    }

    @Test
    void onNext_beyondWhatWasRequested_whenTheSubscriptionThrows_failsWithItsOwnAndReportsThat() {
        IllegalStateException planted = new IllegalStateException("planted");
        publisher.whenCanceled(() -> {
            throw planted;
        });
        AsyncIteratorSubscriber<Element> elements = subscribed(1);
        publish();

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            publish();

            assertThat(uncaught.failures()).containsExactly(planted);
        }
        elements.moveNext().discard();
        assertThatThrownBy(() -> elements.moveNext().result()).hasMessageContaining("not requested");
    }

    private enum Ending {
        CLOSE,
        COMPLETE,
        FAILURE,
        TOO_MUCH
    }

    /** It leads to the publisher, which may be large and have others to serve. */
    @ParameterizedTest
    @EnumSource(Ending.class)
    void elements_thatHaveEnded_letGoOfTheSubscription(Ending ending) throws Exception {
        AsyncIteratorSubscriber<Element> elements = new AsyncIteratorSubscriber<>();

        Reachability.awaitUnreachable(subscribeAndEnd(elements, ending), "the iterator");

        assertThat(elements.moveNext().isCompleted()).isTrue();
    }

    private static WeakReference<Object> subscribeAndEnd(AsyncIteratorSubscriber<Element> elements,
            Ending ending) {
        ManualPublisher<Element> mortal = new ManualPublisher<>();
        mortal.subscribe(elements);
        elements.moveNext().discard();
        mortal.subscriber().onNext(new Element());
        switch (ending) {
            case CLOSE -> elements.close();
            case COMPLETE -> elements.onComplete();
            case FAILURE -> elements.onError(new IOException());
            case TOO_MUCH -> {
                elements.onNext(new Element());
                elements.onNext(new Element());
            }
        }
        return new WeakReference<>(mortal);
    }

    @Test
    void constructor_withNoDemand_isRefused() {
        assertThatThrownBy(() -> new AsyncIteratorSubscriber<>(0))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("most: 0 (expected: >= 1)");
    }

    @Test
    void nullSignals_areRefused() {
        Flow.Subscriber<Element> elements = subscribed(1);

        assertThatThrownBy(() -> elements.onSubscribe(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> elements.onNext(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> elements.onError(null)).isInstanceOf(NullPointerException.class);
    }
}
