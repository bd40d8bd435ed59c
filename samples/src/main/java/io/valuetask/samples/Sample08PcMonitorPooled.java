// $ java -jar samples/target/netty-valuetask-samples.jar pc-monitor-pooled
package io.valuetask.samples;

import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.ValueTaskSourcePool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import picocli.CommandLine.Command;

/**
 * The monitor for any number of callers at a time, each with an operation of its own. A source is rented from a pool as
 * the operation starts, and goes back in the step that takes its result: there is no call to give it back, and so none
 * that can be forgotten or made twice.
 */
@Command(name = "pc-monitor-pooled", mixinStandardHelpOptions = true, description = "The same for many callers: sources from a pool, and a task kept too long.")
public final class Sample08PcMonitorPooled implements SampleCommand {
    public static void main(String... arguments) {
        Samples.run(new Sample08PcMonitorPooled(), arguments);
    }

    @Override
    public void run() throws Exception {
        try (PcMonitor monitor = new PcMonitor(4, 1000)) {
            keepTooLong(monitor);
            monitor.start();
            watchTogether(monitor);
        }
    }

    /** The monitor is not started yet: here it publishes when it is told to. */
    private static void keepTooLong(PcMonitor monitor) throws Exception {
        ValueTask<PcReading> old = monitor.next();
        System.out.println("rented      " + monitor.sources);
        monitor.publish(PcReading.now());
        System.out.println("first       " + old.await());
        System.out.println("taken       " + monitor.sources);
        awaitAgain(old);

        ValueTask<PcReading> next = monitor.next();
        System.out.println("rented anew " + monitor.sources);
        awaitAgain(old);
        monitor.publish(PcReading.now());
        System.out.println("second      " + next.await() + ", which the old task has not taken");
    }

    private static void awaitAgain(ValueTask<PcReading> old) throws Exception {
        try {
            old.await();
        } catch (ValueTaskMisuseException refusal) {
            System.out.println("  the first one awaited again: " + refusal.getMessage());
        }
    }

    private static void watchTogether(PcMonitor monitor) throws InterruptedException {
        List<Thread> watchers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            watchers.add(Thread.startVirtualThread(() -> watch(monitor)));
        }
        for (Thread watcher : watchers) {
            watcher.join();
        }
        System.out.println("in the end  " + monitor.sources);
    }

    private static void watch(PcMonitor monitor) {
        try {
            PcReading first = monitor.next().await();
            PcReading second = monitor.next().await();
            System.out.println("a watcher   " + first + "; " + second);
        } catch (Exception failure) {
            System.out.println("a watcher   " + failure);
        }
    }

    /** The monitor: as many operations at a time as it is made for. */
    static final class PcMonitor implements AutoCloseable {
        private final PcSampler sampler = new PcSampler(this::publish);
        private final ValueTaskSourcePool<ManualResetValueTaskSource<PcReading>> sources;
        private final int mostWaiting;
        private final ReentrantLock lock = new ReentrantLock();

        /** Guarded by the lock. */
        private List<Waiting> waiting = new ArrayList<>();

        /** Guarded by the lock. */
        private boolean closed;

        /**
         * A caller, as the sampler knows it. One that gave up is here until the next reading: then its token is not the
         * current one any more, and whoever has rented the source since is not touched.
         */
        private record Waiting(ManualResetValueTaskSource<PcReading> source, long token) {}

        PcMonitor(int idleSources, int mostWaiting) {
            sources = new ValueTaskSourcePool<>(idleSources, ManualResetValueTaskSource::new);
            this.mostWaiting = mostWaiting;
        }

        void start() {
            sampler.start();
        }

        /** The next reading that is taken; one for each caller. */
        ValueTask<PcReading> next() {
            lock.lock();
            try {
                if (closed) {
                    return ValueTask.failed(new CancellationException("the monitor is closed"));
                } else if (waiting.size() == mostWaiting) {
                    return ValueTask.failed(new RejectedExecutionException(
                            mostWaiting + " wait already; ask again after the next reading"));
                }
                ManualResetValueTaskSource<PcReading> source = sources.rent();
                long token = source.arm();
                waiting.add(new Waiting(source, token));
                return ValueTask.fromSource(source, token);
            } finally {
                lock.unlock();
            }
        }

        /** The sampler's side: continuations run within, and may ask for the next reading. */
        void publish(PcReading reading) {
            for (Waiting caller : removeWaiting()) {
                caller.source.tryComplete(caller.token, reading);
            }
        }

        private List<Waiting> removeWaiting() {
            lock.lock();
            try {
                List<Waiting> all = waiting;
                waiting = new ArrayList<>();
                return all;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            sampler.close();
            lock.lock();
            closed = true;
            lock.unlock();
            for (Waiting caller : removeWaiting()) {
                caller.source.tryCompleteExceptionally(caller.token,
                        new CancellationException("the monitor is closed"));
            }
        }
    }
}
/*
rented      ValueTaskSourcePool[capacity=4, idle=0, outstanding=1, created=1, lost=0]
first       cpu 100 %, memory 12 %
taken       ValueTaskSourcePool[capacity=4, idle=1, outstanding=0, created=1, lost=0]
  the first one awaited again: the result of this value task was already taken: token=1, current=1, state=CONSUMING, waiter=ANSWERED, source=ManualResetValueTaskSource; await a value task once, or keep it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
rented anew ValueTaskSourcePool[capacity=4, idle=0, outstanding=1, created=1, lost=0]
  the first one awaited again: this value task belongs to an earlier operation: token=1, current=2, state=PENDING, waiter=NONE, source=ManualResetValueTaskSource; await a value task once, or keep it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
second      cpu 100 %, memory 12 %, which the old task has not taken
a watcher   cpu 100 %, memory 12 %; cpu 100 %, memory 12 %
a watcher   cpu 100 %, memory 12 %; cpu 100 %, memory 12 %
a watcher   cpu 100 %, memory 12 %; cpu 100 %, memory 12 %
in the end  ValueTaskSourcePool[capacity=4, idle=3, outstanding=0, created=3, lost=0]
*/
