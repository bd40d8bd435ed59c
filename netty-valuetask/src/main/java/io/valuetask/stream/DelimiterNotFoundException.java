package io.valuetask.stream;

import java.io.IOException;
import java.util.HexFormat;

/**
 * A line is longer than the reader permits: {@link ChannelStream#readUntil} found no delimiter within the
 * bytes it may take.
 *
 * <p>Nothing was taken: the bytes are still in the stream. Read them in another way, look again with a higher
 * limit, or close the stream, which is what a server should do with a peer that sends lines without end.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> Holds no buffer. <b>Allocation.</b> One per line that is
 * too long.
 */
public final class DelimiterNotFoundException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What was looked for. */
    private final byte delimiter;
    /** How far was looked. */
    private final int maxBytes;

    DelimiterNotFoundException(byte delimiter, int maxBytes, int readable) {
        super("no delimiter within the bytes that may be taken: delimiter=0x"
                + HexFormat.of().toHexDigits(delimiter) + ", maxBytes=" + maxBytes + ", readable=" + readable
                + "; nothing was taken: read on with a higher limit or without a delimiter, or close the stream");
        this.delimiter = delimiter;
        this.maxBytes = maxBytes;
    }

    /**
     * What was looked for.
     *
     * @return the delimiter
     */
    public byte delimiter() {
        return delimiter;
    }

    /**
     * How far was looked.
     *
     * @return the number of bytes, all of which are there
     */
    public int maxBytes() {
        return maxBytes;
    }
}
