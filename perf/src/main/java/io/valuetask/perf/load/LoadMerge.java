package io.valuetask.perf.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * Takes several results together, as if they were one run: of machines that loaded a server at the same time, or of runs
 * one after the other. Which it was follows from their times, and so the rates add up or not.
 */
final class LoadMerge {
    private LoadMerge() {}

    static LoadResult merge(List<LoadResult> results) throws LoadFailure {
        LoadSetup first = results.getFirst().setup();
        for (LoadResult result : results) {
            if (result.setup().isOpen() != first.isOpen()) {
                throw new LoadFailure(
                        "results of an open and of a closed loop have no sum, since their latencies mean "
                                + "different things: '" + first.label() + "' is " + first.loop() + ", '"
                                + result.setup().label() + "' is " + result.setup().loop());
            }
        }
        Map<String, Long> counters = new LinkedHashMap<>();
        List<LoadResult.Span> spans = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        Histogram latency = LoopTally.histogram();
        Histogram service = LoopTally.histogram();
        Histogram lateness = LoopTally.histogram();
        for (LoadResult result : results) {
            result.counters().forEach((key, count) -> counters.merge(key, count, Long::sum));
            spans.addAll(result.spans());
            result.invalidBecause().forEach(reason -> reasons.add(result.setup().label() + ": " + reason));
            latency.add(result.latency());
            service.add(result.service());
            lateness.add(result.lateness());
        }
        return new LoadResult(setup(results), spans, counters, generator(results), reasons, latency, service,
                lateness, series(results));
    }

    private static LoadSetup setup(List<LoadResult> results) {
        LoadSetup first = results.getFirst().setup();
        Map<String, String> environment = new LinkedHashMap<>();
        List<String> profiles = new ArrayList<>();
        for (LoadResult result : results) {
            LoadSetup setup = result.setup();
            setup.environment().forEach((key, value) -> environment.merge(key, value,
                    (known, other) -> known.contains(other) ? known : known + " | " + other));
            setup.profiles().stream().filter(profile -> !profiles.contains(profile)).forEach(profiles::add);
        }
        return new LoadSetup(joined(results, LoadSetup::label), first.loop(),
                first.isOpen() ? joined(results, LoadSetup::arrivals) : null,
                first.isOpen() ? atOnce(results, LoadSetup::rate) : null,
                results.stream().allMatch(
                        result -> first.seed() != null && first.seed().equals(result.setup().seed()))
                                ? first.seed()
                                : null,
                joined(results, LoadSetup::target), joined(results, LoadSetup::protocol),
                (int) Math.round(atOnce(results, LoadSetup::connections)),
                results.stream().mapToInt(result -> result.setup().pipelining()).max().orElseThrow(),
                results.stream().mapToInt(result -> result.setup().payloadBytes()).max().orElseThrow(),
                profiles,
                "merge of " + results.size() + " results: " + joined(results, LoadSetup::command),
                environment);
    }

    private static String joined(List<LoadResult> results, Function<LoadSetup, String> part) {
        return results.stream().map(result -> part.apply(result.setup())).distinct()
                .collect(Collectors.joining(" + "));
    }

    /** What there was at a time, on average: the sum of what was measured at once. */
    private static double atOnce(List<LoadResult> results, ToDoubleFunction<LoadSetup> part) {
        double all = LoadResult.seconds(results.stream().flatMap(result -> result.spans().stream()).toList());
        double sum = 0;
        for (LoadResult result : results) {
            sum += part.applyAsDouble(result.setup()) * result.seconds() / all;
        }
        return sum;
    }

    /** The worst of each. */
    private static LoadResult.Generator generator(List<LoadResult> results) {
        List<LoadResult.Generator> all = results.stream().map(LoadResult::generator).toList();
        return new LoadResult.Generator(
                all.stream().mapToInt(LoadResult.Generator::loops).max().orElseThrow(),
                all.stream().mapToInt(LoadResult.Generator::processors).max().orElseThrow(),
                all.stream().mapToDouble(LoadResult.Generator::cpus).max().orElseThrow(),
                all.stream().mapToDouble(LoadResult.Generator::busiestLoop).max().orElseThrow(),
                all.stream().mapToLong(LoadResult.Generator::gcMillis).sum(),
                all.stream().mapToLong(LoadResult.Generator::collections).sum(),
                all.stream().mapToLong(LoadResult.Generator::compilerMillis).sum());
    }

    /** Steps as long as the longest, each counted from the beginning of its own run. */
    private static LoadResult.Series series(List<LoadResult> results) {
        double slotSeconds = 0;
        double seconds = 0;
        for (LoadResult result : results) {
            slotSeconds = Math.max(slotSeconds, result.series().slotSeconds());
            seconds = Math.max(seconds, result.series().slotSeconds() * result.series().ok().length);
        }
        int slots = (int) Math.ceil(seconds / slotSeconds - 1e-6);
        long[] ok = new long[slots];
        long[] longest = new long[slots];
        for (LoadResult result : results) {
            LoadResult.Series series = result.series();
            for (int i = 0; i < series.ok().length; i++) {
                int slot = Math.min(slots - 1, (int) (i * series.slotSeconds() / slotSeconds + 1e-6));
                ok[slot] += series.ok()[i];
                longest[slot] = Math.max(longest[slot], series.longestMicros()[i]);
            }
        }
        return new LoadResult.Series(slotSeconds, ok, longest);
    }
}
