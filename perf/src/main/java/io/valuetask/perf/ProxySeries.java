package io.valuetask.perf;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** All windows of one mode, each with the raw window next to it. Everything is a median; ratios are medians over pairs. */
final class ProxySeries {
    private final Mode mode;
    private final List<ProxyWindow> windows = new ArrayList<>();
    private final List<ProxyWindow> raws = new ArrayList<>();

    ProxySeries(Mode mode) {
        this.mode = mode;
    }

    void add(ProxyWindow window, ProxyWindow raw) {
        windows.add(window);
        raws.add(raw);
    }

    ProxyRow row(ProxyOptions options) {
        double[] throughput = ratios(ProxyWindow::megabytesPerSecond);
        double[] cpu = ratios(ProxyWindow::cpuNanosPerKilobyte);
        return new ProxyRow("proxy", mode.toString(), options.megabytes,
                median(ProxyWindow::megabytesPerSecond),
                median(ProxyWindow::cpuNanosPerKilobyte), median(ProxyWindow::bytesPerMegabyte),
                EchoSeries.median(throughput), EchoSeries.median(cpu), windows.size(),
                EchoSeries.least(throughput), EchoSeries.most(throughput), EchoSeries.least(cpu),
                EchoSeries.most(cpu));
    }

    private double median(ToDoubleFunction<ProxyWindow> value) {
        return EchoSeries.median(windows.stream().mapToDouble(value).toArray());
    }

    private double[] ratios(ToDoubleFunction<ProxyWindow> value) {
        double[] ratios = new double[windows.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = value.applyAsDouble(windows.get(i)) / value.applyAsDouble(raws.get(i));
        }
        return ratios;
    }
}
