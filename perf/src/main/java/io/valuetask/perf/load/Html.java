package io.valuetask.perf.load;

/** What every part of a report needs. */
final class Html {
    private static final int COLOURS = 6;

    private Html() {}

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /** The class with the colour of the n-th run. */
    static String series(int index) {
        return "s" + index % COLOURS;
    }
}
