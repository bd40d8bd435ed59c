package io.valuetask.perf.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.valuetask.perf.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The request of a run, which is the same each time: a GET, or a POST if there is a payload. Made once, as others of its
 * kind do, so that the generator's processor is there for the answers.
 */
final class HttpRequests implements AutoCloseable {
    private final ByteBuf http1;
    private final ByteBuf body;
    private final Http2Headers http2;

    HttpRequests(LoadOptions options) {
        Target target = options.target();
        int length = options.payloadBytes();
        String method = length == 0 ? "GET" : "POST";
        ByteBuf content = Unpooled.buffer(length);
        Payload.write(content, 0, 0, length);
        body = content.asReadOnly();

        StringBuilder head = new StringBuilder(
                method + " " + target.path() + " HTTP/1.1\r\nhost: " + target.authority());
        http2 = new DefaultHttp2Headers().method(method).path(target.path()).authority(target.authority())
                .scheme(target.protocol().tls() ? "https" : "http");
        if (length > 0) {
            head.append("\r\ncontent-length: ").append(length);
            http2.addInt("content-length", length);
        }
        for (String header : options.headers) {
            int colon = header.indexOf(':');
            String name = header.substring(0, colon).trim();
            String value = header.substring(colon + 1).trim();
            head.append("\r\n").append(name).append(": ").append(value);
            http2.add(name.toLowerCase(Locale.ROOT), value);
        }
        ByteBuf start = Unpooled.copiedBuffer(head.append("\r\n\r\n"), StandardCharsets.ISO_8859_1);
        // Direct, so that it is not copied for each write.
        http1 = Unpooled.directBuffer(start.readableBytes() + length).writeBytes(start)
                .writeBytes(content.duplicate());
    }

    /** A request as bytes; may be given away. */
    ByteBuf http1() {
        return Unpooled.unreleasableBuffer(http1.duplicate());
    }

    Http2Headers http2() {
        return http2;
    }

    boolean hasBody() {
        return body.isReadable();
    }

    /** The body of a request; may be given away. */
    ByteBuf body() {
        return Unpooled.unreleasableBuffer(body.duplicate());
    }

    /** When nothing that was given away is in use any more. */
    @Override
    public void close() {
        http1.release();
    }
}
