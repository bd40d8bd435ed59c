package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.valuetask.netty.CloseReason;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One request and its answer: what a handler reads from and writes to. Each method waits where it has to: for the next part
 * of the body, or for room to write. One object per connection.
 */
public final class Exchange {
    static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");

    private final ValueTaskChannel<Object, Object> channel;
    private final HttpServer server;
    private final Request request;
    private final RequestBody body;
    private final Response response;
    private final Consumer<ValueTaskChannel<?, ?>> onUpgrade;
    private boolean upgraded;

    Exchange(ValueTaskChannel<Object, Object> channel, HttpServer server, boolean http2,
            Consumer<ValueTaskChannel<?, ?>> onUpgrade) {
        this.channel = channel;
        this.server = server;
        this.onUpgrade = onUpgrade;
        request = new Request(http2);
        body = new RequestBody(channel, server.settings());
        response = new Response(channel, server);
    }

    void begin(HttpRequest head) {
        request.begin(head);
        response.begin(request);
    }

    // The request's body

    /** The next part of the request's body, which is the caller's to release or to write; null at its end. */
    public ByteBuf readBody() throws HttpException, IOException, InterruptedException {
        return body.read();
    }

    /** What came behind the body; once that has ended. */
    public HttpHeaders trailers() {
        return body.trailers();
    }

    // The answer, whole

    /** What goes into the answer's head. Validated, since it may come from a request. */
    public HttpHeaders headers() {
        return response.headers();
    }

    /** Answers 200 with a body that is always the same, compressed where that is asked for. */
    public void send(FixedBody fixed) throws IOException, InterruptedException {
        boolean gzip = false;
        if (fixed.isCompressed()) {
            headers().set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
            gzip = Gzip.isAccepted(request.headers());
            if (gzip) {
                headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
            }
        }
        answering();
        response.send(HttpResponseStatus.OK, fixed.type, fixed.length(gzip), fixed.content(gzip));
    }

    /** Answers with a body. */
    public void send(HttpResponseStatus status, CharSequence type, ByteBuf content) throws IOException,
            InterruptedException {
        answering();
        response.send(status, type, Integer.toString(content.readableBytes()), content);
    }

    /** Answers with a sentence for people. */
    public void send(HttpResponseStatus status, String sentence) throws IOException, InterruptedException {
        send(status, TEXT, ByteBufUtil.writeUtf8(alloc(), sentence + "\n"));
    }

    /** Answers without a body. */
    public void send(HttpResponseStatus status) throws IOException, InterruptedException {
        answering();
        boolean none = status.code() == 204 || status.code() == 304;
        response.send(status, null, none ? null : HttpHeaderValues.ZERO, Unpooled.EMPTY_BUFFER);
    }

    // The answer, part by part

    /** Begins an answer whose length is not known. */
    public void begin(HttpResponseStatus status, CharSequence type) throws IOException, InterruptedException {
        begin(status, type, Response.UNKNOWN);
    }

    /** Begins an answer of so many bytes; to write more or less breaks the connection. */
    public void begin(HttpResponseStatus status, CharSequence type, long length) throws IOException,
            InterruptedException {
        answering();
        response.begin(status, type, length);
    }

    /** Writes a part of the body, and waits while the peer takes no more. */
    public void write(ByteBuf part) throws IOException, InterruptedException {
        response.write(part);
    }

    /** Writes a part of a file without copying it, where {@link #isZeroCopy()}; waits until it has left. */
    void write(FileRegion region) throws IOException, InterruptedException {
        response.write(region);
    }

    public void end() throws IOException, InterruptedException {
        response.end(EmptyHttpHeaders.INSTANCE);
    }

    /** Ends the body with headers behind it, where the protocol can do that. */
    public void end(HttpHeaders trailers) throws IOException, InterruptedException {
        response.end(trailers);
    }

    /** If nobody asked for the body, and it is not going to be asked for, the connection cannot go on behind the answer. */
    private void answering() {
        if (body.isContinueAwaited()) {
            response.closeBehind();
        }
    }

    // Else

    /** Nothing of the body is going to be sent: the request is a HEAD. */
    public boolean isHeadOnly() {
        return response.isHeadOnly();
    }

    /** The server is told to stop, and waits a moment for what runs. For those who answer for long. */
    public boolean isStopping() {
        return server.isStopping();
    }

    /** Waits for the time to pass. True if the connection or the stream was closed meanwhile. */
    public boolean isClosedWithin(Duration time) throws IOException, InterruptedException {
        try {
            CloseReason closed = channel.closed().await(time);
            return closed != null;
        } catch (TimeoutException open) {
            return false;
        }
    }

    public ByteBufAllocator alloc() {
        return channel.channel().alloc();
    }

    /** Whether bytes of a file go into the socket as they are. */
    boolean isZeroCopy() {
        return !request.isHttp2() && !server.isTls();
    }

    /** Goes on with another protocol on this connection, which ends when the handler returns. */
    <I, O> ValueTaskChannel<I, O> upgrade(CharSequence protocol, Consumer<ChannelPipeline> handlers)
            throws IOException, InterruptedException {
        upgraded = true;
        response.switchProtocols(protocol);
        ValueTaskChannel<I, O> next = channel.<I, O>upgrade(pipeline -> {
            Http1Connection.removeFrom(pipeline);
            handlers.accept(pipeline);
        }).await();
        onUpgrade.accept(next);
        return next;
    }

    boolean isUpgraded() {
        return upgraded;
    }

    HttpServer server() {
        return server;
    }

    Request request() {
        return request;
    }

    RequestBody body() {
        return body;
    }

    Response response() {
        return response;
    }

    ValueTaskChannel<Object, Object> channel() {
        return channel;
    }
}
