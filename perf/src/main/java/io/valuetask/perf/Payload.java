package io.valuetask.perf;

import io.netty.buffer.ByteBuf;

/**
 * The content of the messages. Every byte follows from the connection and the number of the message on it, so
 * a reply that is torn, repeated, reordered or meant for another connection differs from what was expected.
 */
public final class Payload {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Payload() {}

    public static void write(ByteBuf target, int connection, long sequence, int length) {
        long seed = seed(connection, sequence);
        int index = 0;
        for (; index + Long.BYTES <= length; index += Long.BYTES) {
            target.writeLong(word(seed, index));
        }
        for (; index < length; index++) {
            target.writeByte(at(seed, index));
        }
    }

    /**
     * Compares the next bytes of {@code source}, and reads past them.
     *
     * @param from which byte of the message comes first
     * @param length how many bytes to compare
     * @return whether all were as they should be
     */
    public static boolean matches(ByteBuf source, int connection, long sequence, int from, int length) {
        long seed = seed(connection, sequence);
        int index = from;
        int end = from + length;
        while (index < end) {
            if (index % Long.BYTES == 0 && index + Long.BYTES <= end) {
                if (source.readLong() != word(seed, index)) {
                    return false;
                }
                index += Long.BYTES;
            } else {
                if (source.readByte() != at(seed, index)) {
                    return false;
                }
                index++;
            }
        }
        return true;
    }

    private static long seed(int connection, long sequence) {
        return mix(mix(connection + 1) + sequence);
    }

    private static byte at(long seed, int index) {
        return (byte) (word(seed, index - index % Long.BYTES) >>> (56 - 8 * (index % Long.BYTES)));
    }

    private static long word(long seed, int index) {
        return mix(seed + index * GOLDEN);
    }

    /** The finalizer of SplitMix64: every bit of the input can change every bit of the output. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
