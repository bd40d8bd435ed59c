package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.CharsetUtil;

/** Messages of tests. The buffers come from Netty's default allocator, whose leaks are detected. */
final class Bytes {
    private Bytes() {}

    static ByteBuf of(String text) {
        return of(text.getBytes(CharsetUtil.US_ASCII));
    }

    static ByteBuf of(byte[] bytes) {
        return ByteBufAllocator.DEFAULT.buffer(bytes.length).writeBytes(bytes);
    }

    static ByteBuf ofInt(int number) {
        return ByteBufAllocator.DEFAULT.buffer(Integer.BYTES).writeInt(number);
    }

    /** The text of a message, or null for the end of the stream; releases the message. */
    static String text(ByteBuf message) {
        if (message == null) {
            return null;
        }
        try {
            return message.toString(CharsetUtil.US_ASCII);
        } finally {
            message.release();
        }
    }

    /** Bytes that are wrong wherever one of them is missing, doubled or misplaced. */
    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        int state = 42;
        for (int i = 0; i < length; i++) {
            state = state * 1_103_515_245 + 12_345;
            bytes[i] = (byte) (state >> 16);
        }
        return bytes;
    }
}
