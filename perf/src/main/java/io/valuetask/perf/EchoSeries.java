package io.valuetask.perf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * All windows of one mode, each with the raw window next to it. Rates and costs are medians over windows,
 * ratios are medians over pairs, and latencies are percentiles of all round trips together.
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

    EchoRow row(EchoOptions options) {
        Histogram latencies = new Histogram(3);
        windows.forEach(window -> latencies.add(window.latencyNanos()));
        long collections = windows.stream().mapToLong(window -> window.cost().collections()).sum();
        return new EchoRow(mode.workload().toString(), mode.toString(), options.connections,
                options.payloadBytes,
                options.pipelining, median(EchoWindow::opsPerSecond), median(EchoWindow::cpuNanosPerOp),
                median(EchoWindow::bytesPerOp), latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3, latencies.getValueAtPercentile(99.9) / 1e3,
                medianOfPairs((window, raw) -> window.cpuNanosPerOp() / raw.cpuNanosPerOp()),
                medianOfPairs((window, raw) -> window.bytesPerOp() - raw.bytesPerOp()), windows.size(),
                latencies.getMaxValue() / 1e3, collections);
    }

    private double median(ToDoubleFunction<EchoWindow> value) {
        return median(windows.stream().mapToDouble(value).toArray());
    }

    private double medianOfPairs(ToDoubleBiFunction<EchoWindow, EchoWindow> value) {
        double[] values = new double[windows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.applyAsDouble(windows.get(i), raws.get(i));
        }
        return median(values);
    }

    static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
