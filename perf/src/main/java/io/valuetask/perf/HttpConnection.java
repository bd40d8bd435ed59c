package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Asks for {@link PlaintextAnswer#PATH} and wants the same few words each time. Reads as much of HTTP/1.1 as that needs: a status line,
 * {@code content-length}, and so many bytes.
 */
final class HttpConnection extends LoadConnection {
    private static final byte[] REQUEST = ("GET " + PlaintextAnswer.PATH
            + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: perf\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WORDS = PlaintextAnswer.BODY.getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_HEAD = 4096;
    private static final int END_OF_HEAD = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

    private final ByteBuf head = Unpooled.buffer(512, LONGEST_HEAD);
    private int lastFour;
    private int body = -1; // bytes of it that are missing; negative while the head is read

    HttpConnection(int number, EchoOptions options, EchoTally tally) {
        super(number, options, tally);
    }

    @Override
    ByteBuf request(ChannelHandlerContext context, long request) {
        return context.alloc().directBuffer(REQUEST.length).writeBytes(REQUEST);
    }

    @Override
    void receive(ByteBuf bytes) {
        while (body < 0 && bytes.isReadable()) {
            byte next = bytes.readByte();
            if (head.writerIndex() == LONGEST_HEAD) {
                mismatch("answered with a head of more than " + LONGEST_HEAD + " bytes");
                return;
            }
            head.writeByte(next);
            lastFour = lastFour << 8 | next & 0xff;
            if (lastFour == END_OF_HEAD) {
                lastFour = 0;
                String text = head.toString(StandardCharsets.US_ASCII);
                head.clear();
                if (!text.startsWith("HTTP/1.1 200 ") || contentLength(text) != WORDS.length) {
                    mismatch("answered with: " + text);
                    return;
                }
                body = WORDS.length;
            }
        }
        while (body > 0 && bytes.isReadable()) {
            if (bytes.readByte() != WORDS[WORDS.length - body]) {
                mismatch("answered with another text");
                return;
            }
            body--;
        }
        if (body == 0) {
            body = -1;
            replied();
        }
    }

    private static int contentLength(String head) {
        for (String line : head.split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return -1;
    }
}
