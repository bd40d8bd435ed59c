package io.valuetask;

import io.valuetask.testing.ManualPublisher;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** A publisher and a consumer on two real threads, each pair of calls a new iterator; see {@link SourceRaceTest}. */
@Timeout(120)
class AsyncIteratorSubscriberRaceTest {
    private final AtomicInteger releases = new AtomicInteger();
    private ManualPublisher<AutoCloseable> publisher;
    private AsyncIteratorSubscriber<AutoCloseable> elements;
    private ValueTask<Boolean> move;

    private Object fresh() {
        releases.set(0);
        publisher = new ManualPublisher<>();
        elements = new AsyncIteratorSubscriber<>(2);
        publisher.subscribe(elements);
        return elements;
    }

    private Object publish() {
        AutoCloseable element = releases::incrementAndGet;
        publisher.subscriber().onNext(element);
        return "published";
    }

    private Object moveNext() {
        move = elements.moveNext();
        return "moved";
    }

    private Object close() throws IOException {
        elements.close().result();
        return "closed";
    }

    private Object take(ValueTask<Boolean> pending) throws IOException {
        try {
            return pending.isCompleted() ? pending.result() : "pending";
        } catch (CancellationException canceled) {
            return "canceled";
        }
    }

    private static void assertOutcomes(Map<String, Integer> outcomes, String... permitted) {
        assertThat(outcomes.keySet()).as(outcomes.toString()).isSubsetOf(permitted);
    }

    @Test
    void onNext_againstMoveNext_completesTheMove() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, this::publish, this::moveNext,
                () -> take(move));

        assertOutcomes(outcomes, "published moved true");
    }

    @Test
    void onComplete_againstMoveNext_completesTheMove() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, () -> {
            publisher.subscriber().onComplete();
            return "ended";
        }, this::moveNext, () -> take(move));

        assertOutcomes(outcomes, "ended moved false");
    }

    @Test
    void close_againstOnNext_releasesTheElementOnce() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, this::publish, this::close,
                () -> releases + " " + publisher.asked());

        assertOutcomes(outcomes, "published closed 1 [cancel]");
    }

    @Test
    void close_againstTheTakingOfAnElement_givesItToOneOfThem() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            move = elements.moveNext();
            return publish();
        }, () -> take(move), this::close, () -> releases);

        assertOutcomes(outcomes, "true closed 0", "canceled closed 1");
    }

    /** Rule 2.7; and a request that is made after the cancellation would be no mistake, but is not made. */
    @Test
    void close_againstMoveNext_cancelsLast() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, this::moveNext, this::close,
                () -> take(move) + " " + publisher.asked());

        assertOutcomes(outcomes, "moved closed canceled [2, cancel]", "moved closed canceled [cancel]");
    }
}
