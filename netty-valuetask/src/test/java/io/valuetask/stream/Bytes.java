package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.util.CharsetUtil;
import java.util.Random;

/** What tests send and receive. */
final class Bytes {
    private Bytes() {}

    static byte[] of(String text) {
        return text.getBytes(CharsetUtil.US_ASCII);
    }

    /** The readable bytes as text; releases the buffer. */
    static String text(ByteBuf buffer) {
        try {
            return buffer.toString(CharsetUtil.US_ASCII);
        } finally {
            buffer.release();
        }
    }

    /** The same for the same seed. */
    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
