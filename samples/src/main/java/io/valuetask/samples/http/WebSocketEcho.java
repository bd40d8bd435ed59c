package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CancellationException;

/**
 * Sends frames back, over the connection that was HTTP's: the same straight line goes on with frames. Answers pings, asks a
 * peer that is quiet whether it is there, and closes as the protocol says.
 */
final class WebSocketEcho implements HttpHandler {
    private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int MOST_BYTES_PER_FRAME = 64 * 1024;
    private static final WebSocketDecoderConfig FRAMES = WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(MOST_BYTES_PER_FRAME).expectMaskedFrames(true).allowExtensions(false)
            .closeOnProtocolViolation(false).build();

    @Override
    public void handle(Request request, Exchange exchange) throws Exception {
        exchange.headers().set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(request, exchange));
        ValueTaskChannel<Object, Object> frames = exchange.upgrade(HttpHeaderValues.WEBSOCKET,
                pipeline -> pipeline.addLast(new WebSocket13FrameDecoder(FRAMES),
                        new WebSocket13FrameEncoder(false), new Utf8FrameValidator(false)));
        try {
            echo(frames, exchange);
        } catch (CorruptedWebSocketFrameException wrong) {
            close(frames, exchange, wrong.closeStatus());
            Linger.behind(frames, exchange.server().settings());
        }
    }

    private static void echo(ValueTaskChannel<Object, Object> frames, Exchange exchange) throws Exception {
        Duration idle = exchange.server().settings().idleTimeout;
        boolean asked = false;
        while (true) {
            try {
                Object message = frames.read(idle).await();
                asked = false;
                if (!(message instanceof WebSocketFrame frame)) {
                    ReferenceCountUtil.release(message); // none, or what came before the handshake was complete
                    return;
                } else if (frame instanceof PongWebSocketFrame) {
                    frame.release();
                } else if (frame instanceof PingWebSocketFrame) {
                    send(frames, exchange, new PongWebSocketFrame(frame.content()));
                } else {
                    boolean last = frame instanceof CloseWebSocketFrame;
                    send(frames, exchange, frame);
                    if (last) {
                        return;
                    }
                }
            } catch (SocketTimeoutException quiet) {
                if (asked) {
                    close(frames, exchange, WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
                    return;
                }
                asked = true;
                send(frames, exchange, new PingWebSocketFrame());
            } catch (CancellationException stopping) {
                close(frames, exchange, WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
                return;
            }
        }
    }

    private static void send(ValueTaskChannel<Object, Object> frames, Exchange exchange, WebSocketFrame frame)
            throws Exception {
        frames.send(frame).await(exchange.server().settings().writeTimeout);
    }

    private static void close(ValueTaskChannel<Object, Object> frames, Exchange exchange,
            WebSocketCloseStatus status)
            throws Exception {
        send(frames, exchange, new CloseWebSocketFrame(status));
        frames.flush().await(exchange.server().settings().writeTimeout);
    }

    /** Checks the handshake, and answers its key. */
    private static String accept(Request request, Exchange exchange) throws Exception {
        HttpHeaders headers = request.headers();
        String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (request.isHttp2() || exchange.isHeadOnly()
                || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            exchange.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
            throw new HttpException(HttpResponseStatus.UPGRADE_REQUIRED,
                    "here is a WebSocket, over HTTP/1.1");
        } else if (!headers.contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13", true)) {
            exchange.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
            throw new HttpException(HttpResponseStatus.UPGRADE_REQUIRED, "the version must be 13");
        } else if (key == null || !isKey(key)) {
            throw new HttpException(HttpResponseStatus.BAD_REQUEST, "the key must be 16 bytes in base 64");
        } else if (origin != null && !origin.endsWith("://" + headers.get(HttpHeaderNames.HOST))) {
            throw new HttpException(HttpResponseStatus.FORBIDDEN, "pages of other origins may not connect");
        }
        byte[] digest = MessageDigest.getInstance("SHA-1")
                .digest((key + SALT).getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(digest);
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }
}
