package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Copies between a stream's buffers and what users hand in: a {@link ByteBuf}, a {@link ByteBuffer} or an
 * array.
 */
final class Copying {
    private Copying() {}

    /**
     * Moves bytes out of {@code source}. If this throws, they are still there.
     *
     * @param offset where to begin; of an array only, the others know where they are
     * @return {@code length}; the byte itself, if there is no destination
     */
    static int read(ByteBuf source, int length, @Nullable Object destination, int offset) {
        if (destination instanceof byte[] array) {
            source.readBytes(array, offset, length);
        } else if (destination instanceof ByteBuf buffer) {
            buffer.writeBytes(source, length);
        } else if (destination instanceof ByteBuffer buffer) {
            int limit = buffer.limit();
            buffer.limit(buffer.position() + length);
            try {
                source.readBytes(buffer);
            } finally {
                buffer.limit(limit);
            }
        } else {
            return source.readUnsignedByte();
        }
        return length;
    }

    /**
     * Moves bytes into {@code destination}, which has room for them.
     *
     * @param offset where to begin; of an array only, the others know where they are
     */
    static void write(ByteBuf destination, int length, Object source, int offset) {
        if (source instanceof byte[] array) {
            destination.writeBytes(array, offset, length);
        } else if (source instanceof ByteBuf buffer) {
            destination.writeBytes(buffer, length);
        } else {
            ByteBuffer buffer = (ByteBuffer) source;
            int limit = buffer.limit();
            buffer.limit(buffer.position() + length);
            try {
                destination.writeBytes(buffer);
            } finally {
                buffer.limit(limit);
            }
        }
    }
}
