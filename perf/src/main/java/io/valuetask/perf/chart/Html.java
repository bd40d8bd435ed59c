package io.valuetask.perf.chart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What every page and chart needs. Lines end as in the repository on every system, so that files can be compared. */
public final class Html {
    private static final int COLOURS = 6;

    private Html() {}

    /** Text as it stands between tags and in attributes. */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /** The class with the colour of the n-th run. */
    public static String series(int index) {
        return "s" + index % COLOURS;
    }

    /** The beginning of a page that loads nothing, up to its headline. */
    public static String begin(String title) {
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8">
                <meta name="viewport" content="width=device-width">
                <title>%s</title>
                <style>
                %s%s</style></head><body>
                <h1>%1$s</h1>
                """.formatted(escape(title), resource("page.css"), resource("bars.css"));
    }

    public static String end() {
        return "</body></html>\n";
    }

    static String resource(String name) {
        try (InputStream css = Html.class.getResourceAsStream(name)) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
