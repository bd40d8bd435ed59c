package io.valuetask.samples.http;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * A connection of HTTP/1: one request after another, so that pipelined ones are answered in their order. What is answered
 * while requests are waiting leaves with one flush, since a body that does not wait does not end the event loop's turn.
 */
final class Http1Connection {
    private final HttpServer server;
    private final ValueTaskChannel<Object, Object> channel;
    private final Exchange exchange;
    private final RequestRunner runner;

    Http1Connection(HttpServer server, ValueTaskChannel<Object, Object> channel,
            Consumer<ValueTaskChannel<?, ?>> onUpgrade) {
        this.server = server;
        this.channel = channel;
        exchange = new Exchange(channel, server, false, onUpgrade);
        runner = new RequestRunner(server, exchange);
    }

    static void addTo(ChannelPipeline pipeline, HttpSettings settings) {
        pipeline.addLast(new RequestDecoder(settings), new HttpResponseEncoder());
    }

    static void removeFrom(ChannelPipeline pipeline) {
        pipeline.remove(HttpResponseEncoder.class);
        pipeline.remove(RequestDecoder.class);
    }

    void serve() throws IOException, InterruptedException {
        for (HttpRequest head; (head = nextHead()) != null;) {
            if (!runner.run(head)) {
                if (!exchange.isUpgraded()) {
                    Linger.behind(channel, server.settings());
                }
                return;
            }
        }
    }

    /** Null if there is none, and nobody who waits for an answer. */
    private HttpRequest nextHead() throws IOException, InterruptedException {
        boolean begun = false;
        try {
            Object message = channel.read(server.settings().idleTimeout).await();
            if (message == RequestDecoder.HEAD_BEGUN) {
                begun = true;
                message = channel.read(server.settings().headerTimeout).await();
            }
            return (HttpRequest) message;
        } catch (SocketTimeoutException late) {
            return begun ? lateHead() : null;
        } catch (CancellationException stopping) {
            return null;
        }
    }

    private static HttpRequest lateHead() {
        RequestHead late = new RequestHead(HttpVersion.HTTP_1_1, HttpMethod.valueOf("-"), "-",
                DefaultHttpHeadersFactory.headersFactory().newHeaders());
        late.setDecoderResult(DecoderResult.failure(
                HttpException.closing(HttpResponseStatus.REQUEST_TIMEOUT, "the headers are too slow")));
        return late;
    }
}
