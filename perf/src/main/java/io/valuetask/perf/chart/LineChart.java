package io.valuetask.perf.chart;

import java.util.List;
import java.util.Locale;

/**
 * A chart of lines as SVG to stand in a page: colours are the page's, by class, so that it can be read on light and dark.
 */
public final class LineChart {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 300;
    private static final int LEFT = 64;
    private static final int RIGHT = 36;
    private static final int TOP = 16;
    private static final int BOTTOM = 46;

    private LineChart() {}

    /** A line; {@code xs} grow. */
    public record Line(String label, double[] xs, double[] ys) {}

    /** Draws it. */
    public static String svg(String name, Axis x, Axis y, List<Line> lines) {
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT,
                Html.escape(name)));
        for (Axis.Tick tick : y.ticks()) {
            double at = top(y, tick.value());
            grid(svg, LEFT, at, WIDTH - RIGHT, at);
            text(svg, LEFT - 8, at + 4, "end", tick.label());
        }
        for (Axis.Tick tick : x.ticks()) {
            double at = left(x, tick.value());
            grid(svg, at, TOP, at, HEIGHT - BOTTOM);
            text(svg, at, HEIGHT - BOTTOM + 18, "middle", tick.label());
        }
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", x.title());
        text(svg, LEFT, TOP - 5, "start", y.title());
        for (int i = 0; i < lines.size(); i++) {
            line(svg, x, y, lines.get(i), i);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void line(StringBuilder svg, Axis x, Axis y, Line line, int index) {
        svg.append("<polyline class=\"line ").append(Html.series(index)).append("\" points=\"");
        for (int i = 0; i < line.xs.length; i++) {
            svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", left(x, line.xs[i]), top(y, line.ys[i])));
        }
        svg.append("\"><title>").append(Html.escape(line.label)).append("</title></polyline>\n");
    }

    private static double left(Axis x, double value) {
        return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double top(Axis y, double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static void grid(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append(String.format(Locale.ROOT,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", x1, y1, x2, y2));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(
                String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y,
                        anchor, Html.escape(text)));
    }
}
