package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.UncaughtFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** One request, told to all once; and what those who are told may do. */
class CancellationTokenSourceTest {
    private static final String CLOSED = "this cancellation token source is closed: requested=%s; cancel before you "
            + "close it, or create a new one";

    private final CancellationTokenSource source = new CancellationTokenSource();
    private final List<Object> told = new ArrayList<>();

    @Test
    void cancel_theFirstTime_tellsAllTheLatestFirst() {
        source.token().register(told::add, "first");
        source.token().register(told::add, "second");
        source.token().register(told::add, "third");
        assertThat(source.isCancellationRequested()).isFalse();

        assertThat(source.cancel()).isTrue();

        assertThat(source.isCancellationRequested()).isTrue();
        assertThat(told).containsExactly("third", "second", "first");
        assertThat(source.registrations()).isZero();
    }

    @Test
    void cancel_theSecondTime_doesNothing() {
        source.token().register(told::add, "state");
        source.cancel();

        assertThat(source.cancel()).isFalse();

        assertThat(told).containsExactly("state");
    }

    @Test
    void cancel_whenTold_seesTheRequest() {
        source.token().register(state -> told.add(source.isCancellationRequested()), null);

        source.cancel();

        assertThat(told).containsExactly(true);
    }

    @Test
    void cancel_whenACallbackThrows_reportsItAndTellsTheOthers() {
        IllegalStateException failure = new IllegalStateException("of the callback");
        source.token().register(told::add, "first");
        source.token().register(state -> {
            throw failure;
        }, "second");
        source.token().register(told::add, "third");

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            assertThat(source.cancel()).isTrue();
            assertThat(uncaught.failures()).containsExactly(failure);
        }

        assertThat(told).containsExactly("third", "first");
    }

    // What a callback may do

    @Test
    void callback_thatCancelsAgain_isToldThatItHappened() {
        source.token().register(told::add, "other");
        source.token().register(state -> told.add(source.cancel()), "state");

        source.cancel();

        assertThat(told).containsExactly(false, "other");
    }

    @Test
    void callback_thatRegisters_isToldAtOnce() {
        source.token().register(told::add, "other");
        source.token().register(state -> source.token().register(told::add, state), "inner");

        source.cancel();

        assertThat(told).containsExactly("inner", "other");
        assertThat(source.registrations()).isZero();
    }

    @Test
    void callback_thatClosesAnother_keepsItFromBeingTold() {
        CancellationRegistration earlier = source.token().register(told::add, "earlier");
        source.token().register(state -> told.add(earlier.unregister()), null);

        source.cancel();

        assertThat(told).containsExactly(true);
    }

    @Test
    void callback_thatClosesItself_finds_thatItIsBeingTold() {
        CancellationRegistration[] own = new CancellationRegistration[1];
        own[0] = source.token().register(state -> told.add(own[0].unregister()), null);

        source.cancel();

        assertThat(told).containsExactly(false);
    }

    @Test
    void callback_thatClosesTheSource_doesNotLoseTheOthers() {
        source.token().register(told::add, "other");
        source.token().register(state -> source.close(), null);

        assertThat(source.cancel()).isTrue();

        assertThat(told).containsExactly("other");
        assertThat(source.isCancellationRequested()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void callback_thatWaitsForAThreadWhichUsesTheSource_doesNotDeadlock(Kind kind) throws Throwable {
        CancellationRegistration earlier = source.token().register(told::add, "earlier");
        source.token().register(state -> {
            try {
                BackgroundCall.start(kind, () -> {
                    told.add(earlier.unregister());
                    source.token().register(told::add, "registered meanwhile");
                    told.add(source.cancel());
                    source.close();
                    return null;
                }).result();
            } catch (Throwable failure) {
                told.add(failure);
            }
        }, null);

        BackgroundCall<Boolean> canceller = BackgroundCall.start(kind, source::cancel);

        assertThat(canceller.result()).isTrue();
        assertThat(told).containsExactly(true, "registered meanwhile", false);
    }

    // Closing

    @Test
    void close_whenActive_tellsNobodyAndLetsGo() {
        CancellationRegistration first = source.token().register(told::add, "first");
        source.token().register(told::add, "second");

        source.close();
        source.close();

        assertThat(source.registrations()).isZero();
        assertThat(first.unregister()).isFalse();
        assertThat(source.isCancellationRequested()).isFalse();
        assertThat(source.token().canBeCanceled()).isTrue();
        source.token().register(told::add, "third");
        assertThat(source.registrations()).isZero();
        assertThat(told).isEmpty();
    }

    @Test
    void cancel_whenClosed_isMisuse() {
        source.close();

        assertThatThrownBy(source::cancel).isInstanceOf(IllegalStateException.class)
                .hasMessage(CLOSED, "false");

        assertThat(source.isCancellationRequested()).isFalse();
    }

    @Test
    void cancel_whenRequestedAndClosed_isMisuseAndStaysRequested() {
        source.cancel();
        source.close();

        assertThatThrownBy(source::cancel).isInstanceOf(IllegalStateException.class)
                .hasMessage(CLOSED, "true");
        assertThat(source.token().isCancellationRequested()).isTrue();
        source.token().register(told::add, "late");
        assertThat(told).as("the token goes on to say so").containsExactly("late");
    }

    @Test
    void toString_says_whereItStands() {
        assertThat(source).hasToString("CancellationTokenSource[requested=false, closed=false]");
        source.cancel();
        source.close();
        assertThat(source).hasToString("CancellationTokenSource[requested=true, closed=true]");
    }

    @Test
    @Timeout(120)
    void cancel_againstCancel_hasOneWinnerAndTellsOnce() throws Exception {
        AtomicInteger count = new AtomicInteger();
        CancellationTokenSource[] fresh = new CancellationTokenSource[1];
        Map<String, Integer> outcomes = Race.run(() -> {
            count.set(0);
            fresh[0] = new CancellationTokenSource();
            fresh[0].token().register(AtomicInteger::incrementAndGet, count);
            return fresh[0].token().register(AtomicInteger::incrementAndGet, count);
        }, () -> fresh[0].cancel(), () -> fresh[0].cancel(), count::get);

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("true false 2", "false true 2");
    }

    @Test
    @Timeout(120)
    void register_againstRequest_isToldOnce() throws Exception {
        AtomicInteger count = new AtomicInteger();
        CancellationTokenSource[] fresh = new CancellationTokenSource[1];
        Map<String, Integer> outcomes = Race.run(() -> {
            count.set(0);
            return fresh[0] = new CancellationTokenSource();
        }, () -> fresh[0].cancel(), () -> {
            fresh[0].token().register(AtomicInteger::incrementAndGet, count);
            return "registered";
        }, count::get);

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("true registered 1");
    }
}
