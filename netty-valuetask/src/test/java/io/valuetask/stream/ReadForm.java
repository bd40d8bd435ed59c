package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.valuetask.ValueTask;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.Random;

/** Every way to read a stream, as one: reads something, of random size, and tells whether there is more. */
enum ReadForm {
    ARRAY {
        @Override
        boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
                throws Exception {
            byte[] array = new byte[1 + random.nextInt(5000)];
            int offset = random.nextInt(array.length);
            int count = patience.await(stream.read(array, offset, array.length - offset).boxed());
            into.write(array, offset, Math.max(count, 0));
            return count > 0;
        }
    },
    JDK_BUFFER {
        @Override
        boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
                throws Exception {
            int room = 1 + random.nextInt(5000);
            ByteBuffer buffer = random.nextBoolean()
                    ? ByteBuffer.allocate(room)
                    : ByteBuffer.allocateDirect(room);
            int count = patience.await(stream.read(buffer).boxed());
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            into.write(bytes, 0, bytes.length);
            return count > 0;
        }
    },
    NETTY_BUFFER {
        @Override
        boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
                throws Exception {
            ByteBuf buffer = Unpooled.buffer(1 + random.nextInt(5000));
            int count = patience.await(stream.read(buffer).boxed());
            buffer.readBytes(into, buffer.readableBytes());
            return count > 0;
        }
    },
    BYTE {
        @Override
        boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
                throws Exception {
            int value = patience.await(stream.readByte().boxed());
            if (value >= 0) {
                into.write(value);
            }
            return value >= 0;
        }
    },
    EXACTLY {
        @Override
        boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
                throws Exception {
            ByteBuf buffer = Unpooled.buffer(16);
            try {
                return patience.await(stream.readExactly(buffer, random.nextInt(10_000)).boxed()) >= 0;
            } catch (EOFException end) {
                return patience.await(stream.read(buffer.clear().ensureWritable(10_000)).boxed()) > 0;
            } finally {
                buffer.readBytes(into, buffer.readableBytes());
            }
        }
    },
    UNTIL {
        @Override
        boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
                throws Exception {
            ByteBuf buffer = Unpooled.buffer(16);
            int most = 1 + random.nextInt(1000);
            int count;
            try {
                count = patience.await(stream.readUntil((byte) random.nextInt(), buffer, most).boxed());
            } catch (DelimiterNotFoundException tooLong) {
                if (buffer.isReadable()) {
                    throw new AssertionError("a refused line was taken: " + buffer);
                }
                count = patience.await(stream.read(buffer).boxed());
            }
            buffer.readBytes(into, buffer.readableBytes());
            return count > 0;
        }
    };

    /**
     * How a test waits for a read. Whatever it throws for having given up, the read has taken nothing then.
     */
    @FunctionalInterface
    interface Patience {
        <T> T await(ValueTask<T> read) throws Exception;
    }

    /** False at the end of the stream. */
    abstract boolean read(ChannelStream stream, ByteArrayOutputStream into, Random random, Patience patience)
            throws Exception;
}
