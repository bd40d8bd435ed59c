package io.valuetask.perf.load;

/**
 * The times of a run, by {@link System#nanoTime}: it begins, is measured from here to there, and ends. Compared by
 * difference, since that clock may begin anywhere.
 *
 * @param start when the ramp begins
 * @param from when the warm-up has ended and the measured time begins
 * @param to when that ends, and nothing new is sent
 * @param slotNanos how long a step of what is shown over time lasts
 */
record LoadWindow(long start, long from, long to, long slotNanos) {
    private static final int MOST_SLOTS = 600;
    private static final long SHORTEST_SLOT = 100_000_000;

    static LoadWindow beginning(long start, LoadOptions options) {
        long from = start + nanos(options.rampSeconds) + nanos(options.warmupSeconds);
        long duration = nanos(options.durationSeconds);
        return new LoadWindow(start, from, from + duration, Math.max(SHORTEST_SLOT, duration / MOST_SLOTS));
    }

    static long nanos(double seconds) {
        return Math.round(seconds * 1e9);
    }

    /** Whether an operation of that time counts. */
    boolean measures(long time) {
        return time - from >= 0 && time - to < 0;
    }

    boolean isOver(long time) {
        return time - to >= 0;
    }

    int slots() {
        return (int) ((to - from + slotNanos - 1) / slotNanos);
    }

    int slotOf(long time) {
        return (int) ((time - from) / slotNanos);
    }

    double seconds() {
        return (to - from) / 1e9;
    }
}
