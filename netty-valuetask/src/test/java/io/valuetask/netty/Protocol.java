package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.compression.JdkZlibDecoder;
import io.netty.handler.codec.compression.JdkZlibEncoder;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpMessage;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The pipelines that Netty users have before the handler under test, and what their messages look like. */
enum Protocol {
    TLS {
        @Override
        void server(ChannelPipeline pipeline) {
            Tls.shared().server(pipeline.channel());
            addFrames(pipeline);
        }

        @Override
        void client(ChannelPipeline pipeline) {
            Tls.shared().client(pipeline.channel());
            addFrames(pipeline);
        }
    },
    TIMEOUTS_AND_CHUNKS {
        @Override
        void both(ChannelPipeline pipeline) {
            pipeline.addLast(new IdleStateHandler(60, 60, 60), new ReadTimeoutHandler(60),
                    new WriteTimeoutHandler(60), new ChunkedWriteHandler());
            addFrames(pipeline);
        }
    },
    COMPRESSION {
        @Override
        void both(ChannelPipeline pipeline) {
            pipeline.addLast(new JdkZlibEncoder(), new JdkZlibDecoder(0));
            addFrames(pipeline);
        }
    },
    /** So fast that it delays a megabyte by a moment, and not much is kept meanwhile. */
    TRAFFIC_SHAPING {
        @Override
        void both(ChannelPipeline pipeline) {
            ChannelTrafficShapingHandler shaping = new ChannelTrafficShapingHandler(8 * 1024 * 1024,
                    8 * 1024 * 1024, 100);
            shaping.setMaxWriteSize(64 * 1024);
            pipeline.addLast(shaping);
            addFrames(pipeline);
        }
    },
    @SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
    FOREIGN_EXECUTOR {
        @Override
        void both(ChannelPipeline pipeline) {
            pipeline.addLast(new LengthFieldBasedFrameDecoder(LARGEST, 0, Integer.BYTES, 0, Integer.BYTES));
            pipeline.addLast(foreign(), new LengthFieldPrepender(Integer.BYTES), new WriteTimeoutHandler(60));
        }
    },
    HTTP {
        @Override
        void server(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(LARGEST));
        }

        @Override
        void client(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(LARGEST));
        }

        @Override
        Object request(ByteBuf content) {
            return httpRequest(content);
        }

        @Override
        Object answer(ByteBuf content) {
            return httpAnswer(content);
        }
    },
    HTTP_COMPRESSED {
        @Override
        void server(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpServerCodec(), new HttpContentCompressor(),
                    new HttpObjectAggregator(LARGEST));
        }

        @Override
        void client(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpClientCodec(), new HttpContentDecompressor(0),
                    new HttpObjectAggregator(LARGEST));
        }

        @Override
        Object request(ByteBuf content) {
            FullHttpMessage request = httpRequest(content);
            request.headers().set(HttpHeaderNames.ACCEPT_ENCODING, "gzip");
            return request;
        }

        @Override
        Object answer(ByteBuf content) {
            return httpAnswer(content);
        }
    },
    /** With permessage-deflate, as browsers have it. */
    WEB_SOCKET {
        @Override
        void server(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(LARGEST),
                    new WebSocketServerCompressionHandler(0),
                    new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                            .websocketPath("/").handleCloseFrames(false).decoderConfig(UNMASKED).build()));
        }

        @Override
        void client(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(LARGEST),
                    new WebSocketClientCompressionHandler(0),
                    new WebSocketClientProtocolHandler(WebSocketClientProtocolConfig.newBuilder()
                            .webSocketUri("ws://localhost/").allowExtensions(true).handleCloseFrames(false)
                            .performMasking(false)
                            .build()),
                    new Handshake());
        }

        @Override
        void awaitReady(ValueTaskChannel<?, ?> client) throws Exception {
            client.channel().pipeline().get(Handshake.class).await();
        }

        @Override
        Object request(ByteBuf content) {
            return new BinaryWebSocketFrame(content);
        }

        @Override
        boolean isFarewell(Object message) {
            return message instanceof CloseWebSocketFrame;
        }
    };

    private static final int LARGEST = 4 * 1024 * 1024;
    /** Masking touches every byte, and leak detection records every touch. */
    private static final WebSocketDecoderConfig UNMASKED = WebSocketDecoderConfig.newBuilder()
            .allowExtensions(true).allowMaskMismatch(true).build();
    private static EventExecutorGroup foreign = newForeign();

    private static EventExecutorGroup newForeign() {
        return new DefaultEventExecutorGroup(1,
                new DefaultThreadFactory("foreign", true));
    }

    /** Where a pipeline finds its loop gone, on a busy machine, Netty ends this executor; the next test gets another one. */
    private static synchronized EventExecutorGroup foreign() {
        if (foreign.isShuttingDown()) {
            foreign = newForeign();
        }
        return foreign;
    }

    /** Tells when a WebSocket client is past its handshake. */
    static final class Handshake extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Void> complete = new CompletableFuture<>();

        void await() throws Exception {
            complete.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                complete.complete(null);
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    private static void addFrames(ChannelPipeline pipeline) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(LARGEST, 0, Integer.BYTES, 0, Integer.BYTES),
                new LengthFieldPrepender(Integer.BYTES));
    }

    private static FullHttpMessage httpRequest(ByteBuf content) {
        return withLength(
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", content));
    }

    private static FullHttpMessage httpAnswer(ByteBuf content) {
        return withLength(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content));
    }

    private static FullHttpMessage withLength(FullHttpMessage message) {
        message.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, message.content().readableBytes());
        return message;
    }

    void server(ChannelPipeline pipeline) {
        both(pipeline);
    }

    void client(ChannelPipeline pipeline) {
        both(pipeline);
    }

    void both(ChannelPipeline pipeline) {
        throw new AssertionError(this + " has two different sides");
    }

    /** Returns when the client may send requests. */
    void awaitReady(ValueTaskChannel<?, ?> client) throws Exception {}

    /** A message of the client; the content is now the message's. */
    Object request(ByteBuf content) {
        return content;
    }

    /** A message of the server; the content is now the message's. */
    Object answer(ByteBuf content) {
        return request(content);
    }

    /** Whether a message tells that no more will come. */
    boolean isFarewell(Object message) {
        return false;
    }

    /**
     * Returns when the pipelines of closed channels have been taken down, from loops to the foreign executor and back. One
     * that finds its loop gone then kills the foreign executor.
     */
    static void awaitForeignExecutor(EventLoopGroup loops) {
        for (EventExecutorGroup group : List.of(loops, foreign(), loops)) {
            for (EventExecutor executor : group) {
                executor.submit(() -> {}).syncUninterruptibly();
            }
        }
    }

    /** What a message carries; the message is now the content's. */
    static ByteBuf contentOf(Object message) {
        return message instanceof ByteBufHolder holder ? holder.content() : (ByteBuf) message;
    }
}
