package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Iterator;
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

    /** It was asked for and is taken: a subscriber expects it (2.8), and would be the only one that can still have it. */
    @Test
    void cancel_betweenTheMoveAndItsSignal_signalsTheElementAndNoMore() {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>();

        signalInterruptedBy(() -> subscriber.subscription.cancel(), subscriber);

        assertThat(subscriber.signals).containsExactly("a");
        assertThat(source.isClosed()).isTrue();
    }

    @Test
    void request_ofNothingBetweenTheMoveAndItsSignal_signalsTheElementAndTheError() {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>();

        signalInterruptedBy(() -> subscriber.request(-1), subscriber);

        assertThat(subscriber.signals).hasSize(2).startsWith("a").last()
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(source.isClosed()).isTrue();
    }

    /** Calls the subscriber's side while the runner asks for the element that it has moved to. */
    private void signalInterruptedBy(Runnable interruption, RecordingSubscriber<String> subscriber) {
        AsyncIterator<String> interrupting = new AsyncIterator<>() {
            @Override
            public ValueTask<Boolean> moveNext() {
                return source.moveNext();
            }

            @Override
            public String current() {
                interruption.run();
                return source.current();
            }

            @Override
            public ValueTask<@Nullable Void> close() {
                return source.close();
            }
        };
        interrupting.toPublisher().subscribe(subscriber);
        subscriber.request(2);
        source.emit("a");
    }

    /** Such an iterator takes an element inside the move. */
    @Test
    void cancel_insideAMoveThatHasItsAnswerAtOnce_signalsTheElementAndNoMore() {
        RecordingSubscriber<String> subscriber = new RecordingSubscriber<>();
        AsyncIterator.fromIterable(() -> new Iterator<String>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public String next() {
                subscriber.subscription.cancel();
                return "a";
            }
        }).toPublisher().subscribe(subscriber);

        subscriber.request(2);

        assertThat(subscriber.signals).containsExactly("a");
    }

    /** It cannot be known to the subscriber any more, which was forgotten while the move went on (3.13). */
    @Test
    void cancel_whenAMoveHasAnElementAllTheSame_releasesIt() {
        AtomicInteger released = new AtomicInteger();
        ManualResetValueTaskSource<Boolean> moves = new ManualResetValueTaskSource<>();
        long token = moves.arm();
        AsyncIterator<AutoCloseable> stubborn = new AsyncIterator<>() {
            @Override
            public ValueTask<Boolean> moveNext() {
                return ValueTask.fromSource(moves, token);
            }

            @Override
            public AutoCloseable current() {
                return released::incrementAndGet;
            }

            @Override
            public ValueTask<@Nullable Void> close() {
                return ValueTask.completed();
            }
        };
        RecordingSubscriber<AutoCloseable> subscriber = new RecordingSubscriber<>();
        stubborn.toPublisher().subscribe(subscriber);
        subscriber.request(1);
        subscriber.subscription.cancel();

        moves.complete(token, true);

        assertThat(released).hasValue(1);
        assertThat(subscriber.signals).isEmpty();
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
