package io.valuetask.netty;

import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Operations from their start to their end: how many of each kind there were, what became of them, and which have not
 * ended yet.
 */
final class OperationTally {
    enum Kind {
        CONNECT,
        ACCEPT,
        READ,
        WRITE,
        WRITE_ALL,
        SEND,
        FLUSH,
        SHUTDOWN_OUTPUT,
        CLOSED,
        PUMP,
        RELAY,
        STREAM_READ,
        STREAM_WRITE
    }

    /** What became of the operations of one kind. */
    static final class Counts {
        final LongAdder started = new LongAdder();
        final LongAdder succeeded = new LongAdder();
        final LongAdder failed = new LongAdder();
        final LongAdder cancelled = new LongAdder();

        boolean agree() {
            return started.sum() == succeeded.sum() + failed.sum() + cancelled.sum();
        }
    }

    private static final int KEPT_MISTAKES = 10;

    private final Map<Kind, Counts> counts = new EnumMap<>(Kind.class); // not changed once it is made
    /** By number. Without locks: event loops count here, and threads that they carry, for which they must not wait. */
    private final Map<Long, Operation> inFlight = new ConcurrentSkipListMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Queue<Throwable> mistakes = new ConcurrentLinkedQueue<>();

    OperationTally() {
        for (Kind kind : Kind.values()) {
            counts.put(kind, new Counts());
        }
    }

    /** One operation, from just before it is started until whoever awaits it has learned how it ended. */
    final class Operation {
        private final Kind kind;
        private final Object on;
        private final Thread starter = Thread.currentThread();
        private final long since = System.nanoTime();
        private final long number = numbers.getAndIncrement();
        private final AtomicBoolean over = new AtomicBoolean();

        private Operation(Kind kind, Object on) {
            this.kind = kind;
            this.on = on;
        }

        /** Once. Null: it has succeeded. */
        void ended(Throwable failure) {
            if (!over.compareAndSet(false, true)) {
                mistake(new AssertionError("ended twice: " + this, failure));
                return;
            }
            inFlight.remove(number);
            Counts ofKind = counts.get(kind);
            if (failure == null) {
                ofKind.succeeded.increment();
            } else if (isCancellation(failure)) {
                ofKind.cancelled.increment();
            } else {
                ofKind.failed.increment();
                if (!mayFailWith(failure)) {
                    mistake(new AssertionError("must not fail so: " + this, failure));
                }
            }
        }

        /** Ended as a task has that is complete. */
        void settle(ValueTask<?> task) {
            Throwable failure = null;
            try {
                task.result();
            } catch (Throwable thrown) {
                failure = thrown;
            }
            ended(failure);
        }

        private boolean mayFailWith(Throwable failure) {
            return failure instanceof IOException
                    || kind == Kind.CONNECT && failure instanceof RejectedExecutionException; // no loop is left
        }

        Duration age() {
            return Duration.ofNanos(System.nanoTime() - since);
        }

        @Override
        public String toString() {
            return kind + " since " + age() + " on " + on + ", started by " + starter;
        }
    }

    Operation start(Kind kind, Object on) {
        counts.get(kind).started.increment();
        Operation operation = new Operation(kind, on);
        inFlight.put(operation.number, operation);
        return operation;
    }

    /** An operation that the calling thread starts and awaits. */
    <T> T count(Kind kind, Object on, Callable<T> startAndAwait) throws Exception {
        Operation operation = start(kind, on);
        T result;
        try {
            result = startAndAwait.call();
        } catch (Throwable failure) {
            operation.ended(failure);
            throw failure;
        }
        operation.ended(null);
        return result;
    }

    /** By whichever of its ways an operation is cancelled: token, timeout, interrupt. */
    static boolean isCancellation(Throwable failure) {
        return failure instanceof CancellationException || failure instanceof InterruptedException
                || failure instanceof TimeoutException || failure instanceof SocketTimeoutException;
    }

    /** What is nobody's random ending. */
    void mistake(Throwable failure) {
        if (mistakes.size() < KEPT_MISTAKES || failure instanceof ValueTaskMisuseException) {
            mistakes.add(failure);
        }
    }

    List<Throwable> mistakes() {
        return List.copyOf(mistakes);
    }

    Counts counts(Kind kind) {
        return counts.get(kind);
    }

    long started() {
        return counts.values().stream().mapToLong(ofKind -> ofKind.started.sum()).sum();
    }

    boolean agrees() {
        return inFlight.isEmpty() && counts.values().stream().allMatch(Counts::agree);
    }

    /** Oldest first. */
    List<Operation> inFlight() {
        return inFlight.values().stream().sorted(Comparator.comparingLong(operation -> operation.since))
                .toList();
    }
}
