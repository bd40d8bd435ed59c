package io.valuetask.perf;

import org.HdrHistogram.Histogram;

/**
 * What one window of one mode measured.
 *
 * @param roundTrips complete, verified replies
 * @param elapsedNanos from the first message to the last reply
 * @param latencyNanos of every round trip
 * @param cost what the server used, its sampling taken off
 */
record EchoWindow(long roundTrips, long elapsedNanos, Histogram latencyNanos, ServerSample cost) {
    double opsPerSecond() {
        return roundTrips * 1e9 / elapsedNanos;
    }

    double cpuNanosPerOp() {
        return (double) cost.cpuNanos() / roundTrips;
    }

    boolean countsContextSwitches() {
        return cost.contextSwitches() != ContextSwitches.UNKNOWN;
    }

    double contextSwitchesPerOp() {
        return (double) cost.contextSwitches() / roundTrips;
    }

    double bytesPerOp() {
        return (double) cost.allocatedBytes() / roundTrips;
    }
}
