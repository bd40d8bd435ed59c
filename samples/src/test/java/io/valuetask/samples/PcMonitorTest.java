package io.valuetask.samples;

import io.valuetask.CancellationToken;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSource;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The three monitors, and the trap that the first source that one writes may hold. */
@Timeout(60)
class PcMonitorTest {
    private static final PcReading READING = new PcReading(12, 34);

    /** What the three have in common; the test is the sampler. */
    record Monitor(Supplier<ValueTask<PcReading>> next, Consumer<PcReading> publish, Runnable close) {}

    enum Kind {
        BY_HAND {
            @Override
            Monitor create() {
                var monitor = new Sample06PcMonitorByHand.PcMonitor(call -> {});
                return new Monitor(monitor::next, monitor::publish, monitor::close);
            }
        },
        REUSABLE {
            @Override
            Monitor create() {
                var monitor = new Sample07PcMonitorReusable.PcMonitor();
                return new Monitor(() -> monitor.next(CancellationToken.NONE), monitor::publish,
                        monitor::close);
            }
        },
        POOLED {
            @Override
            Monitor create() {
                var monitor = new Sample08PcMonitorPooled.PcMonitor(4, 1000);
                return new Monitor(monitor::next, monitor::publish, monitor::close);
            }
        };

        abstract Monitor create();
    }

    /** The trap: the continuation is called before the outcome is there, and getResult waits for that. */
    private static final class TrappedSource implements ValueTaskSource<PcReading> {
        private final Semaphore published = new Semaphore(0);
        private Consumer<Object> continuation;
        private Object continuationState;

        void publish() {
            continuation.accept(continuationState);
            published.release();
        }

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return ValueTaskSourceStatus.PENDING;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <S> boolean onCompleted(Consumer<? super S> next, S state, long token, int flags) {
            continuation = (Consumer<Object>) next;
            continuationState = state;
            return true;
        }

        @Override
        public PcReading getResult(long token) {
            try {
                published.acquire();
                return READING;
            } catch (InterruptedException endOfTest) {
                throw new CancellationException();
            }
        }
    }

    @Test
    void continuation_whenCalledBeforeTheOutcomeIsThere_deadlocksTheTrap() throws Exception {
        TrappedSource source = new TrappedSource();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        ValueTask<PcReading> task = ValueTask.fromSource(source, 1);
        task.onCompleted(ignored -> assertThatThrownBy(task::result).satisfies(failure::set), null);
        Thread sampler = Thread.ofPlatform().start(source::publish);
        while (!source.published.hasQueuedThreads()) {
            Thread.onSpinWait();
        }

        // The only thread that could release is the one that waits: getResult is called by publish.
        assertThat(Arrays.stream(sampler.getStackTrace()).map(StackTraceElement::getMethodName))
                .containsSubsequence("acquire", "getResult", "publish");

        sampler.interrupt();
        sampler.join();
        assertThat(failure.get()).isInstanceOf(CancellationException.class);
    }

    @ParameterizedTest
    @EnumSource
    void continuation_whenTheReadingComes_takesItWithinThatCall(Kind kind) {
        Monitor monitor = kind.create();
        AtomicReference<PcReading> taken = new AtomicReference<>();
        ValueTask<PcReading> task = monitor.next().get();
        assertThat(task.onCompleted(ignored -> taken.set(resultOf(task)), null)).isTrue();

        monitor.publish().accept(READING); // on this thread, so that a getResult that waited would never return

        assertThat(taken).hasValue(READING);
        monitor.close().run();
    }

    @ParameterizedTest
    @EnumSource
    void continuation_whenItAsksForTheNextReading_getsOneAfterTheOther(Kind kind) {
        Monitor monitor = kind.create();
        int[] readings = new int[1];
        ask(monitor, readings);
        for (int i = 0; i < 1000; i++) {
            monitor.publish().accept(READING);
        }
        assertThat(readings[0]).isEqualTo(1000);
        monitor.close().run();
    }

    private static void ask(Monitor monitor, int[] readings) {
        ValueTask<PcReading> task = monitor.next().get();
        task.onCompleted(ignored -> {
            try {
                task.result();
                readings[0]++;
                ask(monitor, readings);
            } catch (CancellationException | IOException endOfTest) {
                // The monitor is closed.
            }
        }, null);
    }

    @ParameterizedTest
    @EnumSource
    void result_whenPending_isRefusedAndNotWaitedFor(Kind kind) throws Exception {
        Monitor monitor = kind.create();
        ValueTask<PcReading> task = monitor.next().get();
        assertThatThrownBy(task::result).isInstanceOf(IllegalStateException.class);

        monitor.publish().accept(READING);
        assertThat(task.await()).isEqualTo(READING);
        monitor.close().run();
    }

    @ParameterizedTest
    @EnumSource
    void await_whenTheReadingWasTaken_isRefusedAndTheNextIsUnharmed(Kind kind) throws Exception {
        Monitor monitor = kind.create();
        ValueTask<PcReading> old = monitor.next().get();
        monitor.publish().accept(READING);
        old.await();
        assertThatThrownBy(old::await).isInstanceOf(IllegalStateException.class);

        ValueTask<PcReading> next = monitor.next().get();
        assertThatThrownBy(old::await).isInstanceOf(IllegalStateException.class);
        monitor.publish().accept(new PcReading(56, 78));
        assertThatThrownBy(old::result).isInstanceOf(IllegalStateException.class);
        assertThat(next.await()).isEqualTo(new PcReading(56, 78));
        monitor.close().run();
    }

    @ParameterizedTest
    @EnumSource
    void close_whenSomebodyWaits_cancelsThatAndWhatIsAskedLater(Kind kind) {
        Monitor monitor = kind.create();
        ValueTask<PcReading> waiting = monitor.next().get();
        monitor.close().run();
        assertThatThrownBy(waiting::await).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> monitor.next().get().await()).isInstanceOf(CancellationException.class);
    }

    @Test
    void next_whenPooledAndManyWait_answersEachAndRefusesOneTooMany() throws Exception {
        try (var monitor = new Sample08PcMonitorPooled.PcMonitor(4, 100)) {
            List<ValueTask<PcReading>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                tasks.add(monitor.next());
            }
            assertThatThrownBy(monitor.next()::await).isInstanceOf(RejectedExecutionException.class)
                    .hasMessageStartingWith("100 wait already");
            monitor.publish(READING);
            for (ValueTask<PcReading> task : tasks) {
                assertThat(task.await()).isEqualTo(READING);
            }
        }
    }

    @Test
    void publish_whenPooledAndTheCallerGaveUp_doesNotTouchWhoRentedItsSourceSince() throws Exception {
        try (var monitor = new Sample08PcMonitorPooled.PcMonitor(1, 100)) {
            ValueTask<PcReading> given = monitor.next();
            assertThatThrownBy(() -> given.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);
            ValueTask<PcReading> next = monitor.next();
            assertThat(next).hasToString(given.toString().replace("token=1", "token=2")); // the same source
            monitor.publish(READING); // to both, in this order
            assertThat(next.await()).isEqualTo(READING);
        }
    }

    private static PcReading resultOf(ValueTask<PcReading> task) {
        try {
            return task.result();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
