package io.valuetask.samples.http;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What peers are allowed, so that each wait and each amount has its bound. Filled from the command line. */
final class HttpSettings {
    @Option(names = "--idle-timeout", paramLabel = "SECONDS", defaultValue = "60", converter = Seconds.class, description = "for a connection without a request; ${DEFAULT-VALUE}")
    Duration idleTimeout;

    @Option(names = "--header-timeout", paramLabel = "SECONDS", defaultValue = "10", converter = Seconds.class, description = "from the first byte of a request to the end of its headers, in all; ${DEFAULT-VALUE}")
    Duration headerTimeout;

    @Option(names = "--body-timeout", paramLabel = "SECONDS", defaultValue = "20", converter = Seconds.class, description = "for the next part of a body, and in all what a kilobyte per second takes beyond; ${DEFAULT-VALUE}")
    Duration bodyTimeout;

    @Option(names = "--write-timeout", paramLabel = "SECONDS", defaultValue = "30", converter = Seconds.class, description = "for a peer that takes nothing of its answer; ${DEFAULT-VALUE}")
    Duration writeTimeout;

    @Option(names = "--stop-timeout", paramLabel = "SECONDS", defaultValue = "10", converter = Seconds.class, description = "for what runs when the server is stopped; ${DEFAULT-VALUE}")
    Duration stopTimeout;

    @Option(names = "--max-line", paramLabel = "BYTES", defaultValue = "4096", description = "of a request line; ${DEFAULT-VALUE}")
    int maxLine;

    @Option(names = "--max-headers", paramLabel = "BYTES", defaultValue = "8192", description = "of the headers of a request; ${DEFAULT-VALUE}")
    int maxHeaders;

    @Option(names = "--max-body", paramLabel = "BYTES", defaultValue = "16777216", description = "of the body of a request; ${DEFAULT-VALUE}")
    long maxBody;

    @Option(names = "--max-connections", paramLabel = "N", defaultValue = "16384", description = "at once, further ones are told so; ${DEFAULT-VALUE}")
    int maxConnections;

    @Option(names = "--max-streams", paramLabel = "N", defaultValue = "100", description = "at once in an HTTP/2 connection; ${DEFAULT-VALUE}")
    int maxStreams;

    /** Reads a time in seconds, such as 0.5. */
    static final class Seconds implements ITypeConverter<Duration> {
        private static final BigDecimal LONGEST = BigDecimal.valueOf(86_400);

        @Override
        public Duration convert(String text) {
            try {
                BigDecimal seconds = new BigDecimal(text);
                if (seconds.signum() > 0 && seconds.compareTo(LONGEST) <= 0) {
                    return Duration.ofNanos(seconds.movePointRight(9).longValue());
                }
            } catch (NumberFormatException noNumber) {
                // is told below
            }
            throw new TypeConversionException(
                    "must be a number of seconds from 0 to 86400, not '" + text + "'");
        }
    }
}
