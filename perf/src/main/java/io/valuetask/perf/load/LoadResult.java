package io.valuetask.perf.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a run has shown, or several that were merged. Histograms are in nanoseconds.
 *
 * @param setup what was asked for, and where
 * @param spans the measured times
 * @param counters by {@link LoadCounter#key}
 * @param generator what the generator itself needed
 * @param invalidBecause why it must not be believed; empty if it may
 * @param latency of the good answers: in an open loop from the intended send time, in a closed one from the send time
 * @param service of the same, from the send time
 * @param lateness in an open loop of every operation after its time, in a closed one of a tick of the event loops
 * @param series the measured time in steps
 */
record LoadResult(LoadSetup setup, List<Span> spans, Map<String, Long> counters, Generator generator,
        List<String> invalidBecause, Histogram latency, Histogram service, Histogram lateness,
        Series series) {
    /**
     * A measured time.
     *
     * @param startEpochMillis when it began, by the machine's clock
     * @param seconds how long it was
     */
    record Span(long startEpochMillis, double seconds) {
        private double end() {
            return startEpochMillis / 1e3 + seconds;
        }
    }

    /**
     * The health of the generator, in the measured time.
     *
     * @param cpus processors that its process used, on average
     * @param busiestLoop the share of one processor that the busiest of its event loops used
     * @param compilerMillis how long the JVM's compilers were at work: much of it, and the generator was not warm
     */
    record Generator(int loops, int processors, double cpus, double busiestLoop, long gcMillis,
            long collections, long compilerMillis) {}

    /**
     * What happened in each step, by the time of the answer.
     *
     * @param slotSeconds how long a step is
     * @param ok good answers
     * @param longestMicros the longest latency
     */
    record Series(double slotSeconds, long[] ok, long[] longestMicros) {}

    long count(LoadCounter counter) {
        return counters.getOrDefault(counter.key(), 0L);
    }

    @JsonIgnore
    boolean isValid() {
        return invalidBecause.isEmpty();
    }

    double seconds() {
        return seconds(spans);
    }

    /** How long was measured: time in which several were measured at once counts once. */
    static double seconds(List<Span> spans) {
        double seconds = 0;
        double end = Double.NEGATIVE_INFINITY;
        for (Span span : spans.stream().sorted(Comparator.comparing(Span::startEpochMillis)).toList()) {
            seconds += Math.max(0, span.end() - Math.max(end, span.startEpochMillis / 1e3));
            end = Math.max(end, span.end());
        }
        return seconds;
    }

    double opsPerSecond() {
        return count(LoadCounter.OK) / seconds();
    }

    /** A percentile of the latency. */
    double millisAt(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }
}
