package io.valuetask.perf.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows of bars in several panels beside each other, one for each quantity, all with the same rows; below them footnotes
 * that tell where the numbers come from.
 *
 * @param title what was measured
 * @param subtitle how
 * @param rows what the bars of each panel belong to, from top to bottom
 * @param panels from left to right
 * @param footnotes paragraphs
 */
public record BarPanels(String title, String subtitle, List<Row> rows, List<Panel> panels,
        List<String> footnotes) {
    private static final int WIDTH = 860;
    private static final int MARGIN = 16;
    private static final int LABELS = 150;
    private static final int GAP = 20;
    private static final int NUMBER = 72; // beside the longest bar
    private static final int HEAD = 92;
    private static final int ROW = 22;
    private static final int BAR = 14;
    private static final int LINE = 15;
    private static final int LINE_CHARACTERS = 138;

    /** Whose a row is, which decides its colour: nobody's but Netty's, the project's, or somebody else's. */
    public enum Kind {
        RAW,
        OURS,
        OTHER;

        String css() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A row's name. */
    public record Row(String label, Kind kind) {}

    /**
     * A quantity.
     *
     * @param heading its name
     * @param remark how to read it
     * @param mark where a line shows what is to be compared with; NaN for none
     * @param bars one for each row
     */
    public record Panel(String heading, String remark, double mark, List<Bar> bars) {}

    /** A bar with its number, and, unless they are NaN, a line from the least to the most that was measured. */
    public record Bar(double value, String text, double least, double most) {
        double leastShown() {
            return Double.isNaN(least) ? value : Math.min(value, least);
        }

        double mostShown() {
            return Double.isNaN(most) ? value : Math.max(value, most);
        }
    }

    /** To stand in a page of {@link Html#begin}. */
    public String inPage() {
        return draw("");
    }

    /** As a file of its own, on paper of its own, which is light or dark as the reader's screen is. */
    public String standAlone() {
        return draw("<style>\n" + Html.resource("bars.css") + "</style>\n");
    }

    private String draw(String style) {
        List<String> notes = wrapped();
        int bottom = HEAD + rows.size() * ROW + 10;
        int height = bottom + 14 + notes.size() * LINE + MARGIN - 6;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"bars\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
                        + "%s<rect class=\"paper\" width=\"%1$d\" height=\"%2$d\" rx=\"6\"/>\n",
                WIDTH, height, Html.escape(title), style));
        text(svg, "title", MARGIN, 28, "start", title);
        text(svg, "sub", MARGIN, 47, "start", subtitle);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            text(svg, "mode " + row.kind.css(), MARGIN + LABELS - 12, HEAD + i * ROW + 12, "end", row.label);
        }
        double width = (WIDTH - 2.0 * MARGIN - LABELS - GAP * (panels.size() - 1)) / panels.size();
        for (int i = 0; i < panels.size(); i++) {
            panel(svg, panels.get(i), MARGIN + LABELS + i * (width + GAP), width, bottom);
        }
        for (int i = 0; i < notes.size(); i++) {
            text(svg, "foot", MARGIN, bottom + 20 + i * LINE, "start", notes.get(i));
        }
        return svg.append("</svg>\n").toString();
    }

    /** From zero, or from below it where there is less than nothing. */
    private void panel(StringBuilder svg, Panel panel, double left, double width, int bottom) {
        double least = 0;
        double most = Double.isNaN(panel.mark) ? 0 : Math.max(0, panel.mark);
        for (Bar bar : panel.bars) {
            least = Math.min(least, bar.leastShown());
            most = Math.max(most, bar.mostShown());
        }
        double scale = most > least ? (width - NUMBER) / (most - least) : 0;
        double zero = left - least * scale;
        text(svg, "heading", left, HEAD - 24, "start", panel.heading);
        text(svg, "sub", left, HEAD - 9, "start", panel.remark);
        line(svg, "grid", zero, HEAD - 3, zero, bottom - 6);
        for (int i = 0; i < panel.bars.size(); i++) {
            bar(svg, rows.get(i), panel.bars.get(i), zero, scale, HEAD + i * ROW);
        }
        if (!Double.isNaN(panel.mark)) {
            double mark = zero + panel.mark * scale;
            line(svg, "one", mark, HEAD - 3, mark, bottom - 6);
        }
        for (int i = 0; i < panel.bars.size(); i++) { // over the lines
            Bar bar = panel.bars.get(i);
            text(svg, "value", zero + Math.max(0, bar.mostShown()) * scale + 6, HEAD + i * ROW + 12, "start",
                    bar.text);
        }
    }

    private static void bar(StringBuilder svg, Row row, Bar bar, double zero, double scale, int top) {
        svg.append(String.format(Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s: %s</title></rect>\n",
                row.kind.css(), zero + Math.min(0, bar.value) * scale, top, Math.abs(bar.value) * scale, BAR,
                Html.escape(row.label), Html.escape(bar.text)));
        if (bar.leastShown() < bar.mostShown()) {
            double from = zero + bar.leastShown() * scale;
            double to = zero + bar.mostShown() * scale;
            double middle = top + BAR / 2.0;
            line(svg, "spread", from, middle, to, middle);
            line(svg, "spread", from, middle - 3, from, middle + 3);
            line(svg, "spread", to, middle - 3, to, middle + 3);
        }
    }

    /** SVG breaks no lines by itself. */
    private List<String> wrapped() {
        List<String> lines = new ArrayList<>();
        for (String note : footnotes) {
            StringBuilder line = new StringBuilder();
            for (String word : note.split(" ")) {
                if (!line.isEmpty() && line.length() + 1 + word.length() > LINE_CHARACTERS) {
                    lines.add(line.toString());
                    line.setLength(0);
                }
                line.append(line.isEmpty() ? "" : " ").append(word);
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static void line(StringBuilder svg, String css, double x1, double y1, double x2, double y2) {
        svg.append(String.format(Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", css, x1, y1, x2,
                y2));
    }

    private static void text(StringBuilder svg, String css, double x, double y, String anchor, String text) {
        svg.append(String.format(Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", css, x, y, anchor,
                Html.escape(text)));
    }
}
