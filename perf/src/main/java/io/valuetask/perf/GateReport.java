package io.valuetask.perf;

import io.valuetask.perf.Threshold.Verdict;
import java.util.Locale;
import java.util.Map;

/** The judgement of a gate: every row with what it may allocate, what it did, and what to do where that differs. */
final class GateReport {
    private final StringBuilder text = new StringBuilder();
    private boolean passed = true;

    GateReport(Map<String, Threshold> thresholds, Map<String, Double> measured) {
        if (thresholds.isEmpty()) {
            fail("no rows: nothing was measured, and nothing is shown");
        }
        thresholds.forEach((row, threshold) -> {
            Double bytes = measured.get(row);
            if (bytes == null) {
                fail(line(row, threshold, "-")
                        + "MISSING: there is no such benchmark or mode; correct the row's name");
                return;
            }
            String line = line(row, threshold, String.format(Locale.ROOT, "%.3f", bytes));
            Verdict verdict = threshold.judge(bytes);
            if (verdict == Verdict.MET) {
                text.append(line).append('\n');
            } else if (verdict == Verdict.WORSE) {
                fail(line
                        + "WORSE: find what allocates (a profiler for allocation, or -Djmh.args=\"... -prof gc\")");
            } else {
                fail(line + "BETTER and not recorded: if that is meant, record it with --record");
            }
        });
    }

    private static String line(String row, Threshold threshold, String measured) {
        return String.format(Locale.ROOT, "%-36s %10s B/op, recorded %-10s ", row, measured, threshold);
    }

    private void fail(String line) {
        passed = false;
        text.append(line).append('\n');
    }

    boolean passed() {
        return passed;
    }

    @Override
    public String toString() {
        return text.toString().replaceAll("(?m) +$", "");
    }
}
