package io.valuetask.perf.chart;

import java.util.List;
import java.util.Locale;

/** Bars of what runs have to the first of them, which is 1, as SVG to stand in a page. */
public final class RatioChart {
    private static final int WIDTH = 860;
    private static final int LEFT = 150;
    private static final int RIGHT = 70;
    private static final int BAR = 16;
    private static final int GAP = 14;

    private RatioChart() {}

    /**
     * What is compared.
     *
     * @param name of the quantity
     * @param ratios one for each run, the first of which is 1
     */
    public record Group(String name, double[] ratios) {}

    /** Draws it. */
    public static String svg(List<String> labels, List<Group> groups) {
        double most = 1;
        for (Group group : groups) {
            for (double ratio : group.ratios) {
                most = Math.max(most, ratio);
            }
        }
        int height = groups.size() * (labels.size() * BAR + GAP) + GAP;
        double scale = (WIDTH - LEFT - RIGHT) / most;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"ratios to %s\">%n", WIDTH, height,
                Html.escape(labels.getFirst())));
        int top = GAP;
        for (Group group : groups) {
            svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                    LEFT - 10,
                    top + labels.size() * BAR / 2 + 4, Html.escape(group.name)));
            for (int i = 0; i < labels.size(); i++) {
                double width = group.ratios[i] * scale;
                svg.append(String.format(Locale.ROOT,
                        "<rect class=\"bar %s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s: %.3f</title>"
                                + "</rect>%n<text x=\"%.1f\" y=\"%d\">%.2f</text>%n",
                        Html.series(i), LEFT, top, width, BAR - 3, Html.escape(labels.get(i)),
                        group.ratios[i],
                        LEFT + width + 6, top + BAR - 5, group.ratios[i]));
                top += BAR;
            }
            top += GAP;
        }
        svg.append(String.format(Locale.ROOT,
                "<line class=\"one\" x1=\"%1$.1f\" y1=\"4\" x2=\"%1$.1f\" y2=\"%2$d\"/>%n", LEFT + scale,
                height - 4));
        return svg.append("</svg>\n").toString();
    }
}
