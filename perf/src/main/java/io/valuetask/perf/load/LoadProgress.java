package io.valuetask.perf.load;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.HdrHistogram.Histogram;

/** Shows the rate and the 99th percentile as they are now: a bar on a terminal, a line every few seconds elsewhere. */
final class LoadProgress implements AutoCloseable {
    private static final long LINE_NANOS = 5_000_000_000L;

    private final boolean quiet;
    private ProgressBar bar;
    private long lineNanos;
    private final Histogram sinceLine = LoopTally.histogram();
    private double secondsSinceLine;

    /** Makes one that shows nothing if {@code quiet}. */
    LoadProgress(boolean quiet) {
        this.quiet = quiet;
    }

    void begin(LoadWindow window, String what) {
        if (quiet) {
            return;
        }
        lineNanos = window.start();
        double seconds = (window.to() - window.start()) / 1e9;
        if (System.console() != null && System.console().isTerminal()) {
            bar = new ProgressBarBuilder().setInitialMax((long) (10 * seconds)).setTaskName("load")
                    .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(250).hideEta().build();
        } else {
            System.err.printf(Locale.ROOT, "%s for %.1f s%n", what, seconds);
        }
    }

    /**
     * Some time has passed.
     *
     * @param recent the latencies of the good answers in it
     * @param seconds how long it was
     */
    void show(LoadWindow window, Histogram recent, double seconds) {
        if (quiet) {
            return;
        }
        long now = System.nanoTime();
        String phase = now - window.from() < 0 ? "warm-up" : "measured";
        if (bar != null) {
            bar.stepTo(Math.max(0, (now - window.start()) / 100_000_000));
            bar.setExtraMessage(line(phase, recent, seconds));
            return;
        }
        sinceLine.add(recent);
        secondsSinceLine += seconds;
        if (now - lineNanos >= LINE_NANOS) {
            System.err.printf(Locale.ROOT, "%5.0f s  %s%n", (now - window.start()) / 1e9,
                    line(phase, sinceLine, secondsSinceLine));
            lineNanos = now;
            sinceLine.reset();
            secondsSinceLine = 0;
        }
    }

    private static String line(String phase, Histogram recent, double seconds) {
        return String.format(Locale.ROOT, "%s: %,.0f/s, p99 %.3f ms", phase, recent.getTotalCount() / seconds,
                recent.getValueAtPercentile(99) / 1e6);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
