package io.valuetask.perf;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;

/** What every server of the workload {@link Workload#HTTP} answers. */
public final class PlaintextAnswer {
    /** What is asked for. */
    public static final String PATH = "/plaintext";
    /** The whole text, to be sent as {@code text/plain} with its length and a date. */
    public static final String BODY = "Hello, World!";

    private static volatile Dated last = new Dated(Long.MIN_VALUE, "");

    private PlaintextAnswer() {}

    private record Dated(long second, String text) {}

    /**
     * The date header's value, made once per second.
     *
     * @return the time as HTTP writes it
     */
    public static String date() {
        Dated known = last;
        long second = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
        if (second != known.second) {
            known = new Dated(second,
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
            last = known;
        }
        return known.text;
    }
}
