package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The head of an answer, however many reads it comes in. */
final class HttpHead {
    private static final int LONGEST = 4096;
    private static final int END = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

    private final ByteBuf head = Unpooled.buffer(512, LONGEST);
    private int lastFour;

    /** Takes what belongs to it; answers it once it is whole, and null before. */
    String read(ByteBuf bytes) {
        while (bytes.isReadable()) {
            if (head.writerIndex() == LONGEST) {
                throw new TooLongHttpHeaderException("a head of more than " + LONGEST + " bytes");
            }
            byte next = bytes.readByte();
            head.writeByte(next);
            lastFour = lastFour << 8 | next & 0xff;
            if (lastFour == END) {
                lastFour = 0;
                String text = head.toString(StandardCharsets.US_ASCII);
                head.clear();
                return text;
            }
        }
        return null;
    }

    static boolean isOk(String head) {
        return head.startsWith("HTTP/1.1 200 ");
    }

    /** The value of a field, in lower case; empty if there is none. */
    static String field(String head, String name) {
        for (String line : head.split("\r\n")) {
            String text = line.toLowerCase(Locale.ROOT);
            if (text.startsWith(name + ":")) {
                return text.substring(name.length() + 1).strip();
            }
        }
        return "";
    }
}
