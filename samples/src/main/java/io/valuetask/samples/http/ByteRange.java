package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a file that a client asks for, and the conditions it sets.
 *
 * @param first the first byte
 * @param length how many; none if there are none of them
 */
record ByteRange(long first, long length) {
    private static final Pattern RANGE = Pattern.compile("bytes=\\s*(\\d{0,18})-(\\d{0,18})\\s*");
    private static final ByteRange NONE = new ByteRange(0, 0);

    /** Null if the whole is meant: as nothing else is asked for, or several ranges, which we may ignore. */
    static ByteRange of(HttpHeaders headers, String tag, long size) {
        String asked = headers.get(HttpHeaderNames.RANGE);
        String condition = headers.get(HttpHeaderNames.IF_RANGE);
        if (asked == null || (condition != null && !condition.equals(tag))) {
            return null;
        }
        Matcher matcher = RANGE.matcher(asked);
        if (!matcher.matches() || matcher.end(1) == matcher.start(1) && matcher.end(2) == matcher.start(2)) {
            return null;
        }
        if (matcher.group(1).isEmpty()) { // the last so many
            long length = Math.min(Long.parseLong(matcher.group(2)), size);
            return new ByteRange(size - length, length);
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
        if (last < first) {
            return null; // is none, as the specification says
        }
        return first >= size ? NONE : new ByteRange(first, Math.min(last, size - 1) - first + 1);
    }

    boolean isEmpty() {
        return length == 0;
    }

    String contentRange(long size) {
        return "bytes " + first + "-" + (first + length - 1) + "/" + size;
    }

    /** Whether one of the tags is this one, of which the client has a copy. */
    static boolean matches(List<String> values, String tag) {
        for (String value : values) {
            for (String known : value.split(",")) {
                String bare = known.strip();
                if (bare.equals("*") || bare.equals(tag) || bare.equals("W/" + tag)) {
                    return true;
                }
            }
        }
        return false;
    }
}
