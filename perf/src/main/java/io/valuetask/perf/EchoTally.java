package io.valuetask.perf;

import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What the connections of one {@link EchoLoad} count together. Belongs to the event loop; whoever has waited
 * for the future given to {@link #start} may read the outcome.
 */
final class EchoTally {
    private static final long LONGEST_NANOS = 60_000_000_000L;

    private final Recorder latencies = new Recorder(LONGEST_NANOS, 3);
    private CompletableFuture<Long> drained;
    private boolean running;
    private int underWay;
    private long roundTrips;
    private volatile long mismatches;
    private volatile long lostConnections;
    private volatile String firstLoss;

    void start(CompletableFuture<Long> whenDrained) {
        drained = whenDrained;
        roundTrips = 0;
        running = true;
    }

    void stop() {
        running = false;
        completeIfDrained();
    }

    /** Whether the next message should be sent. */
    boolean isRunning() {
        return running;
    }

    void sent() {
        underWay++;
    }

    void replied(long latencyNanos) {
        latencies.recordValue(Math.min(latencyNanos, LONGEST_NANOS));
        roundTrips++;
        underWay--;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer, the loop
    void mismatched() {
        mismatches++;
    }

    /** A connection ended that should not have, and its replies will not come. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer, the loop
    void lost(int messagesUnderWay, String cause) {
        if (lostConnections == 0) {
            firstLoss = cause;
        }
        lostConnections++;
        underWay -= messagesUnderWay;
        completeIfDrained();
    }

    void completeIfDrained() {
        if (!running && underWay == 0 && drained != null) {
            drained.complete(roundTrips);
        }
    }

    /** The latencies since the last call. */
    Histogram takeLatencies() {
        return latencies.getIntervalHistogram();
    }

    void requireCorrect() throws EchoFailure {
        if (mismatches > 0 || lostConnections > 0) {
            throw new EchoFailure(mismatches + " replies differed from what was sent, " + lostConnections
                    + " connections were lost; the first: " + firstLoss);
        }
    }
}
