package io.valuetask.perf.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server of raw Netty on one event loop, that does right, or what a test wants to see counted. */
final class TestServer implements AutoCloseable {
    static final String BODY = "Hello, World!";

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;

    private TestServer(ChannelHandler child) {
        listener = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(child).bind(InetAddress.getLoopbackAddress(), 0).syncUninterruptibly()
                .channel();
    }

    /** What to do with bytes. */
    interface Received {
        void bytes(ChannelHandlerContext context, ByteBuf message);
    }

    /** Handlers of a new channel. */
    interface Pipeline {
        List<ChannelHandler> handlers(Channel channel);
    }

    static TestServer of(Pipeline pipeline) {
        return new TestServer(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                pipeline.handlers(channel).forEach(channel.pipeline()::addLast);
            }
        });
    }

    static TestServer bytes(Received received) {
        return of(channel -> List.of(new Bytes(received)));
    }

    static TestServer echo() {
        return bytes(ChannelHandlerContext::writeAndFlush);
    }

    static TestServer tlsEcho() throws Exception {
        SslContext tls = tls();
        return of(channel -> List.of(tls.newHandler(channel.alloc()),
                new Bytes(ChannelHandlerContext::writeAndFlush)));
    }

    static TestServer http() {
        return of(channel -> List.of(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Hello()));
    }

    static TestServer https() throws Exception {
        SslContext tls = tls();
        return of(channel -> List.of(tls.newHandler(channel.alloc()), new HttpServerCodec(),
                new HttpObjectAggregator(1 << 20), new Hello()));
    }

    static TestServer http2(boolean overTls) throws Exception {
        SslContext tls = overTls ? tls("h2") : null;
        return of(channel -> {
            ChannelHandler codec = Http2FrameCodecBuilder.forServer().build();
            ChannelHandler streams = new Http2MultiplexHandler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel stream) {
                    stream.pipeline().addLast(new Hello2());
                }
            });
            return overTls
                    ? List.of(tls.newHandler(channel.alloc()), codec, streams)
                    : List.of(codec, streams);
        });
    }

    private static SslContext tls(String... protocols) throws Exception {
        SslContextBuilder builder = SslContextBuilder
                .forServer(new CertificateBuilder().subject("CN=localhost")
                        .setIsCertificateAuthority(true).buildSelfSigned().toKeyManagerFactory());
        if (protocols.length > 0) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols));
        }
        return builder.build();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Keeps the server's event loop from everything, each second, for so long. */
    void stallEachSecond(long millis) {
        group.next().scheduleAtFixedRate(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(millis); // the stall is what is tested
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }, 500, 1000, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Hands bytes over, and answers the peer's FIN with its own. */
    private static final class Bytes extends ChannelInboundHandlerAdapter {
        private final Received received;

        Bytes(Received received) {
            this.received = received;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            received.bytes(context, (ByteBuf) message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                context.writeAndFlush(context.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static final class Hello extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK, ByteBufUtil.writeUtf8(context.alloc(), BODY));
            response.headers().set("content-length", BODY.length());
            context.writeAndFlush(response, context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static final class Hello2 extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            boolean last = frame instanceof Http2HeadersFrame headers && headers.isEndStream()
                    || frame instanceof Http2DataFrame data && data.isEndStream();
            ReferenceCountUtil.release(frame);
            if (last) {
                context.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
                context.writeAndFlush(new DefaultHttp2DataFrame(
                        context.alloc().buffer().writeBytes(BODY.getBytes(StandardCharsets.UTF_8)), true));
            }
        }
    }
}
