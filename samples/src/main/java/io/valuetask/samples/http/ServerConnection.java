package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/** A connection from its first byte: finds out what is spoken, and goes on with that. */
final class ServerConnection {
    private static final byte[] FULL = ("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
            + "Content-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    /** An HTTP/2 connection begins like this, and no request of HTTP/1 does. */
    private static final ByteBuf PREFACE = Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf());

    private final HttpServer server;
    /** Whose read waits between two requests; changes with the protocol. Written by the body, read by who stops it. */
    private volatile ValueTaskChannel<?, ?> current;

    ServerConnection(HttpServer server, ValueTaskChannel<?, ?> channel) {
        this.server = server;
        current = channel;
    }

    static void serve(HttpServer server, ValueTaskChannel<Object, Object> channel)
            throws InterruptedException {
        ServerConnection connection = new ServerConnection(server, channel);
        if (!server.enter(connection)) {
            if (!server.isTls()) {
                channel.write(Unpooled.wrappedBuffer(FULL)).discard();
            }
            return;
        }
        try {
            connection.serve(channel);
        } catch (IOException | DecoderException gone) {
            // The peer has: everyday life. What it sent over TLS was no TLS, is another way.
        } catch (TimeoutException | CancellationException slow) {
            // It has never said what it wants.
        } finally {
            server.leave(connection);
        }
    }

    /** Whoever waits for the next request does so no more; any thread. */
    void wake() {
        current.cancelPendingRead();
    }

    private void serve(ValueTaskChannel<Object, Object> channel) throws IOException, InterruptedException,
            TimeoutException {
        ByteBuf first = null;
        boolean http2;
        if (server.isTls()) {
            Object event = channel.readEvent().await(server.settings().headerTimeout);
            if (!(event instanceof SslHandshakeCompletionEvent handshake) || !handshake.isSuccess()) {
                return;
            }
            http2 = ApplicationProtocolNames.HTTP_2
                    .equals(channel.channel().pipeline().get(SslHandler.class).applicationProtocol());
        } else {
            first = firstBytes(channel);
            if (first == null) {
                return;
            }
            http2 = isPreface(first);
        }
        if (http2) {
            Http2Connection connection = new Http2Connection(server);
            connection.serve(goOn(channel.<Object, Object>upgrade(connection::addTo, first).await()));
        } else {
            ValueTaskChannel<Object, Object> requests = goOn(channel.<Object, Object>upgrade(
                    pipeline -> Http1Connection.addTo(pipeline, server.settings()), first).await());
            new Http1Connection(server, requests, this::goOn).serve();
        }
    }

    private <T extends ValueTaskChannel<?, ?>> T goOn(T channel) {
        current = channel;
        return channel;
    }

    /** As many as tell the protocols apart, or all that there are. */
    private ByteBuf firstBytes(ValueTaskChannel<Object, Object> channel) throws IOException,
            InterruptedException {
        ByteBuf bytes;
        try {
            bytes = (ByteBuf) channel.read(server.settings().idleTimeout).await();
        } catch (SocketTimeoutException idle) {
            return null;
        }
        long end = System.nanoTime() + server.settings().headerTimeout.toNanos();
        try {
            while (bytes != null && bytes.readableBytes() < PREFACE.readableBytes() && isPreface(bytes)) {
                Object more = channel.read(Duration.ofNanos(end - System.nanoTime())).await();
                if (more == null) {
                    return bytes;
                }
                bytes = Unpooled.wrappedBuffer(bytes, (ByteBuf) more);
            }
            return bytes;
        } catch (IOException | CancellationException late) {
            ReferenceCountUtil.release(bytes);
            throw late;
        }
    }

    /** Or its beginning. */
    private static boolean isPreface(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), PREFACE.readableBytes());
        return io.netty.buffer.ByteBufUtil.equals(bytes, bytes.readerIndex(), PREFACE, PREFACE.readerIndex(),
                length);
    }
}
