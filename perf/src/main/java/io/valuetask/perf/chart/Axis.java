package io.valuetask.perf.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a chart: where a value is, from 0 to 1, and what is written beside it.
 *
 * @param title what is measured, with its unit
 * @param min the value at 0
 * @param max the value at 1
 */
public record Axis(String title, double min, double max, boolean logarithmic, List<Tick> ticks) {
    private static final int MOST_STEPS = 6;

    /** A value and its label. */
    public record Tick(double value, String label) {}

    /** From zero to at least {@code max}, with round numbers. */
    public static Axis linear(String title, double max) {
        double end = max > 0 ? max : 1;
        double magnitude = Math.pow(10, Math.floor(Math.log10(end / MOST_STEPS)));
        double step = magnitude;
        for (double factor : new double[]{1, 2, 5, 10}) {
            step = magnitude * factor;
            if (end / step <= MOST_STEPS) {
                break;
            }
        }
        List<Tick> ticks = new ArrayList<>();
        int count = (int) Math.ceil(end / step - 1e-9);
        for (int i = 0; i <= count; i++) {
            ticks.add(new Tick(i * step, number(i * step)));
        }
        return new Axis(title, 0, count * step, false, ticks);
    }

    /** Whole decades around the values. */
    public static Axis logarithmic(String title, double least, double most) {
        int first = (int) Math.floor(Math.log10(Math.max(least, 1e-6)) + 1e-9);
        int last = Math.max(first + 1, (int) Math.ceil(Math.log10(Math.max(most, 1e-6)) - 1e-9));
        List<Tick> ticks = new ArrayList<>();
        for (int decade = first; decade <= last; decade++) {
            ticks.add(new Tick(Math.pow(10, decade), number(Math.pow(10, decade))));
        }
        return new Axis(title, Math.pow(10, first), Math.pow(10, last), true, ticks);
    }

    /**
     * Percentiles, each further nine as wide as the one before.
     *
     * @param most the longest of {@code 1 / (1 - fraction)}
     */
    public static Axis percentiles(double most) {
        Axis decades = logarithmic("percentile", 1, most);
        List<Tick> ticks = new ArrayList<>();
        for (Tick decade : decades.ticks) {
            double percent = 100 - 100 / decade.value;
            String label = percent < 90
                    ? "0 %"
                    : String.format(Locale.ROOT,
                            "%." + Math.max(0, (int) Math.round(Math.log10(decade.value)) - 2)
                                    + "f %%",
                            percent);
            ticks.add(new Tick(decade.value, label));
        }
        ticks.add(1, new Tick(2, "50 %"));
        return new Axis(decades.title, decades.min, decades.max, true, ticks);
    }

    double position(double value) {
        double bounded = Math.clamp(value, min, max);
        return logarithmic ? Math.log(bounded / min) / Math.log(max / min) : (bounded - min) / (max - min);
    }

    /** A number as short as it may be. */
    static String number(double value) {
        if (value >= 1_000_000) {
            return trimmed(value / 1e6) + "M";
        } else if (value >= 10_000) {
            return trimmed(value / 1e3) + "k";
        }
        return trimmed(value);
    }

    private static String trimmed(double value) {
        String text = String.format(Locale.ROOT, value != 0 && value < 0.01 ? "%.6f" : "%.3f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
