package io.valuetask;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Pairs of calls on two real threads, each pair a new iterator; see {@link SourceRaceTest}. */
@Timeout(120)
class AsyncIteratorRaceTest {
    private AsyncIteratorSource<AutoCloseable> iterator;
    private RecordingSubscriber<AutoCloseable> subscriber;
    private ValueTask<Boolean> move;
    private int releases;

    @Test
    void close_againstTheTakingOfAnElement_givesItToOneOfThem() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            iterator.tryEmit(() -> releases++);
            return move = iterator.moveNext();
        }, this::take, this::close, () -> "released=" + releases);

        assertOutcomes(outcomes, "true closed released=0", "canceled closed released=1");
    }

    @Test
    void close_againstClose_releasesTheElementOnce() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            return iterator.tryEmit(() -> releases++);
        }, this::close, this::close, () -> "released=" + releases);

        assertOutcomes(outcomes, "closed closed released=1");
    }

    @Test
    void close_againstTryEmit_refusesTheElementOrReleasesIt() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, () -> iterator.tryEmit(() -> releases++),
                this::close,
                () -> "released=" + releases + " " + iterator);

        assertOutcomes(outcomes, "true closed released=1 AsyncIteratorSource[slot=EMPTY, end=CLOSED]",
                "false closed released=0 AsyncIteratorSource[slot=EMPTY, end=CLOSED]");
    }

    @Test
    void close_againstTheEnd_isCancelledOrComesAfterIt() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            return move = iterator.moveNext();
        }, () -> iterator.completeExceptionally(new IOException("end")), this::close, this::take);

        assertOutcomes(outcomes, "true closed java.io.IOException: end", "true closed canceled",
                "false closed canceled");
    }

    @Test
    void complete_againstFailure_hasOneWinner() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, () -> iterator.complete(),
                () -> iterator.completeExceptionally(new IOException("end")), () -> {
                    move = iterator.moveNext();
                    return take();
                });

        assertOutcomes(outcomes, "true false false", "false true java.io.IOException: end");
    }

    @Test
    void tryEmit_againstTryEmit_hasOneWinner() throws Exception {
        AutoCloseable left = () -> {};
        AutoCloseable right = () -> {};
        Map<String, Integer> outcomes = Race.run(this::fresh, () -> iterator.tryEmit(left),
                () -> iterator.tryEmit(right), () -> {
                    iterator.moveNext().result();
                    return iterator.current() == left ? "left" : "right";
                });

        assertOutcomes(outcomes, "true false left", "false true right");
    }

    @Test
    void emit_againstTheEndByAnother_isDeliveredBeforeItOrRefused() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::fresh, () -> {
            iterator.emit(() -> releases++);
            return "emitted";
        }, () -> iterator.complete(), () -> {
            move = iterator.moveNext();
            Object first = take();
            move = iterator.moveNext();
            return first + " " + take() + " released=" + releases;
        });

        assertOutcomes(outcomes, "emitted true true false released=0", "misuse true false false released=0");
    }

    @Test
    void cancelOfAMove_againstEmit_losesNoElement() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            return move = iterator.moveNext();
        }, () -> {
            move.toCompletableFuture().cancel(true);
            return "canceled";
        }, () -> iterator.tryEmit(() -> releases++), () -> {
            if (iterator.toString().contains("FULL")) {
                move = iterator.moveNext();
                return "still there: " + take();
            }
            return iterator.current() != null ? "taken" : "lost";
        });

        assertOutcomes(outcomes, "canceled true still there: true", "canceled true taken");
    }

    // The publisher

    @Test
    void request_againstRequest_bringsBothAndSignalsOneAfterTheOther() throws Exception {
        Map<String, Integer> outcomes = Race.run(
                () -> subscribeTo(AsyncIterator.of(() -> {}, () -> {}, () -> {})),
                () -> request(1), () -> request(1), () -> subscriber.signals.size());

        assertOutcomes(outcomes, "requested requested 2");
    }

    @Test
    void request_againstEmit_losesNoSignal() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            return subscribeTo(iterator);
        }, () -> request(1), () -> iterator.tryEmit(() -> releases++), () -> subscriber.signals.size());

        assertOutcomes(outcomes, "requested true 1");
    }

    @Test
    void cancel_againstEmit_signalsTheElementOrReleasesItOnce() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            subscribeTo(iterator);
            return request(5);
        }, () -> {
            subscriber.subscription.cancel();
            return "canceled";
        }, () -> iterator.tryEmit(() -> releases++), () -> subscriber.signals.size() + " " + releases);

        assertOutcomes(outcomes, "canceled true 1 0", "canceled true 0 1", "canceled false 0 0");
    }

    @Test
    void refusedRequest_againstEmit_isSignalledOnceAndLast() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            fresh();
            subscribeTo(iterator);
            return request(5);
        }, () -> request(-1), () -> iterator.tryEmit(() -> releases++), () -> {
            Object last = subscriber.signals.getLast();
            return subscriber.signals.size() + " " + releases + " " + last.getClass().getSimpleName();
        });

        assertOutcomes(outcomes, "requested true 2 0 IllegalArgumentException",
                "requested true 1 1 IllegalArgumentException",
                "requested false 1 0 IllegalArgumentException");
    }

    private Object fresh() {
        releases = 0;
        return iterator = new AsyncIteratorSource<>();
    }

    private Object take() {
        try {
            return move.result();
        } catch (CancellationException canceled) {
            return "canceled";
        } catch (IOException failure) {
            return failure;
        }
    }

    private Object close() throws IOException {
        iterator.close().result();
        return "closed";
    }

    private Object subscribeTo(AsyncIterator<AutoCloseable> elements) {
        subscriber = new RecordingSubscriber<>();
        elements.toPublisher().subscribe(subscriber);
        return subscriber;
    }

    private Object request(long n) {
        subscriber.request(n);
        return "requested";
    }

    private static void assertOutcomes(Map<String, Integer> outcomes, String... permitted) {
        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf(permitted);
        assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(Race.ROUNDS);
    }
}
