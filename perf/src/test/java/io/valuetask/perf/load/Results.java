package io.valuetask.perf.load;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Results that nobody has measured. */
final class Results {
    private Results() {}

    /**
     * A closed loop.
     *
     * @param startSeconds when it began
     * @param seconds how long it was measured, in steps of a tenth
     * @param latenciesMillis of its answers, which came in the first step
     */
    static LoadResult closed(String label, double startSeconds, double seconds, long... latenciesMillis) {
        return result(label, LoadSetup.CLOSED, null, startSeconds, seconds, 0.1, latenciesMillis);
    }

    static LoadResult result(String label, String loop, Double rate, double startSeconds, double seconds,
            double slotSeconds, long... latenciesMillis) {
        boolean open = loop.equals(LoadSetup.OPEN);
        LoadSetup setup = new LoadSetup(label, loop, open ? "constant" : null, rate, null,
                "http://localhost:1/",
                "HTTP/1.1", 4, 1, 0, List.of("a <profile>"), "load http://localhost:1/",
                new LinkedHashMap<>(Map.of("jvm", "of " + label)));
        Histogram latency = LoopTally.histogram();
        Arrays.stream(latenciesMillis).forEach(millis -> latency.recordValue(millis * 1_000_000));
        Map<String, Long> counters = new LinkedHashMap<>();
        for (LoadCounter counter : LoadCounter.values()) {
            counters.put(counter.key(), (long) counter.ordinal());
        }
        counters.put(LoadCounter.OK.key(), (long) latenciesMillis.length);
        long[] ok = new long[(int) Math.round(seconds / slotSeconds)];
        ok[0] = latenciesMillis.length;
        long[] longest = new long[ok.length];
        longest[0] = latency.getMaxValue() / 1_000;
        return new LoadResult(setup,
                List.of(new LoadResult.Span(Math.round(1e12 + startSeconds * 1e3), seconds)), counters,
                new LoadResult.Generator(1, 2, 0.5, 0.25, 3, 1, 4), List.of(), latency, latency.copy(),
                LoopTally.histogram(), new LoadResult.Series(slotSeconds, ok, longest));
    }
}
