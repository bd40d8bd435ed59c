package io.valuetask.perf.load;

import org.HdrHistogram.Histogram;

/**
 * What one event loop counts. Belongs to that loop; once all its bodies have ended, to whoever has waited for that.
 */
final class LoopTally {
    static final long LONGEST_NANOS = 3_600_000_000_000L;
    private static final int DIGITS = 3;

    private final long[] counts = new long[LoadCounter.values().length];
    private final Histogram latency = histogram();
    private final Histogram service = histogram();
    private final Histogram lateness = histogram();
    private Histogram recent = histogram();
    private LoadWindow window;
    private long[] okPerSlot;
    private long[] longestPerSlot;

    /** From here on there are operations. */
    void begin(LoadWindow measured) {
        window = measured;
        okPerSlot = new long[window.slots()];
        longestPerSlot = new long[window.slots()];
    }

    static Histogram histogram() {
        return new Histogram(LONGEST_NANOS, DIGITS);
    }

    void count(LoadCounter counter) {
        add(counter, 1);
    }

    void add(LoadCounter counter, int times) {
        counts[counter.ordinal()] += times;
    }

    /**
     * An operation was answered as it should be.
     *
     * @param intended when it should have been sent: what its latency is counted from
     * @param sent when it was given to a connection
     * @param now when the answer was complete
     */
    void answered(long intended, long sent, long now) {
        long nanos = bounded(now - intended);
        recent.recordValue(nanos);
        if (window.measures(intended)) {
            count(LoadCounter.OK);
            latency.recordValue(nanos);
            service.recordValue(bounded(now - sent));
        }
        if (window.measures(now)) {
            int slot = window.slotOf(now);
            okPerSlot[slot]++;
            longestPerSlot[slot] = Math.max(longestPerSlot[slot], nanos);
        }
    }

    /** Something of the generator's own happened that much after its time. */
    void late(long nanos) {
        lateness.recordValue(bounded(nanos));
    }

    private static long bounded(long nanos) {
        return Math.clamp(nanos, 0, LONGEST_NANOS);
    }

    /** What was answered since the last call; the loop goes on with {@code empty}. */
    Histogram takeRecent(Histogram empty) {
        Histogram taken = recent;
        recent = empty;
        return taken;
    }

    long counted(LoadCounter counter) {
        return counts[counter.ordinal()];
    }

    Histogram latency() {
        return latency;
    }

    Histogram service() {
        return service;
    }

    Histogram lateness() {
        return lateness;
    }

    long[] okPerSlot() {
        return okPerSlot;
    }

    long[] longestPerSlot() {
        return longestPerSlot;
    }
}
