package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** What bodies of tests do with channels, on threads that may block. */
final class Streams {
    private Streams() {}

    /** Everything until the peer has finished. */
    static byte[] readAll(ValueTaskChannel<ByteBuf, ?> channel) throws IOException, InterruptedException {
        return read(channel, Integer.MAX_VALUE);
    }

    /** So many bytes, or what comes until the peer has finished. */
    static byte[] read(ValueTaskChannel<ByteBuf, ?> channel, int length)
            throws IOException, InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (bytes.size() < length) {
            ByteBuf message = channel.read().await();
            if (message == null) {
                break;
            }
            message.readBytes(bytes, message.readableBytes());
            message.release();
        }
        return bytes.toByteArray();
    }

    /** In pieces, several of which are under way at once. */
    static void write(ValueTaskChannel<?, ByteBuf> channel, byte[] bytes)
            throws IOException, InterruptedException {
        ValueTask<Void> last = ValueTask.completed();
        for (int from = 0; from < bytes.length; from += 10_000) {
            ValueTask<Void> next = channel
                    .writeAndFlush(
                            Bytes.of(Arrays.copyOfRange(bytes, from, Math.min(from + 10_000, bytes.length))));
            last.await();
            last = next;
        }
        last.await();
    }

    static void echo(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws IOException, InterruptedException {
        for (ByteBuf message; (message = channel.read().await()) != null;) {
            channel.writeAndFlush(message).await();
        }
    }
}
