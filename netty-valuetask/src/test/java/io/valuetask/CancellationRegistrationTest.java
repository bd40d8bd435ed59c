package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** One registration for one operation after another, by owners of sources that are written by hand. */
class CancellationRegistrationTest {
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private final CancellationTokenSource other = new CancellationTokenSource();
    private final Recorder recorder = new Recorder();
    private final CancellationRegistration registration = new CancellationRegistration(recorder);

    /** A source that can do nothing but write down what it is asked to cancel. */
    private static class Recorder implements ValueTaskSource<String> {
        final List<Long> canceled = new ArrayList<>();

        @Override
        public boolean cancel(long token) {
            canceled.add(token);
            return true;
        }

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return ValueTaskSourceStatus.PENDING;
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
            return true;
        }

        @Override
        public String getResult(long token) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void request_whenRegistered_cancelsThatOperationOnce() {
        assertThat(registration.register(cancellation.token(), 41)).isTrue();

        cancellation.cancel();

        assertThat(recorder.canceled).containsExactly(41L);
        assertThat(registration.unregister()).isFalse();
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    void register_whenRequestedBefore_answersFalseAndCancelsNothing() {
        cancellation.cancel();

        assertThat(registration.register(cancellation.token(), 41)).isFalse();

        assertThat(recorder.canceled).isEmpty();
        assertThat(registration.register(other.token(), 42)).as("it is free").isTrue();
    }

    @Test
    void register_withNone_isNoRegistration() {
        assertThat(registration.register(CancellationToken.NONE, 41)).isTrue();
        assertThat(registration.register(cancellation.token(), 42)).as("it is free").isTrue();
    }

    @Test
    void register_withTheTokenOfAClosedSource_isNoRegistration() {
        cancellation.close();

        assertThat(registration.register(cancellation.token(), 41)).isTrue();

        assertThat(registration.unregister()).isFalse();
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    void register_oneOperationAfterAnother_cancelsOnlyTheOneThatIsRegistered() {
        for (long operation = 1; operation <= 3; operation++) {
            assertThat(registration.register(cancellation.token(), operation)).isTrue();
            assertThat(registration.unregister()).isTrue();
        }
        registration.register(cancellation.token(), 4);

        cancellation.cancel();

        assertThat(recorder.canceled).containsExactly(4L);
    }

    @Test
    void register_afterItWasTold_isFreeForTheNextToken() {
        registration.register(cancellation.token(), 1);
        cancellation.cancel();

        assertThat(registration.register(other.token(), 2)).isTrue();
        other.cancel();

        assertThat(recorder.canceled).containsExactly(1L, 2L);
    }

    @Test
    void register_whileItIsTold_isFreeForTheNextTokenAndIsToldTheOldOperation() {
        CancellationRegistration[] own = new CancellationRegistration[1];
        Recorder registering = new Recorder() {
            @Override
            public boolean cancel(long token) {
                canceled.add(token);
                return token == 1 && own[0].register(other.token(), 2);
            }
        };
        own[0] = new CancellationRegistration(registering);
        own[0].register(cancellation.token(), 1);

        cancellation.cancel();
        assertThat(registering.canceled).containsExactly(1L);
        other.cancel();

        assertThat(registering.canceled).containsExactly(1L, 2L);
    }

    @Test
    void register_whenStillRegistered_isMisuseAndTheFirstStays() {
        registration.register(cancellation.token(), 41);
        String message = "this registration is still registered: held=CancellationRegistration[registered, "
                + "operation=41], offered=42; close it when its operation is consumed, or use a second one";

        for (CancellationToken offered : List.of(cancellation.token(), other.token(),
                CancellationToken.NONE)) {
            assertThatThrownBy(() -> registration.register(offered, 42))
                    .isInstanceOf(ValueTaskMisuseException.class).hasMessage(message);
        }
        assertThat(other.registrations()).isZero();
        assertThat(cancellation.registrations()).isEqualTo(1);
        cancellation.cancel();

        assertThat(recorder.canceled).containsExactly(41L);
    }

    @Test
    void register_whenMadeForACallback_isMisuse() {
        CancellationRegistration ofCallback = cancellation.token().register(state -> {}, "state");

        assertThatThrownBy(() -> ofCallback.register(other.token(), 42))
                .isInstanceOf(ValueTaskMisuseException.class)
                .hasMessage("this registration has a callback and no source: operation=42, "
                        + "registration=CancellationRegistration[registered]; create one for the source, or register "
                        + "the callback anew");
        assertThat(other.registrations()).isZero();
    }

    @Test
    void create_withoutSource_isRefused() {
        assertThatThrownBy(() -> new CancellationRegistration(null)).isInstanceOf(NullPointerException.class)
                .hasMessage("source");
    }

    @Test
    void close_ofTheTokenSource_freesIt() {
        registration.register(cancellation.token(), 1);

        cancellation.close();

        assertThat(registration.register(other.token(), 2)).isTrue();
        other.cancel();
        assertThat(recorder.canceled).containsExactly(2L);
    }

    @Test
    void request_whenTheSourceThrows_reportsItAndTellsTheOthers() {
        RuntimeException failure = new RuntimeException("of the source");
        CancellationRegistration throwing = new CancellationRegistration(new Recorder() {
            @Override
            public boolean cancel(long token) {
                throw failure;
            }
        });
        registration.register(cancellation.token(), 1);
        throwing.register(cancellation.token(), 2);

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(cancellation.cancel()).isTrue();
            assertThat(uncaught.failures()).containsExactly(failure);
        }

        assertThat(recorder.canceled).containsExactly(1L);
    }

    @Test
    void toString_says_whetherItIsRegistered() {
        assertThat(registration).hasToString("CancellationRegistration[free, operation=0]");
        registration.register(cancellation.token(), 41);
        assertThat(registration).hasToString("CancellationRegistration[registered, operation=41]");
    }

    @Test
    @Timeout(120)
    void register_againstRegisterWithAnotherToken_hasOneWinner() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            registration.close();
            return null;
        }, () -> registration.register(cancellation.token(), 1),
                () -> registration.register(other.token(), 2),
                () -> cancellation.registrations() + "+" + other.registrations());

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("true misuse 1+0",
                "misuse true 0+1");
    }

    @Test
    @Timeout(120)
    void unregisterAndRegisterAnew_againstRequest_isEitherTakenBackOrToldItsOwnOperation() throws Exception {
        CancellationTokenSource[] fresh = new CancellationTokenSource[1];
        Map<String, Integer> outcomes = Race.run(() -> {
            recorder.canceled.clear();
            registration.close();
            fresh[0] = new CancellationTokenSource();
            return registration.register(fresh[0].token(), 1);
        }, () -> fresh[0].cancel(), () -> {
            boolean takenBack = registration.unregister();
            registration.register(other.token(), 2);
            return takenBack;
        }, () -> recorder.canceled);

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("true true []",
                "true false [1]");
    }
}
