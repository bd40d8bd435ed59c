package io.valuetask.samples.http;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file that is being sent. Closed when nobody holds it any more: a part of it may be on its way when its sender is gone. */
final class OpenFile extends AbstractReferenceCounted {
    private final FileChannel channel;
    private final String type;
    private final long size;
    private final String tag;

    OpenFile(FileChannel channel, String type, long size, long modifiedMillis) {
        this.channel = channel;
        this.type = type;
        this.size = size;
        tag = '"' + Long.toHexString(size) + '-' + Long.toHexString(modifiedMillis) + '"';
    }

    FileChannel channel() {
        return channel;
    }

    String type() {
        return type;
    }

    long size() {
        return size;
    }

    /** Changes when the file does, as far as its size and time tell. */
    String tag() {
        return tag;
    }

    /** At least one byte. */
    int read(byte[] into, long position) throws IOException {
        int read = channel.read(ByteBuffer.wrap(into), position);
        if (read <= 0) {
            throw new EOFException("the file was cut short while it was sent: " + this);
        }
        return read;
    }

    @Override
    protected void deallocate() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }

    @Override
    public String toString() {
        return "OpenFile[type=" + type + ", size=" + size + ", tag=" + tag + "]";
    }
}
