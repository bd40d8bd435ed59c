package io.valuetask.samples.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection of HTTP/2: a body per stream, which reads and writes what one of HTTP/1 does, and one for the connection,
 * which waits for its end. Netty's codec keeps the flow control and the floods away: of resets, of settings and pings that
 * want an answer, of empty frames and of continuations.
 */
final class Http2Connection {
    private static final int MOST_RESETS = 200;
    private static final int RESETS_WINDOW_SECONDS = 30;

    private final HttpServer server;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();

    Http2Connection(HttpServer server) {
        this.server = server;
    }

    void addTo(ChannelPipeline pipeline) {
        HttpSettings settings = server.settings();
        pipeline.addLast(
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(Http2Settings.defaultSettings()
                                .maxConcurrentStreams(settings.maxStreams)
                                .maxHeaderListSize(settings.maxHeaders))
                        .decoderEnforceMaxRstFramesPerWindow(MOST_RESETS, RESETS_WINDOW_SECONDS)
                        .gracefulShutdownTimeoutMillis(settings.stopTimeout.toMillis()).build(),
                new Http2MultiplexHandler(
                        ValueTaskChannelInitializer.serve(new StreamCodec(), this::serveStream)));
    }

    /** Makes of each stream what the codec of HTTP/1 makes of a connection. */
    private static final class StreamCodec extends ChannelInitializer<Channel> {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true));
        }
    }

    // The connection

    /** Ends when the peer does, when nothing has run for the idle time, or when the server stops and nothing runs. */
    void serve(ValueTaskChannel<Object, Object> connection) throws IOException, InterruptedException {
        try {
            awaitEnd(connection);
        } catch (Exception failure) {
            if (!(failure instanceof Http2Exception)) { // else the codec has told the peer why it goes
                throw failure;
            }
        }
    }

    private void awaitEnd(ValueTaskChannel<Object, Object> connection)
            throws IOException, InterruptedException {
        int openedBefore = -1;
        boolean told = false;
        while (true) {
            if (server.isStopping() && !told) {
                told = true;
                connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR)).await();
            }
            try {
                Object frame = connection.read(server.settings().idleTimeout).await();
                if (frame == null) {
                    return;
                }
                ReferenceCountUtil.release(frame); // settings, pings: the codec has answered them
            } catch (SocketTimeoutException quiet) {
                if (running.get() == 0 && opened.get() == openedBefore) {
                    return;
                }
                openedBefore = opened.get();
            } catch (CancellationException stopping) { // again and again, until this has ended
                if (told && running.get() == 0) {
                    return;
                }
            }
        }
    }

    // A stream

    private void serveStream(ValueTaskChannel<Object, Object> stream)
            throws IOException, InterruptedException {
        running.incrementAndGet();
        opened.incrementAndGet();
        try {
            Object head = stream.read(server.settings().headerTimeout).await();
            if (head instanceof HttpRequest request) {
                answer(stream, request);
            } else {
                ReferenceCountUtil.release(head);
            }
        } catch (IOException | TimeoutException gone) {
            // The peer has reset the stream or the connection, or takes nothing.
        } catch (InterruptedException loopEnded) {
            throw loopEnded;
        } catch (Exception malformed) { // the codecs' exceptions are of several kinds
            stream.write(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR)).discard();
        } finally {
            running.decrementAndGet();
        }
    }

    private void answer(ValueTaskChannel<Object, Object> stream, HttpRequest head) throws IOException,
            InterruptedException, TimeoutException {
        Exchange exchange = new Exchange(stream, server, true, upgraded -> {});
        boolean complete = new RequestRunner(server, exchange).run(head);
        ReferenceCountUtil.release(head); // has an empty body, where there is no other
        if (!complete && exchange.response().isEnded()) {
            // The answer stands, and the rest of the request is not wanted. But there are clients that forget the answer
            // when they are told so too early.
            stream.flush().await(server.settings().writeTimeout);
            Linger.behindStream(stream);
            stream.write(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)).discard();
        }
    }
}
