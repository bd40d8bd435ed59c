package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/**
 * Asks for {@link StreamAnswer#PATH} and compares every byte of every part. The server may send them in chunks of any size,
 * as several libraries do.
 *
 * <pre>
 *   HEAD --chunked--&gt; SIZE --n--&gt; DATA --n bytes--&gt; END_OF_DATA --empty line--&gt; SIZE
 *                      |
 *                      +--0, all is there--&gt; END --empty line, replied--&gt; HEAD
 * </pre>
 */
final class HttpStreamConnection extends LoadConnection {
    private static final byte[] REQUEST = ("GET " + StreamAnswer.PATH
            + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: perf\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    private static final ByteBuf EXPECTED = expected();
    private static final int LONGEST_LINE = 32;

    private enum State {
        HEAD,
        SIZE,
        DATA,
        END_OF_DATA,
        END
    }

    private final HttpHead head = new HttpHead();
    private final StringBuilder line = new StringBuilder(LONGEST_LINE);
    private State state = State.HEAD;
    private int chunk; // bytes of it that are missing
    private int position; // in the whole answer

    HttpStreamConnection(int number, EchoOptions options, EchoTally tally) {
        super(number, options, tally);
    }

    private static ByteBuf expected() {
        ByteBuf all = Unpooled.buffer(StreamAnswer.PARTS * StreamAnswer.PART_BYTES);
        for (int i = 0; i < StreamAnswer.PARTS; i++) {
            all.writeBytes(StreamAnswer.part(i));
        }
        return Unpooled.unreleasableBuffer(all.asReadOnly());
    }

    @Override
    ByteBuf request(ChannelHandlerContext context, long request) {
        return context.alloc().directBuffer(REQUEST.length).writeBytes(REQUEST);
    }

    @Override
    void receive(ByteBuf bytes) {
        if (state == State.HEAD) {
            begin(head.read(bytes));
        } else if (state == State.DATA) {
            compare(bytes);
        } else if (readLine(bytes)) {
            lineEnded();
        }
    }

    private void begin(String text) {
        if (text == null) {
            return;
        }
        if (HttpHead.isOk(text) && HttpHead.field(text, "transfer-encoding").equals("chunked")) {
            position = 0;
            state = State.SIZE;
        } else {
            mismatch("answered with: " + text);
        }
    }

    private void compare(ByteBuf bytes) {
        int length = Math.min(chunk, bytes.readableBytes());
        if (!ByteBufUtil.equals(EXPECTED, position, bytes, bytes.readerIndex(), length)) {
            mismatch("answered with other bytes, between " + position + " and " + (position + length));
            return;
        }
        bytes.skipBytes(length);
        position += length;
        chunk -= length;
        if (chunk == 0) {
            state = State.END_OF_DATA;
        }
    }

    /** Whether the line is whole. */
    private boolean readLine(ByteBuf bytes) {
        while (bytes.isReadable()) {
            char next = (char) bytes.readUnsignedByte();
            if (next == '\n') {
                return true;
            }
            if (line.length() == LONGEST_LINE) {
                mismatch("sent no chunk, but: " + line);
                return false;
            }
            line.append(next);
        }
        return false;
    }

    private void lineEnded() {
        String text = line.toString().strip();
        line.setLength(0);
        if (state == State.SIZE) {
            size(text);
        } else if (!text.isEmpty()) {
            mismatch("sent '" + text + "' where a line had to be empty");
        } else if (state == State.END) {
            state = State.HEAD;
            replied();
        } else {
            state = State.SIZE;
        }
    }

    private void size(String text) {
        try {
            chunk = Integer.parseInt(text, 16);
        } catch (NumberFormatException none) {
            mismatch("sent a chunk of '" + text + "' bytes");
            return;
        }
        int missing = EXPECTED.readableBytes() - position;
        if (chunk < 0 || chunk > missing || chunk == 0 && missing > 0) {
            mismatch("sent a chunk of " + chunk + " bytes where " + missing + " are missing");
        } else {
            state = chunk == 0 ? State.END : State.DATA;
        }
    }
}
