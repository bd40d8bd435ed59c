package io.valuetask.perf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * All windows of one mode, each with the raw window next to it. Rates and costs are medians over windows,
 * ratios are medians over pairs, with the least and the most of them, and latencies are percentiles of all round trips together.
 */
final class EchoSeries {
    private final Mode mode;
    private final List<EchoWindow> windows = new ArrayList<>();
    private final List<EchoWindow> raws = new ArrayList<>();

    EchoSeries(Mode mode) {
        this.mode = mode;
    }

    void add(EchoWindow window, EchoWindow raw) {
        windows.add(window);
        raws.add(raw);
    }

    /** With whether the connections were opened for each window, see {@link EchoConductor}. */
    EchoRow row(EchoOptions options, boolean openedForEachWindow) {
        Histogram latencies = new Histogram(3);
        windows.forEach(window -> latencies.add(window.latencyNanos()));
        long collections = windows.stream().mapToLong(window -> window.cost().collections()).sum();
        double[] cpuRatios = pairs((window, raw) -> window.cpuNanosPerOp() / raw.cpuNanosPerOp());
        return new EchoRow(mode.workload().toString(), mode.toString(), options.connections,
                options.payloadBytes,
                options.pipelining, median(EchoWindow::opsPerSecond), median(EchoWindow::cpuNanosPerOp),
                median(EchoWindow::bytesPerOp), latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3, latencies.getValueAtPercentile(99.9) / 1e3,
                median(cpuRatios), median(pairs((window, raw) -> window.bytesPerOp() - raw.bytesPerOp())),
                windows.size(), least(cpuRatios), most(cpuRatios), collections,
                windows.stream().allMatch(EchoWindow::countsContextSwitches)
                        ? median(EchoWindow::contextSwitchesPerOp)
                        : null,
                openedForEachWindow, latencies.getMaxValue() / 1e3);
    }

    private double median(ToDoubleFunction<EchoWindow> value) {
        return median(windows.stream().mapToDouble(value).toArray());
    }

    private double[] pairs(ToDoubleBiFunction<EchoWindow, EchoWindow> value) {
        double[] values = new double[windows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.applyAsDouble(windows.get(i), raws.get(i));
        }
        return values;
    }

    static double least(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    static double most(double[] values) {
        return Arrays.stream(values).max().orElseThrow();
    }

    static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
