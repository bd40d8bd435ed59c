package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** A body that is the same every time: its header values and its compressed form are made once. */
public final class FixedBody {
    /** Less is not worth compressing: it is one packet anyway. */
    private static final int LEAST_TO_COMPRESS = 1024;

    final AsciiString type;
    private final byte[] bytes;
    private final AsciiString length;
    private final byte[] compressed;
    private final AsciiString compressedLength;

    public FixedBody(String type, byte[] bytes) {
        this.type = AsciiString.cached(type);
        this.bytes = bytes;
        this.length = AsciiString.cached(Integer.toString(bytes.length));
        boolean compress = bytes.length >= LEAST_TO_COMPRESS && ContentTypes.isCompressible(type);
        compressed = compress ? compress(bytes) : null;
        compressedLength = compress ? AsciiString.cached(Integer.toString(compressed.length)) : null;
    }

    private static byte[] compress(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return compressed.toByteArray();
    }

    boolean isCompressed() {
        return compressed != null;
    }

    /** A new view of the bytes, which nobody changes. */
    ByteBuf content(boolean gzip) {
        return Unpooled.wrappedBuffer(gzip ? compressed : bytes);
    }

    AsciiString length(boolean gzip) {
        return gzip ? compressedLength : length;
    }
}
