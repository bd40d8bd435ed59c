package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Compresses a stream part by part. */
final class Gzip implements AutoCloseable {
    private final ByteBufAllocator allocator;
    private final GZIPOutputStream gzip;
    private ByteBuf out;

    Gzip(ByteBufAllocator allocator) throws IOException {
        this.allocator = allocator;
        out = allocator.buffer();
        try {
            gzip = new GZIPOutputStream(new OutputStream() {
                @Override
                public void write(int b) {
                    out.writeByte(b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    out.writeBytes(bytes, offset, length);
                }
            }, 8192) {
                {
                    def.setLevel(Deflater.BEST_SPEED);
                }
            };
        } catch (IOException | RuntimeException impossible) {
            out.release();
            throw impossible;
        }
    }

    /** What there is to send of it by now, perhaps nothing; the caller's. */
    ByteBuf compress(byte[] bytes, int length) throws IOException {
        gzip.write(bytes, 0, length);
        return take();
    }

    /** The rest. */
    ByteBuf finish() throws IOException {
        gzip.finish();
        return take();
    }

    private ByteBuf take() {
        ByteBuf taken = out;
        out = allocator.buffer();
        return taken;
    }

    /** Frees what the compressor holds, wherever it is. */
    @Override
    public void close() throws IOException {
        gzip.close();
        out.release();
    }

    /** Whether the client takes gzip: by name or as one of all, and not with a weight of nothing. */
    static boolean isAccepted(HttpHeaders headers) {
        for (String value : headers.getAll(HttpHeaderNames.ACCEPT_ENCODING)) {
            for (String coding : value.split(",")) {
                String[] parts = coding.toLowerCase(Locale.ROOT).split(";");
                String name = parts[0].strip();
                if (name.equals("gzip") || name.equals("*")) {
                    return parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
                }
            }
        }
        return false;
    }
}
