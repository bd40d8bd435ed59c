package io.valuetask.perf.load;

import java.util.random.RandomGenerator;

/**
 * When the operations of an open loop are due: at a constant rate, or as a Poisson process, in which each operation comes
 * without regard to the others, as those of many users do.
 *
 * <p>The operations are numbered, and a time is where the integral of the rate has grown to the number. So times do not
 * drift, a ramp is another integral and nothing else, and event loops that share one rate take every n-th number of a
 * constant one, or a Poisson process each, which together are one again.
 */
final class Schedule {
    private final double perNano;
    private final double rampNanos;
    private final int step;
    private final RandomGenerator random;
    private double number;

    private Schedule(double perSecond, long rampNanos, double first, int step, RandomGenerator random) {
        this.perNano = perSecond / 1e9;
        this.rampNanos = rampNanos;
        this.step = step;
        this.random = random;
        number = first;
    }

    /**
     * Every {@code step}-th operation of a constant rate.
     *
     * @param perSecond the rate of all loops together, after the ramp
     * @param rampNanos how long the rate grows from nothing
     * @param first which operation comes first
     * @param step how many loops share the rate
     */
    static Schedule constant(double perSecond, long rampNanos, int first, int step) {
        return new Schedule(perSecond, rampNanos, first, step, null);
    }

    /** The share of one of {@code step} loops in a Poisson process with the mean rate {@code perSecond}. */
    static Schedule poisson(double perSecond, long rampNanos, int step, RandomGenerator random) {
        return new Schedule(perSecond, rampNanos, step * random.nextExponential(), step, random);
    }

    /** When the next operation is due, in nanoseconds from the beginning. */
    long next() {
        double due = number;
        number += random == null ? step : step * random.nextExponential();
        double inRamp = perNano * rampNanos / 2;
        return Math.round(due < inRamp
                ? Math.sqrt(2 * rampNanos * due / perNano)
                : rampNanos / 2 + due / perNano);
    }
}
