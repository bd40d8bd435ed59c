package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static io.valuetask.AsyncIteratorPublisherTest.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

/** How a subscription to an {@link AsyncIterator} ends early, and what becomes of the iterator and its elements. */
class AsyncIteratorPublisherCancelTest {
    private final AsyncIteratorSource<String> source = new AsyncIteratorSource<>();

    @Test
    void cancel_whileAMoveIsPending_closesTheIteratorAndNothingIsSignalled() throws Exception {
        RecordingSubscriber<String> subscriber = subscribe(source);
        subscriber.request(5);
        source.emit("a").result();

        subscriber.subscription.cancel();
        subscriber.subscription.cancel();
        subscriber.request(1);
        subscriber.request(-1);

        assertThat(source.isClosed()).isTrue();
        assertThat(source.emit("b").isCanceled()).isTrue();
        assertThat(subscriber.signals).containsExactly("a");
    }

    @Test
    void cancel_withoutDemand_closesTheIterator() {
        RecordingSubscriber<String> subscriber = subscribe(source);

        subscriber.subscription.cancel();

        assertThat(source.isClosed()).isTrue();
        assertThat(subscriber.signals).isEmpty();
    }

    @Test
    void cancel_insideOnNext_signalsNoMore() {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>(s -> {
            if (s.signals.size() == 2) {
                s.subscription.cancel();
            } else {
                s.request(Long.MAX_VALUE);
            }
        });
        AsyncIterator.of("a", "b", "c").toPublisher().subscribe(subscriber);

        assertThat(subscriber.signals).containsExactly("a", "b");
    }

    @Test
    void cancel_insideOnSubscribe_signalsNothing() {
        source.toPublisher().subscribe(new RecordingSubscriber<>(s -> {
            s.request(1);
            s.subscription.cancel();
            s.request(1);
        }));

        assertThat(source.isClosed()).isTrue();
        assertThat(source.requested().isCanceled()).isTrue();
    }

    @Test
    void cancel_betweenTheMoveAndItsSignal_releasesTheElement() {
        RecordingSubscriber<AutoCloseable> subscriber = new RecordingSubscriber<>();

        assertThat(releasedWhenInterruptedBy(() -> subscriber.subscription.cancel(), subscriber))
                .isEqualTo(1);

        assertThat(subscriber.signals).isEmpty();
    }

    @Test
    void request_ofNothingBetweenTheMoveAndItsSignal_releasesTheElementAndIsAnError() {
        RecordingSubscriber<AutoCloseable> subscriber = new RecordingSubscriber<>();

        assertThat(releasedWhenInterruptedBy(() -> subscriber.request(-1), subscriber)).isEqualTo(1);

        assertThat(subscriber.signals).singleElement().isInstanceOf(IllegalArgumentException.class);
    }

    /** Calls the subscriber's side while the runner asks for the element that it has moved to. */
    private static int releasedWhenInterruptedBy(Runnable interruption,
            RecordingSubscriber<AutoCloseable> subscriber) {
        AtomicInteger released = new AtomicInteger();
        AsyncIteratorSource<AutoCloseable> elements = new AsyncIteratorSource<>();
        AsyncIterator<AutoCloseable> interrupting = new AsyncIterator<>() {
            @Override
            public ValueTask<Boolean> moveNext() {
                return elements.moveNext();
            }

            @Override
            public AutoCloseable current() {
                interruption.run();
                return elements.current();
            }

            @Override
            public ValueTask<@Nullable Void> close() {
                return elements.close();
            }
        };
        interrupting.toPublisher().subscribe(subscriber);
        subscriber.request(1);
        elements.emit(released::incrementAndGet);
        return released.get();
    }

    @Test
    void cancel_whileAMoveNeverEnds_letsGoOfTheSubscriber() {
        ManualResetValueTaskSource<Boolean> moves = new ManualResetValueTaskSource<>();
        AsyncIterator<String> stubborn = new CarelessIterator(ValueTask.fromSource(moves, moves.arm()),
                ValueTask.completed());
        WeakReference<?> subscriber = subscribeAndCancel(stubborn);

        for (int i = 0; i < 50 && !subscriber.refersTo(null); i++) {
            System.gc();
        }

        assertThat(subscriber.refersTo(null)).isTrue();
        assertThat(moves.toString()).as("holds the subscription").contains("waiter=REGISTERED");
    }

    private static WeakReference<?> subscribeAndCancel(AsyncIterator<String> iterator) {
        RecordingSubscriber<String> subscriber = subscribe(iterator);
        subscriber.request(1);
        subscriber.subscription.cancel();
        return new WeakReference<>(subscriber);
    }

    @Test
    void close_thatFails_isReported() {
        IOException failure = new IOException("not closed");
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            subscribe(new CarelessIterator(ValueTask.completed(true), ValueTask.failed(failure))).subscription
                    .cancel();

            assertThat(uncaught.failures()).containsExactly(failure);
        }
    }

    @Test
    void close_thatFailsLater_isReported() {
        IOException failure = new IOException("not closed");
        ManualResetValueTaskSource<@Nullable Void> closing = new ManualResetValueTaskSource<>();
        long token = closing.arm();
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            subscribe(new CarelessIterator(ValueTask.completed(true),
                    ValueTask.fromSource(closing, token))).subscription.cancel();
            assertThat(uncaught.failures()).isEmpty();

            closing.completeExceptionally(token, failure);

            assertThat(uncaught.failures()).containsExactly(failure);
        }
    }
}
