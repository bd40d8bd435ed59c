package io.valuetask.perf;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows that something goes on: a bar on a terminal, one line elsewhere. Writes to standard error. */
final class Progress implements AutoCloseable {
    private final ProgressBar bar;
    private boolean started;

    Progress(int steps, String whatAndHowLong) {
        boolean terminal = System.console() != null && System.console().isTerminal();
        bar = terminal
                ? new ProgressBarBuilder().setInitialMax(steps).setTaskName("echo")
                        .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(500).build()
                : null;
        if (bar == null) {
            System.err.println(whatAndHowLong);
        }
    }

    /** The next step begins; the one before has ended. */
    void next(String label) {
        if (bar != null) {
            if (started) {
                bar.step();
            }
            bar.setExtraMessage(label);
        }
        started = true;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.step();
            bar.close();
        }
    }
}
