package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpMessage;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** The body of a request, part by part as it arrives. What is not read stays in the kernel, and slows the sender down. */
final class RequestBody {
    /** Beyond {@code --body-timeout} a body may take so long as this rate takes, so that no sender trickles for ever. */
    private static final long NANOS_PER_BYTE = TimeUnit.SECONDS.toNanos(1) / 1024;
    /** An answer may be ready before its request is complete. More of the rest is not worth the connection. */
    private static final long MOST_TO_DRAIN = 256 * 1024;

    private final ValueTaskChannel<Object, Object> channel;
    private final HttpSettings settings;

    private boolean ended;
    private boolean continueAwaited;
    private long received;
    private long waitedNanos;
    private HttpHeaders trailers;

    RequestBody(ValueTaskChannel<Object, Object> channel, HttpSettings settings) {
        this.channel = channel;
        this.settings = settings;
    }

    void begin(HttpRequest head) throws HttpException {
        ended = head instanceof FullHttpMessage || (head instanceof RequestHead http1 && !http1.hasBody);
        continueAwaited = false;
        trailers = EmptyHttpHeaders.INSTANCE;
        if (!ended) {
            received = 0;
            waitedNanos = 0;
            String expected = head.headers().get(HttpHeaderNames.EXPECT);
            if (expected != null && head.protocolVersion() != HttpVersion.HTTP_1_0) {
                continueAwaited = true; // or else something that we do not know, and the sender waits for our answer
                if (!HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
                    throw HttpException.closing(HttpResponseStatus.EXPECTATION_FAILED,
                            "the only expectation known here is '100-continue'");
                }
            }
        }
    }

    boolean isEnded() {
        return ended;
    }

    /** The sender does not send it before we say so, and nobody has asked for it. */
    boolean isContinueAwaited() {
        return continueAwaited;
    }

    HttpHeaders trailers() {
        return trailers;
    }

    /** The next part, which is the caller's; null at the end. */
    ByteBuf read() throws HttpException, IOException, InterruptedException {
        while (!ended) {
            if (continueAwaited) {
                continueAwaited = false;
                channel.send(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE,
                        Unpooled.EMPTY_BUFFER)).await();
            }
            ByteBuf part = accept(nextPart());
            if (part != null) {
                return part;
            }
        }
        return null;
    }

    private Object nextPart() throws HttpException, IOException, InterruptedException {
        Object part = channel.tryRead();
        if (part != null) {
            return part;
        }
        long begun = System.nanoTime();
        part = waitForPart();
        waitedNanos += System.nanoTime() - begun;
        if (part == null) {
            throw HttpException.closing(HttpResponseStatus.BAD_REQUEST, "the body ended before its end");
        }
        return part;
    }

    private Object waitForPart() throws HttpException, IOException, InterruptedException {
        long timeout = settings.bodyTimeout.toNanos();
        long left = Math.min(timeout, timeout + received * NANOS_PER_BYTE - waitedNanos);
        while (true) {
            try {
                return channel.read(Duration.ofNanos(left)).await();
            } catch (SocketTimeoutException slow) {
                throw HttpException.closing(HttpResponseStatus.REQUEST_TIMEOUT, "the body is too slow");
            } catch (CancellationException stopping) {
                // The server stops, and finishes what runs.
            } catch (IOException | InterruptedException gone) {
                throw gone;
            } catch (Exception malformed) { // the codecs' exceptions are of several kinds
                throw HttpException.closing(HttpResponseStatus.BAD_REQUEST, "the body is malformed");
            }
        }
    }

    private ByteBuf accept(Object message) throws HttpException {
        if (!(message instanceof HttpContent content) || content.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            throw HttpException.closing(HttpResponseStatus.BAD_REQUEST, "the body is malformed");
        }
        if (content instanceof LastHttpContent last) {
            ended = true;
            trailers = last.trailingHeaders();
        }
        ByteBuf part = content.content();
        received += part.readableBytes();
        if (received > settings.maxBody) {
            part.release();
            throw RequestRules.tooLarge(settings.maxBody);
        } else if (!part.isReadable()) {
            part.release();
            return null;
        }
        return part;
    }

    /** Reads to the end what the handler has not, if that is little. False if the connection cannot go on behind it. */
    boolean drain() throws IOException, InterruptedException {
        if (ended) {
            return true;
        } else if (continueAwaited) {
            return false;
        }
        try {
            long most = received + MOST_TO_DRAIN;
            for (ByteBuf part; (part = read()) != null;) {
                part.release();
                if (received > most) {
                    return false;
                }
            }
            return true;
        } catch (HttpException broken) {
            return false;
        }
    }
}
