package io.valuetask;

import io.valuetask.testing.UncaughtFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a token tells, and to whom. */
class CancellationTokenTest {
    private final CancellationTokenSource source = new CancellationTokenSource();
    private final CancellationToken token = source.token();
    private final List<Object> told = new ArrayList<>();

    @Test
    void none_whateverHappens_neverFires() {
        CancellationToken none = CancellationToken.NONE;

        assertThat(none.canBeCanceled()).isFalse();
        assertThat(none.isCancellationRequested()).isFalse();
        assertThatCode(none::throwIfRequested).doesNotThrowAnyException();
        CancellationRegistration registration = none.register(told::add, "state");
        assertThat(registration.unregister()).as("there was nothing to register with").isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void token_ofASource_tellsWhetherCancellationWasRequested() {
        assertThat(token).isSameAs(source.token());
        assertThat(token.canBeCanceled()).isTrue();
        assertThat(token.isCancellationRequested()).isFalse();
        assertThatCode(token::throwIfRequested).doesNotThrowAnyException();

        source.cancel();

        assertThat(token.canBeCanceled()).isTrue();
        assertThat(token.isCancellationRequested()).isTrue();
        assertThatThrownBy(token::throwIfRequested).isInstanceOf(CancellationException.class)
                .hasMessage("cancellation was requested");
    }

    @Test
    void register_beforeTheRequest_isToldOnceOnTheCancellingThread() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        token.register(threads::add, Thread.currentThread());
        token.register(state -> threads.add(Thread.currentThread()), null);
        assertThat(threads).isEmpty();

        Thread canceller = new Thread(source::cancel);
        canceller.start();
        canceller.join();
        source.cancel();

        assertThat(threads).as("the latest first").containsExactly(canceller, Thread.currentThread());
    }

    @Test
    void register_afterTheRequest_isToldAtOnceAndOnce() {
        source.cancel();

        CancellationRegistration registration = token.register(told::add, "state");

        assertThat(told).containsExactly("state");
        assertThat(registration.unregister()).isFalse();
        assertThat(source.registrations()).isZero();
    }

    @Test
    void register_withNullState_handsItOn() {
        token.register(told::add, null);

        source.cancel();

        assertThat(told).containsExactly((Object) null);
    }

    @Test
    void register_withoutCallback_isRefused() {
        assertThatThrownBy(() -> token.register(null, "state")).isInstanceOf(NullPointerException.class)
                .hasMessage("callback");
        assertThatThrownBy(() -> CancellationToken.NONE.register(null, "state"))
                .isInstanceOf(NullPointerException.class).hasMessage("callback");
    }

    @Test
    void register_whenTheCallbackThrowsAtOnce_reportsItAndReturns() {
        IllegalStateException failure = new IllegalStateException("of the callback");
        source.cancel();

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            CancellationRegistration registration = token.register(state -> {
                throw failure;
            }, "state");
            assertThat(registration).isNotNull();
            assertThat(uncaught.failures()).containsExactly(failure);
        }
    }

    @Test
    void close_beforeTheRequest_isNotTold() {
        CancellationRegistration first = token.register(told::add, "first");
        CancellationRegistration second = token.register(told::add, "second");
        CancellationRegistration third = token.register(told::add, "third");
        CancellationRegistration fourth = token.register(told::add, "fourth");

        assertThat(second.unregister()).as("in the middle").isTrue();
        assertThat(fourth.unregister()).as("the latest").isTrue();
        first.close(); // the earliest
        first.close();
        assertThat(first.unregister()).isFalse();
        assertThat(source.registrations()).isEqualTo(1);
        source.cancel();

        assertThat(told).containsExactly("third");
        assertThat(third.unregister()).as("told already").isFalse();
    }

    @Test
    void toString_says_whetherCancellationWasRequested() {
        assertThat(CancellationToken.NONE).hasToString("CancellationToken[NONE]");
        assertThat(token).hasToString("CancellationToken[requested=false]");

        source.cancel();

        assertThat(token).hasToString("CancellationToken[requested=true]");
    }
}
