package io.valuetask.schedule;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What the flight recorder and the log are told: who began, who went on, and who kept the loop for itself (H29). */
@Timeout(90)
class CarrierRecordingTest {
    private static final String STARTED = "io.valuetask.BodyStarted";
    private static final String RESUMED = "io.valuetask.BodyResumed";
    private static final String BLOCKED = "io.valuetask.LoopBlocked";

    private final CarryingLoop carrying = new CarryingLoop();

    @AfterEach
    void close() {
        carrying.close();
    }

    private List<RecordedEvent> record(CarryingLoop.Body scene, String... enabled) throws Throwable {
        Path file = Files.createTempFile("carrier", ".jfr");
        try (Recording recording = new Recording()) {
            for (String event : enabled) {
                recording.enable(event);
            }
            recording.start();
            scene.run();
            recording.stop();
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith("io.valuetask.")).toList();
        } finally {
            Files.delete(file);
        }
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
    }

    private void aBodyThatYieldsTwice() throws Exception {
        CarryingLoop.join(carrying.start(() -> {
            Thread.yield();
            Thread.yield();
        }));
        carrying.settle();
    }

    @Test
    void body_whenItBegins_isRecordedWithItsLoop() throws Throwable {
        List<RecordedEvent> events = record(this::aBodyThatYieldsTwice, STARTED);

        assertThat(events).hasSize(1);
        assertThat(events.getFirst().getThread().getJavaName()).isEqualTo("body");
        assertThat(events.getFirst().getThread().isVirtual()).isTrue();
        assertThat(events.getFirst().getString("eventLoop")).isEqualTo(carrying.loop.toString());
    }

    @Test
    void resumption_isRecordedOnlyForThoseWhoAsk() throws Throwable {
        assertThat(named(record(this::aBodyThatYieldsTwice, STARTED, BLOCKED), RESUMED)).isEmpty();

        List<RecordedEvent> events = named(record(this::aBodyThatYieldsTwice, STARTED, RESUMED), RESUMED);

        // Three were committed. The recorder of JDK 25.0.3 does not keep the one in which a virtual thread is new.
        assertThat(events).as("started, and went on twice").hasSizeBetween(2, 3).allSatisfy(event -> {
            assertThat(event.getThread("body").getJavaName()).isEqualTo("body");
            assertThat(event.getDuration()).isPositive();
        });
    }

    // Who keeps the loop

    /** What is logged, and kept from the console. It can fail, too. */
    private static final class Log extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger(LoopWatchdog.class.getName());
        private final LinkedBlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();
        private final AtomicBoolean fails = new AtomicBoolean();
        private volatile ReentrantLock lock = new ReentrantLock();

        Log() {
            logger.setUseParentHandlers(false);
            logger.setLevel(Level.ALL);
            setLevel(Level.ALL);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord entry) {
            ReentrantLock mine = lock;
            mine.lock();
            mine.unlock();
            records.add(entry);
            if (fails.get()) {
                throw new IllegalStateException("planted");
            }
        }

        String next() throws InterruptedException {
            LogRecord next = records.poll(CarryingLoop.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(next).as("logged in time").isNotNull();
            return next.getMessage();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
    }

    private void keepTheLoopUntil(CarryingLoop.Body between) throws Throwable {
        AtomicBoolean reported = new AtomicBoolean();
        Thread body = carrying.start(() -> computeUntil(reported));
        between.run();
        reported.set(true);
        CarryingLoop.join(body);
    }

    private static void computeUntil(AtomicBoolean reported) {
        while (!reported.get()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void body_whichComputesForLong_isRecordedAndLoggedWithItsStack() throws Throwable {
        try (Log log = new Log()) {
            List<RecordedEvent> events = record(() -> keepTheLoopUntil(() -> assertThat(log.next())
                    .contains("computeUntil", "all channels of the loop", carrying.loop.toString())),
                    BLOCKED);

            RecordedEvent event = named(events, BLOCKED).getFirst();
            assertThat(event.getString("where")).contains("computeUntil");
            assertThat(event.getString("eventLoop")).isEqualTo(carrying.loop.toString());
            assertThat(event.getThread("body").getJavaName()).isEqualTo("body");
            assertThat(event.getDuration("soFar")).isGreaterThanOrEqualTo(Duration.ofMillis(250));
        }
    }

    @Test
    void bodies_whichComputeForLongOneAfterAnother_areEachReportedOnceAndWarnedOfOnce() throws Throwable {
        try (Log log = new Log()) {
            keepTheLoopUntil(log::next); // whether or not it is the first one in this JVM
            CountDownLatch told = new CountDownLatch(1);
            keepTheLoopUntil(() -> {
                LogRecord record = log.records.poll(CarryingLoop.LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertThat(record).isNotNull();
                assertThat(record.getLevel()).as("others are not for everybody").isEqualTo(Level.FINE);
                told.countDown();
            });
            CarryingLoop.await(told);
            assertThat(log.records).as("once each").isEmpty();
        }
    }

    /** It was mounted when that was asked. There is nothing to warn of, and only the first warning is for everybody. */
    @Test
    void body_whichHasGoneOnMeanwhile_hasNoStackToReport() throws Throwable {
        Thread body = carrying.start(() -> {});
        CarryingLoop.join(body);

        assertThat(LoopWatchdog.where(body)).isEmpty();
    }

    /** A body holds the lock of the log, parked, and the loop waits for that behind it: the watch must not. */
    @Test
    void watch_whenTheLogWaitsForABody_letsThatGoOn() throws Throwable {
        ReentrantLock lock = new ReentrantLock();
        Thread loopThread = carrying.thread();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch handled = new CountDownLatch(1);
        try (Log log = new Log(); CarryingLoop other = new CarryingLoop()) {
            log.lock = lock;
            Thread holder = carrying.start(() -> {
                lock.lock();
                held.countDown();
                goOn.await();
                lock.unlock();
            });
            CarryingLoop.await(held);
            CarryingLoop.awaitParked(holder);
            AtomicBoolean waits = new AtomicBoolean();
            Thread reported = other.start(() -> computeUntil(waits));
            awaitQueued(lock, 1); // by the report of that one
            carrying.loop.execute(() -> {
                lock.lock();
                lock.unlock();
                handled.countDown();
            });
            while (!lock.hasQueuedThread(loopThread)) {
                Thread.onSpinWait();
            }
            goOn.countDown();

            CarryingLoop.await(handled);
            waits.set(true);
            CarryingLoop.join(holder, reported);
        }
    }

    private static void awaitQueued(ReentrantLock lock, int count) {
        long deadline = System.nanoTime() + CarryingLoop.LIMIT.toNanos();
        while (lock.getQueueLength() < count) {
            assertThat(System.nanoTime() - deadline).as("too late").isNegative();
            Thread.onSpinWait();
        }
    }

    /** A log that throws does not end the watch. */
    @Test
    void watch_whenTheLogFails_goesOn() throws Throwable {
        try (Log log = new Log()) {
            log.fails.set(true);
            keepTheLoopUntil(log::next);
            log.fails.set(false);
            keepTheLoopUntil(log::next);
        }
    }

    /** Its initializer waits, and nobody can unmount who runs it. */
    private static final class Slow {
        static final CountDownLatch WAITED = new CountDownLatch(1);
        static final Gate GATE = Gate.opened(WAITED);

        private Slow() {}
    }

    private record Gate(boolean open) {
        static Gate opened(CountDownLatch latch) {
            Initializer.begun.countDown();
            while (!Initializer.mayEnd) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            latch.countDown();
            return new Gate(true);
        }
    }

    private static final class Initializer {
        static final CountDownLatch begun = new CountDownLatch(1);
        static volatile boolean mayEnd;

        private Initializer() {}
    }

    @Test
    void body_whichWaitsInAStaticInitializer_isReportedWithItsStack() throws Throwable {
        try (Log log = new Log()) {
            Thread body = carrying.start(() -> assertThat(Slow.GATE.open()).isTrue());
            CarryingLoop.await(Initializer.begun);
            assertThat(log.next()).contains("<clinit>", "opened");
            Initializer.mayEnd = true;
            CarryingLoop.join(body);
        }
    }

    /** Its thread is not known here. */
    @Test
    void threadOfABody_whichComputesForLong_isReportedToo() throws Throwable {
        try (Log log = new Log()) {
            AtomicBoolean reported = new AtomicBoolean();
            Thread body = carrying
                    .start(() -> Thread.startVirtualThread(() -> computeUntil(reported)).join());
            assertThat(log.next()).contains("a thread that a body has started");
            reported.set(true);
            CarryingLoop.join(body);
        }
    }
}
