package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeoutException;

/** How an answer is framed and written, in HTTP/1.0, HTTP/1.1 and HTTP/2. One object per connection. */
final class Response {
    static final long UNKNOWN = -1;

    /** For what we write ourselves; what handlers set is validated before. */
    private static final HttpHeadersFactory OWN_HEADERS = DefaultHttpHeadersFactory.headersFactory()
            .withValidation(false);

    private enum State {
        NOT_BEGUN,
        BEGUN,
        ENDED
    }

    private final ValueTaskChannel<Object, Object> channel;
    private final HttpServer server;

    private State state;
    private HttpHeaders handlers;
    private boolean headOnly;
    private boolean keepAlive;
    private boolean old;
    private boolean http2;
    private boolean chunked;
    private long remaining;

    // For the access log.
    private HttpResponseStatus status;
    private long bytes;

    Response(ValueTaskChannel<Object, Object> channel, HttpServer server) {
        this.channel = channel;
        this.server = server;
    }

    void begin(Request request) {
        state = State.NOT_BEGUN;
        handlers = null;
        status = null;
        bytes = 0;
        headOnly = request.method().equals(HttpMethod.HEAD);
        http2 = request.isHttp2();
        old = request.head().protocolVersion() == HttpVersion.HTTP_1_0;
        keepAlive = http2 || HttpUtil.isKeepAlive(request.head());
    }

    /** What the handler adds to the head. */
    HttpHeaders headers() {
        if (handlers == null) {
            handlers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        }
        return handlers;
    }

    /** What the handler has set for an answer that is not going to be. */
    void forgetHeaders() {
        handlers = null;
    }

    void closeBehind() {
        keepAlive = http2;
    }

    boolean isBegun() {
        return state != State.NOT_BEGUN;
    }

    boolean isEnded() {
        return state == State.ENDED;
    }

    boolean isHeadOnly() {
        return headOnly;
    }

    boolean isKeepAlive() {
        return keepAlive;
    }

    HttpResponseStatus status() {
        return status;
    }

    long bytes() {
        return bytes;
    }

    // Head

    private HttpHeaders head(HttpResponseStatus answered, CharSequence type) {
        if (state != State.NOT_BEGUN) {
            throw new IllegalStateException("this request has its answer: status=" + status
                    + "; begin or send once per request");
        }
        status = answered;
        keepAlive &= http2 || !server.isStopping(); // asked now: the answer may have taken its time
        HttpHeaders headers = OWN_HEADERS.newHeaders();
        headers.add(HttpHeaderNames.DATE, server.date());
        if (type != null) {
            headers.add(HttpHeaderNames.CONTENT_TYPE, type);
        }
        if (handlers != null) {
            headers.add(handlers);
        }
        if (!keepAlive) {
            headers.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (old) {
            headers.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        return headers;
    }

    /** Head and body as one message. */
    void send(HttpResponseStatus answered, CharSequence type, CharSequence length, ByteBuf content)
            throws IOException, InterruptedException {
        HttpHeaders headers;
        try {
            headers = head(answered, type);
        } catch (IllegalStateException again) {
            content.release();
            throw again;
        }
        if (length != null) {
            headers.add(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        state = State.ENDED;
        ByteBuf body = content;
        if (headOnly) {
            content.release();
            body = Unpooled.EMPTY_BUFFER;
        }
        bytes = body.readableBytes();
        put(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answered, body, headers,
                EmptyHttpHeaders.INSTANCE));
    }

    /** The head of an answer whose body follows. */
    void begin(HttpResponseStatus answered, CharSequence type, long length) throws IOException,
            InterruptedException {
        boolean close = length == UNKNOWN && old;
        if (close) {
            keepAlive = false; // its end is that of the connection
        }
        HttpHeaders headers = head(answered, type);
        if (length != UNKNOWN) {
            headers.add(HttpHeaderNames.CONTENT_LENGTH, Long.toString(length));
        } else if (!old && !http2 && !headOnly) {
            headers.add(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        remaining = length;
        chunked = length == UNKNOWN && !old;
        state = State.BEGUN;
        put(new DefaultHttpResponse(HttpVersion.HTTP_1_1, answered, headers));
    }

    /** The head that ends HTTP on this connection. */
    void switchProtocols(CharSequence protocol) throws IOException, InterruptedException {
        HttpHeaders headers = head(HttpResponseStatus.SWITCHING_PROTOCOLS, null);
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        headers.set(HttpHeaderNames.UPGRADE, protocol);
        state = State.ENDED;
        await(channel.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
                Unpooled.EMPTY_BUFFER, headers, EmptyHttpHeaders.INSTANCE)));
    }

    // Body

    void write(ByteBuf part) throws IOException, InterruptedException {
        int size = part.readableBytes();
        try {
            account(size);
        } catch (IllegalStateException wrong) {
            part.release();
            throw wrong;
        }
        if (headOnly || size == 0) {
            part.release();
        } else {
            bytes += size;
            put(new DefaultHttpContent(part));
        }
    }

    /** Waits until it has left: nothing else tells how far a slow peer is. */
    void write(FileRegion region) throws IOException, InterruptedException {
        try {
            account(region.count());
        } catch (IllegalStateException wrong) {
            region.release();
            throw wrong;
        }
        bytes += region.count();
        await(channel.writeAndFlush(region));
    }

    private void account(long size) {
        if (state != State.BEGUN) {
            throw new IllegalStateException(
                    "there is no answer to write to: state=" + state + ", status=" + status
                            + "; call begin before and end behind");
        } else if (remaining != UNKNOWN && (remaining -= size) < 0) {
            throw new IllegalStateException(
                    "the body is longer than was said: too many=" + -remaining + " bytes");
        }
    }

    void end(HttpHeaders trailers) throws IOException, InterruptedException {
        account(0);
        if (remaining > 0 && !headOnly) {
            throw new IllegalStateException(
                    "the body is shorter than was said: missing=" + remaining + " bytes");
        }
        state = State.ENDED;
        if (trailers.isEmpty() || !chunked || headOnly) {
            put(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            put(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers));
        }
    }

    // Writing

    /** Waits while there is no room, and leaves with what else is written in this turn of the event loop. */
    private void put(Object message) throws IOException, InterruptedException {
        await(channel.send(message));
    }

    private void await(ValueTask<Void> writing) throws IOException, InterruptedException {
        try {
            writing.await(server.settings().writeTimeout);
        } catch (TimeoutException slow) {
            channel.close();
            throw new SocketTimeoutException("the peer takes nothing of its answer, for "
                    + server.settings().writeTimeout);
        }
    }

    /** What is begun cannot be mended: the peer learns it from the connection, or the stream. */
    void abort() {
        channel.close();
    }
}
