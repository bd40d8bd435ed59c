package io.valuetask.perf.load;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;

/**
 * Sends requests of HTTP/1.1 and checks the answers. Behind half of Netty's {@code HttpClientCodec}: the requests are bytes
 * already, as they are all the same.
 */
final class Http1Connection extends FifoConnection {
    private final Connector connector;
    private final HttpRequests requests;
    private final HttpCheck check;
    private ValueTaskChannel<HttpObject, ByteBuf> channel;
    private boolean interim;
    private boolean last;

    Http1Connection(LoadLoop owner, LoadOptions options, int number, long delayNanos, Connector connector,
            HttpRequests requests) {
        super(owner, options, number, delayNanos);
        this.connector = connector;
        this.requests = requests;
        check = new HttpCheck(options);
    }

    @Override
    ValueTaskChannel<?, ?> channel() {
        return channel;
    }

    @Override
    void open() throws Exception {
        channel = connector.open(owner().loop(), pipeline -> pipeline
                .addLast(new HttpResponseDecoder(new HttpDecoderConfig().setValidateHeaders(false))));
    }

    @Override
    void transmit(long operation) {
        channel.send(requests.http1()).discard();
    }

    @Override
    boolean readAnswer() throws Exception {
        HttpObject part = channel.read().await();
        if (part == null) {
            return false;
        }
        try {
            if (part.decoderResult().isFailure()) {
                throw new BadAnswer("no HTTP: " + part.decoderResult().cause());
            } else if (underWay() == 0) {
                owner().count(LoadCounter.BAD_PAYLOAD);
                throw new BadAnswer("an answer came that nobody had asked for");
            }
            if (part instanceof HttpResponse response) {
                int status = response.status().code();
                interim = status < 200;
                last = !interim && isLast(response);
                check.begin(status);
            }
            if (part instanceof HttpContent content) {
                check.content(content.content());
            }
            return !(part instanceof LastHttpContent) || interim || complete();
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    /** An answer is complete. Whether there will be another one. */
    private boolean complete() {
        if (last) {
            retire(); // the server closes it behind this answer
        }
        answered(check.end());
        return !last && !isComplete();
    }

    /** As {@code HttpUtil.isKeepAlive} has it, for the usual answer, without a list of the header's values. */
    private static boolean isLast(HttpResponse response) {
        return response.headers().contains(HttpHeaderNames.CONNECTION)
                ? !HttpUtil.isKeepAlive(response)
                : !response.protocolVersion().isKeepAliveDefault();
    }
}
