package io.valuetask.stream;

import io.valuetask.ValueTask;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The writes of a stream, awaited. */
final class ChannelOutputStream extends OutputStream {
    private static final String INTERRUPTED = "interrupted while waiting for room: what was written is sent, "
            + "and need not be written again";

    private final ChannelStream stream;

    ChannelOutputStream(ChannelStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
        try {
            stream.writeByte(value).await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption, INTERRUPTED);
        }
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        try {
            stream.write(source, offset, length).await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption, INTERRUPTED);
        }
    }

    @Override
    public void flush() throws IOException {
        await(stream.flush());
    }

    private static void await(ValueTask<@Nullable Void> flushed) throws IOException {
        try {
            flushed.await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption, INTERRUPTED);
        }
    }

    /** What cannot be sent within the channel's close deadline is a failure, as everything that is not sent. */
    @Override
    public void close() throws IOException {
        if (stream.isClosed()) {
            return;
        }
        try {
            ValueTask<@Nullable Void> flushed = stream.flush();
            stream.close(); // before the flush is awaited: the deadline bounds that, too
            await(flushed);
        } finally {
            close(stream);
        }
        stream.requireAllSent(); // a failure that a write has told, whether or not somebody heard it, is no flush's
    }

    static void close(ChannelStream stream) throws IOException {
        try {
            stream.close();
            stream.channel().closed().await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption,
                    "interrupted while waiting for the channel to close: it goes on "
                            + "closing");
        }
    }
}
