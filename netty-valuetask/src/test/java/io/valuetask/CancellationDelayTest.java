package io.valuetask;

import io.valuetask.testing.Reachability;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Requests that come when a time has passed. */
class CancellationDelayTest {
    private static final Duration LONG = Duration.ofHours(10);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final CancellationTokenSource source = new CancellationTokenSource();
    private final CompletableFuture<Thread> toldOn = new CompletableFuture<>();

    @Test
    void cancelAfter_whenTheTimeHasPassed_requestsOffTheTimersThread() throws Exception {
        source.token().register(state -> toldOn.complete(Thread.currentThread()), null);

        source.cancelAfter(SHORT);

        assertThat(toldOn.get(20, TimeUnit.SECONDS).getName()).isNotEqualTo("value-task-cancellation");
        assertThat(source.isCancellationRequested()).isTrue();
        assertThat(source.cancel()).isFalse();
    }

    @Test
    void cancelAfter_withoutOrWithNegativeTime_requestsHereAndNow() {
        for (Duration now : new Duration[]{Duration.ZERO, SHORT.negated(),
            Duration.ofSeconds(Long.MIN_VALUE)}) {
            Thread[] told = new Thread[1];
            CancellationTokenSource fresh = new CancellationTokenSource();
            fresh.token().register(state -> told[0] = Thread.currentThread(), null);

            fresh.cancelAfter(now);

            assertThat(told).containsExactly(Thread.currentThread());
        }
    }

    @Test
    void cancelAfter_aTimeThatCannotBeCounted_isAsLongAsCanBe() {
        source.cancelAfter(Duration.ofSeconds(Long.MAX_VALUE));

        assertThat(source.isCancellationRequested()).isFalse();
        assertThat(source.cancel()).isTrue();
    }

    @Test
    void cancelAfter_again_replacesTheEarlierTime() throws Exception {
        source.cancelAfter(LONG);
        source.token().register(state -> toldOn.complete(Thread.currentThread()), null);

        source.cancelAfter(SHORT);

        toldOn.get(20, TimeUnit.SECONDS);
        assertThat(source.isCancellationRequested()).isTrue();
    }

    @Test
    void elapsed_ofADelayThatWasReplaced_requestsNothing() {
        CancellationDelay replaced = new CancellationDelay(source);
        source.cancelAfter(LONG);

        source.elapsed(replaced); // it had left the timer when it was replaced

        assertThat(source.isCancellationRequested()).isFalse();
        source.close();
    }

    @Test
    void elapsed_ofADelayWhoseSourceWasClosed_requestsNothing() {
        CancellationDelay late = new CancellationDelay(source);
        source.close();

        source.elapsed(late);

        assertThat(source.isCancellationRequested()).isFalse();
    }

    @Test
    void cancelAfter_whenRequested_changesNothing() {
        source.cancel();

        source.cancelAfter(SHORT);
        source.cancelAfter(Duration.ZERO);

        assertThat(source.isCancellationRequested()).isTrue();
    }

    @Test
    void cancelAfter_whenClosed_isMisuse() {
        source.close();

        for (Duration time : new Duration[]{LONG, Duration.ZERO}) {
            assertThatThrownBy(() -> source.cancelAfter(time)).isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "this cancellation token source is closed: requested=false; cancel before you close "
                                    + "it, or create a new one");
        }
    }

    @Test
    void cancelAfter_withoutTime_isRefused() {
        assertThatThrownBy(() -> source.cancelAfter(null)).isInstanceOf(NullPointerException.class)
                .hasMessage("time");
    }

    @Test
    void drop_beforeStart_isNotLost() throws Exception {
        Reachability.awaitUnreachable(dropThenStart(), "the timer");
    }

    private static WeakReference<Object> dropThenStart() {
        CancellationTokenSource dropped = new CancellationTokenSource();
        CancellationDelay delay = new CancellationDelay(dropped);
        delay.drop();
        delay.start(LONG.toNanos());
        return new WeakReference<>(dropped);
    }

    @Test
    void timer_whenTheSourceIsClosedCancelledOrItsTimeReplaced_forgetsIt() throws Exception {
        Reachability.awaitUnreachable(close(), "the timer");
        Reachability.awaitUnreachable(cancel(), "the timer");
        Reachability.awaitUnreachable(replaceAndClose(), "the timer");
    }

    @Test
    void timer_whenATimeIsReplaced_doesNotGrow() {
        source.cancelAfter(LONG);
        int before = CancellationDelay.waiting();

        for (int i = 0; i < 1000; i++) {
            source.cancelAfter(LONG);
        }

        assertThat(CancellationDelay.waiting()).isLessThanOrEqualTo(before);
        source.close();
    }

    private static WeakReference<Object> close() {
        CancellationTokenSource closed = new CancellationTokenSource();
        closed.cancelAfter(LONG);
        closed.close();
        return new WeakReference<>(closed);
    }

    private static WeakReference<Object> cancel() {
        CancellationTokenSource canceled = new CancellationTokenSource();
        canceled.cancelAfter(LONG);
        canceled.cancel();
        return new WeakReference<>(canceled);
    }

    private static WeakReference<Object> replaceAndClose() {
        CancellationTokenSource replaced = new CancellationTokenSource();
        for (int i = 0; i < 1000; i++) {
            replaced.cancelAfter(LONG);
        }
        replaced.close();
        return new WeakReference<>(replaced);
    }
}
