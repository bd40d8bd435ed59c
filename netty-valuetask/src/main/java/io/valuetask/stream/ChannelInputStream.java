package io.valuetask.stream;

import java.io.IOException;
import java.io.InputStream;

/** The reads of a stream, awaited. */
final class ChannelInputStream extends InputStream {
    private static final String INTERRUPTED = "interrupted while waiting for bytes: none was taken, read on";

    private final ChannelStream stream;

    ChannelInputStream(ChannelStream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        try {
            return stream.readByte().await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption, INTERRUPTED);
        }
    }

    @Override
    public int read(byte[] destination, int offset, int length) throws IOException {
        try {
            return stream.read(destination, offset, length).await();
        } catch (InterruptedException interruption) {
            throw Interruptions.restored(interruption, INTERRUPTED);
        }
    }

    @Override
    public int available() {
        return stream.available();
    }

    @Override
    public void close() throws IOException {
        ChannelOutputStream.close(stream);
    }
}
