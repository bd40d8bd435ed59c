// $ java -jar samples/target/netty-valuetask-samples.jar pc-monitor-by-hand
package io.valuetask.samples;

import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSource;
import io.valuetask.ValueTaskSourceOnCompletedFlags;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/**
 * What stands behind a value task, written by hand: a source with its three methods, which are logged as they are called.
 * A background thread reads how busy the machine is, and {@code monitor.next()} is awaited for its next reading.
 *
 * <p>Read this to understand; {@link Sample07PcMonitorReusable} is the one to copy.
 */
@Command(name = "pc-monitor-by-hand", mixinStandardHelpOptions = true, description = "A source of value tasks written by hand, and how it is called.")
public final class Sample06PcMonitorByHand implements SampleCommand {
    public static void main(String... arguments) {
        Samples.run(new Sample06PcMonitorByHand(), arguments);
    }

    @Override
    public void run() throws Exception {
        watchTwice();
        takeLate();
        awaitOnThisThread();
    }

    private static void watchTwice() throws InterruptedException {
        try (PcMonitor monitor = new PcMonitor(Sample06PcMonitorByHand::log)) {
            Watcher watcher = new Watcher(monitor, 2);
            watcher.watch();
            monitor.start(); // not before, so that the calls come in the same order in each run
            watcher.done.await();
        }
    }

    private static void takeLate() throws Exception {
        System.out.println(
                "\na reading that is there before anybody waits for it, and what a second await gets:");
        try (PcMonitor monitor = new PcMonitor(Sample06PcMonitorByHand::log)) {
            ValueTask<PcReading> task = monitor.next();
            monitor.publish(PcReading.now());
            if (!task.onCompleted(ignored -> {}, null)) {
                log("     it is " + task.result());
            }
            try {
                task.await();
            } catch (IllegalStateException refusal) {
                log(refusal.getMessage());
            }
        }
    }

    private static void awaitOnThisThread() throws Exception {
        System.out.println("\nthe same calls in one, by a thread that may wait:");
        try (PcMonitor monitor = new PcMonitor(call -> {})) {
            monitor.start();
            System.out.println(monitor.next().await());
        }
    }

    private static void log(String call) {
        System.out.printf("%-8s %s%n", Thread.currentThread().getName(), call);
    }

    /** Awaits one reading after the other without a thread of its own: the three calls that an await consists of. */
    private static final class Watcher {
        private final PcMonitor monitor;
        private final CountDownLatch done = new CountDownLatch(1);
        private int wanted;
        private ValueTask<PcReading> task;

        Watcher(PcMonitor monitor, int wanted) {
            this.monitor = monitor;
            this.wanted = wanted;
        }

        void watch() {
            while (wanted > 0) {
                task = monitor.next();
                if (!task.isCompleted() && task.onCompleted(Watcher::goOn, this)) {
                    return;
                }
                take();
            }
            done.countDown();
        }

        private void goOn() {
            take();
            watch();
        }

        private void take() {
            try {
                log("     it is " + task.result());
                wanted--;
            } catch (IOException | RuntimeException failure) {
                log("     no reading: " + failure);
                wanted = 0;
            }
        }
    }

    /** The monitor and source: one operation at a time, whose number is the token. */
    static final class PcMonitor implements ValueTaskSource<PcReading>, AutoCloseable {
        private final PcSampler sampler = new PcSampler(this::publish);
        private final Consumer<String> log;
        private final ReentrantLock lock = new ReentrantLock();

        // Guarded by the lock.
        private long token;
        private ValueTaskSourceStatus status; // null: no operation
        private PcReading reading;
        private Consumer<Object> continuation;
        private Object continuationState;
        private boolean closed;

        PcMonitor(Consumer<String> log) {
            this.log = log;
        }

        void start() {
            sampler.start();
        }

        /** The next reading that is taken; await it before the next call. */
        ValueTask<PcReading> next() {
            lock.lock();
            try {
                if (status != null) {
                    throw new IllegalStateException(
                            "operation " + token + " is " + status + "; await it before the next one");
                }
                token++;
                status = closed ? ValueTaskSourceStatus.CANCELED : ValueTaskSourceStatus.PENDING;
                log.accept("next() is operation " + token);
                return ValueTask.fromSource(this, token);
            } finally {
                lock.unlock();
            }
        }

        /** The sampler's side. A reading that nobody has asked for is dropped. */
        void publish(PcReading outcome) {
            complete(ValueTaskSourceStatus.SUCCEEDED, outcome);
        }

        /**
         * First the outcome is put in its place, then the continuation is called: it takes the outcome within this call,
         * on this thread. The other way round it would ask for what is not there, and if it waited for it, for ever: it
         * would keep this thread from ever bringing it. The lock is not held, since the continuation is foreign code.
         */
        private void complete(ValueTaskSourceStatus outcome, PcReading value) {
            Consumer<Object> resumed;
            Object state;
            lock.lock();
            try {
                if (status != ValueTaskSourceStatus.PENDING) {
                    return;
                }
                status = outcome;
                reading = value;
                resumed = continuation;
                state = continuationState;
                continuation = null;
                continuationState = null;
                log.accept("operation " + token + " is " + outcome + (resumed == null ? "" : ": go on"));
            } finally {
                lock.unlock();
            }
            if (resumed != null) {
                resumed.accept(state);
            }
        }

        @Override
        public ValueTaskSourceStatus getStatus(long asked) {
            lock.lock();
            try {
                requireCurrent(asked);
                log.accept("getStatus(" + asked + ") -> " + status);
                return status;
            } finally {
                lock.unlock();
            }
        }

        @Override
        @SuppressWarnings("unchecked") // it is called with the state that came with it
        public <S> boolean onCompleted(Consumer<? super S> next, S state, long asked, int flags) {
            if (flags != ValueTaskSourceOnCompletedFlags.NONE) {
                throw new UnsupportedOperationException("flags: " + flags + " (expected: none)");
            }
            lock.lock();
            try {
                requireCurrent(asked);
                if (continuation != null) {
                    throw new IllegalStateException("operation " + asked + " has a waiter; await it once");
                }
                boolean pending = status == ValueTaskSourceStatus.PENDING;
                if (pending) {
                    continuation = (Consumer<Object>) next;
                    continuationState = state;
                }
                log.accept("onCompleted(" + asked + ") -> " + pending);
                return pending;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public PcReading getResult(long asked) {
            lock.lock();
            try {
                requireCurrent(asked);
                if (status == ValueTaskSourceStatus.PENDING) {
                    throw new IllegalStateException("operation " + asked + " is pending; await it");
                }
                log.accept("getResult(" + asked + ")");
                boolean canceled = status == ValueTaskSourceStatus.CANCELED;
                PcReading result = reading;
                reading = null;
                status = null; // from here on next() may be called
                if (canceled) {
                    throw new CancellationException("the monitor is closed");
                }
                return result;
            } finally {
                lock.unlock();
            }
        }

        private void requireCurrent(long asked) {
            if (asked != token || status == null) {
                throw new IllegalStateException("operation " + asked + " is over (the last one is " + token
                        + "); await a value task once");
            }
        }

        @Override
        public void close() {
            sampler.close();
            lock.lock();
            closed = true;
            lock.unlock();
            complete(ValueTaskSourceStatus.CANCELED, null);
        }
    }
}
/*
main     next() is operation 1
main     getStatus(1) -> PENDING
main     onCompleted(1) -> true
sampler  operation 1 is SUCCEEDED: go on
sampler  getResult(1)
sampler       it is cpu 0 %, memory 14 %
sampler  next() is operation 2
sampler  getStatus(2) -> PENDING
sampler  onCompleted(2) -> true
sampler  operation 2 is SUCCEEDED: go on
sampler  getResult(2)
sampler       it is cpu 100 %, memory 14 %

a reading that is there before anybody waits for it, and what a second await gets:
main     next() is operation 1
main     operation 1 is SUCCEEDED
main     onCompleted(1) -> false
main     getResult(1)
main          it is cpu 100 %, memory 14 %
main     operation 1 is over (the last one is 1); await a value task once

the same calls in one, by a thread that may wait:
cpu 100 %, memory 14 %
*/
