package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Sends files from below a directory: with ranges, entity tags and gzip; without copying where the connection allows that,
 * else part by part as the peer takes them. Whatever touches the disk runs on threads of its own, since an event loop that
 * waits for a disk serves nobody; but for the system call that sends a file's pages.
 */
final class StaticFiles implements HttpHandler {
    private static final int DISK_THREADS = 4;
    private static final int PART_BYTES = 64 * 1024;
    /** After so many bytes we look whether the peer still takes some. */
    private static final long REGION_BYTES = 1024 * 1024;
    private static final long LEAST_TO_COMPRESS = 1024;

    private final String prefix;
    private final FileTree tree;
    private final ExecutorService disk = Executors.newFixedThreadPool(DISK_THREADS,
            Thread.ofPlatform().daemon().name("disk-", 0).factory());

    /**
     * @param prefix what a path begins with, and the file's name does not
     * @param root the directory
     */
    StaticFiles(String prefix, Path root) throws IOException {
        this.prefix = prefix;
        tree = new FileTree(root);
    }

    @Override
    public void handle(Request request, Exchange exchange) throws Exception {
        OpenFile file = onDisk(() -> tree.open(request.path().substring(prefix.length())));
        try {
            answer(request.headers(), exchange, file);
        } finally {
            file.release();
        }
    }

    /** The caller's thread is a virtual one: it parks, and its event loop goes on. */
    private <T> T onDisk(Callable<T> work) throws Exception {
        try {
            return disk.submit(work).get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Exception failure) {
                throw failure;
            }
            throw failed;
        }
    }

    private void answer(HttpHeaders asked, Exchange exchange, OpenFile file) throws Exception {
        HttpHeaders headers = exchange.headers();
        boolean compressible = ContentTypes.isCompressible(file.type()) && file.size() >= LEAST_TO_COMPRESS;
        boolean gzip = compressible && !asked.contains(HttpHeaderNames.RANGE) && Gzip.isAccepted(asked);
        String tag = gzip ? file.tag().replaceFirst("\"$", "-gz\"") : file.tag();
        headers.set(HttpHeaderNames.ETAG, tag).set("X-Content-Type-Options", "nosniff");
        if (compressible) {
            headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
        }
        if (ByteRange.matches(asked.getAll(HttpHeaderNames.IF_NONE_MATCH), tag)) {
            exchange.send(HttpResponseStatus.NOT_MODIFIED);
        } else if (gzip) {
            headers.set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
            exchange.begin(HttpResponseStatus.OK, file.type());
            sendCompressed(exchange, file);
        } else {
            headers.set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES);
            send(asked, exchange, file);
        }
    }

    private void send(HttpHeaders asked, Exchange exchange, OpenFile file) throws Exception {
        ByteRange range = ByteRange.of(asked, file.tag(), file.size());
        HttpResponseStatus status = HttpResponseStatus.OK;
        if (range != null) {
            if (range.isEmpty()) {
                exchange.headers().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + file.size());
                exchange.send(HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE);
                return;
            }
            status = HttpResponseStatus.PARTIAL_CONTENT;
            exchange.headers().set(HttpHeaderNames.CONTENT_RANGE, range.contentRange(file.size()));
        }
        long from = range == null ? 0 : range.first();
        long length = range == null ? file.size() : range.length();
        exchange.begin(status, file.type(), length);
        if (!exchange.isHeadOnly()) {
            if (exchange.isZeroCopy()) {
                sendRegions(exchange, file, from, length);
            } else {
                sendParts(exchange, file, from, length);
            }
        }
    }

    private static void sendRegions(Exchange exchange, OpenFile file, long from, long length)
            throws Exception {
        for (long position = from, end = from + length; position < end; position += REGION_BYTES) {
            exchange.write(new Region(file, position, Math.min(REGION_BYTES, end - position)));
        }
    }

    /** A part of the file, which stays open until the last part has left. */
    private static final class Region extends DefaultFileRegion {
        private final OpenFile file;

        Region(OpenFile file, long position, long count) {
            super(file.channel(), position, count);
            this.file = file;
            file.retain();
        }

        @Override
        protected void deallocate() {
            file.release();
        }
    }

    private void sendParts(Exchange exchange, OpenFile file, long from, long length) throws Exception {
        for (long position = from, end = from + length; position < end;) {
            long at = position;
            ByteBuf part = exchange.alloc().buffer((int) Math.min(PART_BYTES, end - at));
            try {
                int read = onDisk(() -> part.writeBytes(file.channel(), at, part.capacity()));
                if (read <= 0) {
                    throw new EOFException("the file was cut short while it was sent: " + file);
                }
                position += read;
            } catch (Exception failure) {
                part.release();
                throw failure;
            }
            exchange.write(part);
        }
    }

    private void sendCompressed(Exchange exchange, OpenFile file) throws Exception {
        if (exchange.isHeadOnly()) {
            return;
        }
        byte[] bytes = new byte[PART_BYTES];
        try (Gzip gzip = new Gzip(exchange.alloc())) {
            for (long[] position = {0}; position[0] < file.size();) {
                exchange.write(onDisk(() -> {
                    int read = file.read(bytes, position[0]);
                    position[0] += read;
                    return gzip.compress(bytes, read);
                }));
            }
            exchange.write(gzip.finish());
        }
    }
}
