package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Reachability;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Tokens and reusable sources: what the contract cannot say, since it takes a source of one's own, or two threads. */
class SourceCancellationTest {
    private final ManualResetValueTaskSource<Integer> source = new ManualResetValueTaskSource<>();
    private final List<Long> asked = new ArrayList<>();
    private CancellationTokenSource cancellation = new CancellationTokenSource();
    private long token;

    /** A source that has something to say when it is to be cancelled. */
    private class Own extends ManualResetValueTaskSource<Integer> {
        @Override
        public boolean cancel(long operation) {
            asked.add(operation);
            return cancelIt(operation);
        }

        boolean cancelIt(long operation) {
            return tryCancel(operation);
        }
    }

    @Test
    void request_whenTheSourceDoesMoreToStop_asksTheSource() {
        Own own = new Own();
        own.arm(cancellation.token());

        cancellation.cancel();
        assertThat(asked).containsExactly(1L);
        assertThat(own.getStatus(1)).isEqualTo(ValueTaskSourceStatus.CANCELED);
    }

    @Test
    void arm_whenRequestedAndTheSourceCannotCancel_isPending() throws IOException {
        Own own = new Own() {
            @Override
            boolean cancelIt(long operation) {
                return false;
            }
        };
        cancellation.cancel();

        own.arm(cancellation.token());

        assertThat(asked).containsExactly(1L);
        assertThat(own.getStatus(1)).isEqualTo(ValueTaskSourceStatus.PENDING);
        own.complete(1, 42);
        assertThat(own.getResult(1)).isEqualTo(42);
    }

    @Test
    void arm_whenRequestedAndTheSourceThrows_reportsItAndTheOperationIsGood() throws IOException {
        RuntimeException failure = new RuntimeException("of the source");
        Own own = new Own() {
            @Override
            boolean cancelIt(long operation) {
                throw failure;
            }
        };
        cancellation.cancel();

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(own.arm(cancellation.token())).isEqualTo(1);
            assertThat(uncaught.failures()).containsExactly(failure);
        }

        own.complete(1, 42);
        assertThat(own.getResult(1)).isEqualTo(42);
    }

    @Test
    void request_insideConsumption_touchesNeitherThisOperationNorTheNext() throws IOException {
        ManualResetValueTaskSource<Integer> taking = new ManualResetValueTaskSource<>() {
            @Override
            protected Integer take(Integer value) {
                cancellation.cancel();
                return value;
            }
        };
        taking.arm(cancellation.token());
        taking.complete(1, 42);

        assertThat(taking.getResult(1)).isEqualTo(42);

        assertThat(taking.getStatus(taking.arm())).isEqualTo(ValueTaskSourceStatus.PENDING);
    }

    @Test
    void take_whenItThrows_endsTheRegistration() {
        ManualResetValueTaskSource<Integer> taking = new ManualResetValueTaskSource<>() {
            @Override
            protected Integer take(Integer value) throws IOException {
                throw new IOException("of take");
            }
        };
        taking.arm(cancellation.token());
        taking.complete(1, 42);

        assertThatThrownBy(() -> taking.getResult(1)).hasMessage("of take");

        assertThat(cancellation.registrations()).isZero();
        assertThat(taking.arm(cancellation.token())).isEqualTo(2);
    }

    @Test
    void request_withManySources_cancelsEachWithItsOwnOperation() {
        List<ManualResetValueTaskSource<Integer>> sources = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ManualResetValueTaskSource<Integer> each = new ManualResetValueTaskSource<>();
            each.startAtGeneration(i);
            assertThat(each.arm(cancellation.token())).isEqualTo(i + 1);
            sources.add(each);
        }
        assertThat(cancellation.registrations()).isEqualTo(100);

        cancellation.cancel();

        for (int i = 0; i < 100; i++) {
            assertThat(sources.get(i).getStatus(i + 1)).isEqualTo(ValueTaskSourceStatus.CANCELED);
        }
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    void consumption_whileItTakesItsRegistrationBack_isNotOver() throws Throwable {
        token = source.arm(cancellation.token());
        source.complete(token, 42);
        BackgroundCall<Integer> consumer;
        cancellation.lock.lock();
        try {
            consumer = BackgroundCall.start(Kind.PLATFORM, () -> source.getResult(token)).awaitParked();
            assertThat(source.tryArm()).as("the next owner would find the registration in use").isNegative();
        } finally {
            cancellation.lock.unlock();
        }

        assertThat(consumer.result()).isEqualTo(42);
        assertThat(source.arm(cancellation.token())).isEqualTo(token + 1);
    }

    // What is left behind

    @Test
    void consumption_lets_theTokenForgetTheSource() throws Exception {
        Reachability.awaitUnreachable(operateOnce(cancellation.token()), "the token");
    }

    private static WeakReference<Object> operateOnce(CancellationToken live) throws IOException {
        ManualResetValueTaskSource<Integer> abandoned = new ManualResetValueTaskSource<>();
        // A second source keeps the list from being empty, so that a link that stays behind has somewhere to be.
        ManualResetValueTaskSource<Integer> neighbour = new ManualResetValueTaskSource<>();
        neighbour.arm(live);
        long token = abandoned.arm(live);
        new ManualResetValueTaskSource<Integer>().arm(live);
        abandoned.complete(token, 42);
        assertThat(abandoned.getResult(token)).isEqualTo(42);
        return new WeakReference<>(abandoned);
    }

    @Test
    void consumption_lets_theSourceForgetTheToken() throws Exception {
        Reachability.awaitUnreachable(operateOnce(source), "the source");
    }

    private static WeakReference<Object> operateOnce(ManualResetValueTaskSource<Integer> live)
            throws IOException {
        CancellationTokenSource forgotten = new CancellationTokenSource();
        new ManualResetValueTaskSource<Integer>().arm(forgotten.token());
        long token = live.arm(forgotten.token());
        new ManualResetValueTaskSource<Integer>().arm(forgotten.token());
        live.complete(token, 42);
        assertThat(live.getResult(token)).isEqualTo(42);
        return new WeakReference<>(forgotten);
    }

    // Races

    @Test
    @Timeout(120)
    void request_againstArm_isNeverLost() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> cancellation = new CancellationTokenSource(),
                () -> cancellation.cancel(), () -> {
                    token = source.arm(cancellation.token());
                    return "armed";
                }, () -> source.getStatus(token) + " " + take(token) + " " + cancellation.registrations());

        assertOutcomes(outcomes, "true armed CANCELED canceled 0");
    }

    @Test
    @Timeout(120)
    void request_againstComplete_hasOneWinner() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            cancellation = new CancellationTokenSource();
            return token = source.arm(cancellation.token());
        }, () -> cancellation.cancel(), () -> source.tryComplete(token, 42),
                () -> take(token) + " " + cancellation.registrations());

        assertOutcomes(outcomes, "true true 42 0", "true false canceled 0");
    }

    @Test
    @Timeout(120)
    void requestOfTheOldToken_againstCompleteConsumeRearm_neverTouchesTheNext() throws Exception {
        CancellationTokenSource live = new CancellationTokenSource();
        Map<String, Integer> outcomes = Race.run(() -> {
            cancellation = new CancellationTokenSource();
            return token = source.arm(cancellation.token());
        }, () -> cancellation.cancel(), () -> {
            source.tryComplete(token, 42);
            while (source.getStatus(token) == ValueTaskSourceStatus.PENDING) {
                Thread.onSpinWait(); // the request has won, and is about to publish its outcome
            }
            Object first = take(token);
            token = source.arm(live.token());
            return first;
        }, () -> source.getStatus(token) + " " + live.registrations() + " " + cancellation.registrations()
                + finish());

        assertOutcomes(outcomes, "true 42 PENDING 1 0", "true canceled PENDING 1 0");
    }

    private String finish() throws Exception {
        source.complete(token, 1);
        take(token);
        return "";
    }

    private Object take(long taken) throws Exception {
        try {
            return source.getResult(taken);
        } catch (CancellationException canceled) {
            return "canceled";
        }
    }

    private static void assertOutcomes(Map<String, Integer> outcomes, String... permitted) {
        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf(permitted);
    }
}
