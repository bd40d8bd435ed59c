package io.valuetask.stream;

import java.io.IOException;
import java.io.OutputStream;

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
        try {
            stream.flush().await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption, INTERRUPTED);
        }
    }

    @Override
    public void close() throws IOException {
        if (stream.isClosed()) {
            return;
        }
        try {
            flush();
        } finally {
            close(stream);
        }
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
