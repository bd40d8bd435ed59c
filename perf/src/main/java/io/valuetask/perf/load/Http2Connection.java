package io.valuetask.perf.load;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.interop.NettyFutures;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskHandler;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** A connection of HTTP/2: a stream and a body for each operation, as many at once as both sides allow. */
final class Http2Connection extends LoadConnection {
    private final Connector connector;
    private final HttpRequests requests;
    private final Set<Thread> exchanges = new HashSet<>();
    private ValueTaskChannel<Object, Object> connection;
    private int capacity;

    Http2Connection(LoadLoop owner, LoadOptions options, int number, long delayNanos, Connector connector,
            HttpRequests requests) {
        super(owner, options, number, delayNanos);
        this.connector = connector;
        this.requests = requests;
    }

    @Override
    void open() throws Exception {
        connection = connector.open(owner().loop(), pipeline -> pipeline.addLast(
                Http2FrameCodecBuilder.forClient().build(),
                new Http2MultiplexHandler(new ChannelInboundHandlerAdapter())));
        Duration timeout = Duration.ofNanos(options().timeoutNanos());
        for (Object frame; (frame = connection.read().await(timeout)) != null;) {
            ReferenceCountUtil.release(frame);
            if (frame instanceof Http2SettingsFrame settings) {
                Long most = settings.settings().maxConcurrentStreams();
                capacity = (int) Math.min(options().pipelining, most == null ? Integer.MAX_VALUE : most);
                return;
            }
        }
        throw new IOException("the server closed the connection before it had sent its settings");
    }

    @Override
    int capacity() {
        return capacity;
    }

    /** Those come on the streams; here is only what the connection says of itself. */
    @Override
    boolean readAnswer() throws Exception {
        Object frame = isDone() ? null : connection.read().await();
        ReferenceCountUtil.release(frame);
        if (frame instanceof Http2GoAwayFrame) {
            retire();
        }
        return frame != null;
    }

    @Override
    void send(long intended) {
        began(intended);
        long sent = System.nanoTime();
        exchanges.add(startBody("load-" + number() + "-stream", () -> exchange(intended, sent)));
    }

    private void exchange(long intended, long sent) {
        LoadCounter outcome = LoadCounter.CLOSED;
        ValueTaskHandler<Http2StreamFrame, Http2StreamFrame> handler = new ValueTaskHandler<>();
        Http2StreamChannelBootstrap streams = new Http2StreamChannelBootstrap(connection.channel())
                .handler(handler);
        Channel stream = null;
        try {
            stream = NettyFutures.<Http2StreamChannel>toValueTask(streams.open())
                    .await(Duration.ofNanos(options().timeoutNanos()));
            outcome = ask(handler.channel(), sent + options().timeoutNanos());
        } catch (InterruptedException ended) {
            // That is how a run ends.
        } catch (SocketTimeoutException | TimeoutException late) {
            outcome = LoadCounter.TIMEOUT;
        } catch (Exception failure) {
            outcome = outcomeOf(failure);
        } finally {
            if (stream != null) {
                stream.close();
            }
            exchanges.remove(Thread.currentThread());
            finished(intended, sent, outcome);
            if (isDone()) {
                connection.close();
            } else {
                sendMore();
            }
        }
    }

    private LoadCounter ask(ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> stream, long deadline)
            throws Exception {
        stream.send(new DefaultHttp2HeadersFrame(requests.http2(), !requests.hasBody())).discard();
        if (requests.hasBody()) {
            stream.send(new DefaultHttp2DataFrame(requests.body(), true)).discard();
        }
        HttpCheck check = new HttpCheck(options());
        boolean last = false;
        while (!last) {
            Http2StreamFrame frame = stream.read(Duration.ofNanos(deadline - System.nanoTime())).await();
            if (frame == null) {
                return LoadCounter.RESET; // without a frame that ends the stream it was cut short
            }
            try {
                if (frame instanceof Http2HeadersFrame headers) {
                    int status = headers.headers().getInt(":status", 0);
                    if (status != 0) {
                        check.begin(status);
                        last = headers.isEndStream();
                    } else {
                        last = headers.isEndStream(); // trailers
                    }
                } else if (frame instanceof Http2DataFrame data) {
                    check.content(data.content());
                    last = data.isEndStream();
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }
        return check.end() ? LoadCounter.OK : LoadCounter.BAD_PAYLOAD;
    }

    /** Each stream counts for itself, when it ends with its connection. */
    @Override
    void lose(LoadCounter outcome) {}

    @Override
    void closeChannel() {
        if (connection != null) {
            connection.close();
        }
    }

    /** Each stream has its own deadline. */
    @Override
    void expire(long now) {}

    @Override
    void interrupt() {
        super.interrupt();
        Set.copyOf(exchanges).forEach(Thread::interrupt);
    }
}
