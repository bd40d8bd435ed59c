package io.valuetask.samples.http;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The time as the Date header tells it, made once per second. Any thread. */
final class HttpDate {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter
            .ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'",
                    Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Written by whoever finds it old; two may, and write the same. */
    private volatile Second current = new Second(-1, AsciiString.EMPTY_STRING);

    private record Second(long number, AsciiString text) {}

    AsciiString now() {
        long number = System.currentTimeMillis() / 1000;
        Second known = current;
        if (known.number != number) {
            known = new Second(number, AsciiString.of(FORMAT.format(Instant.ofEpochSecond(number))));
            current = known;
        }
        return known.text;
    }
}
