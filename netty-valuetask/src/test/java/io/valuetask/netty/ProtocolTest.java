package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.CharsetUtil;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** Behind the handlers that Netty users have in their pipelines, and on the transports without sockets. */
class ProtocolTest {
    private static final int MEGABYTE = 1024 * 1024;

    @ParameterizedTest
    @EnumSource(Transport.class)
    void tls_echoesAMegabyte(Transport transport) throws Throwable {
        byte[] sent = Bytes.pattern(MEGABYTE);
        Tls tls = Tls.create();
        try (Loopback loopback = Loopback.on(transport).serverPipeline(tls::server)
                .clientPipeline(tls::client).connect()) {
            BackgroundCall<Void> echo = BackgroundCall.start(VIRTUAL, () -> {
                Streams.echo(loopback.server());
                return null;
            });
            BackgroundCall<Void> writer = BackgroundCall.start(VIRTUAL, () -> {
                Streams.write(loopback.client(), sent);
                return null;
            });

            byte[] received = BackgroundCall
                    .start(VIRTUAL, () -> Streams.read(loopback.client(), sent.length)).result();

            assertThat(received).isEqualTo(sent);
            assertThat(writer.result()).isNull();
            assertThat(Tls.protocolOf(loopback.client())).isEqualTo("TLSv1.3");
            loopback.client().close().await();
            assertThat(echo.result()).as("the server sees the end").isNull();
        }
    }

    /** TLS 1.3 has half-closure of its own, and a peer may use it without closing the connection below. */
    @Disabled("known defect: the read waits for the FIN. To end it at SslCloseCompletionEvent would lose what decoders "
            + "behind the SslHandler only emit when the input is shut down, so the fix is not a line")
    @ParameterizedTest
    @EnumSource(Transport.class)
    void tls_whenThePeerHasFinishedWithCloseNotify_endsTheRead(Transport transport) throws Throwable {
        Tls tls = Tls.create();
        try (Loopback loopback = Loopback.on(transport).serverPipeline(tls::server)
                .clientPipeline(tls::client).connect()) {
            BackgroundCall<byte[]> reader = BackgroundCall.start(VIRTUAL,
                    () -> Streams.readAll(loopback.server()));
            loopback.client().writeAndFlush(Bytes.of("last")).await();

            loopback.client().channel().pipeline().get(SslHandler.class).closeOutbound().sync();

            assertThat(reader.result()).isEqualTo("last".getBytes(CharsetUtil.US_ASCII));
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void http_servedByABody_answersEveryRequest(Transport transport) throws Throwable {
        EventLoopGroup group = transport.newGroup(2);
        try {
            Channel listener = new ServerBootstrap().group(group).channel(transport.serverChannel)
                    .childHandler(ValueTaskChannelInitializer.serve(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new HttpServerCodec(),
                                    new HttpObjectAggregator(MEGABYTE));
                        }
                    }, ProtocolTest::answer)).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            ValueTaskHandler<FullHttpResponse, FullHttpRequest> handler = new ValueTaskHandler<>();
            new Bootstrap().group(group).channel(transport.clientChannel)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new HttpClientCodec(),
                                    new HttpObjectAggregator(MEGABYTE), handler);
                        }
                    }).connect(listener.localAddress()).sync();
            for (int i = 0; i < 50; i++) {
                assertThat(request(handler.channel(), "hello " + i)).isEqualTo("/ hello " + i);
            }
            handler.channel().close().await();
        } finally {
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    private static void answer(ValueTaskChannel<FullHttpRequest, FullHttpResponse> channel)
            throws Exception {
        for (FullHttpRequest request; (request = channel.read().await()) != null;) {
            ByteBuf content = Unpooled.copiedBuffer(
                    request.uri() + " " + request.content().toString(CharsetUtil.UTF_8), CharsetUtil.UTF_8);
            request.release();
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK, content);
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
            channel.writeAndFlush(response).await();
        }
    }

    private static String request(ValueTaskChannel<FullHttpResponse, FullHttpRequest> channel, String text)
            throws Exception {
        ByteBuf content = Unpooled.copiedBuffer(text, CharsetUtil.UTF_8);
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/",
                content);
        request.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        channel.writeAndFlush(request).await();
        FullHttpResponse response = channel.read().await();
        try {
            return response.content().toString(CharsetUtil.UTF_8);
        } finally {
            response.release();
        }
    }

    @Test
    void local_echoesAMegabyte() throws Throwable {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
        byte[] sent = Bytes.pattern(MEGABYTE);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try {
            LocalAddress address = new LocalAddress(ProtocolTest.class);
            new ServerBootstrap().group(group).channel(LocalServerChannel.class)
                    .childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(channel -> {
                        Streams.echo(channel);
                        ended.complete(null);
                    }))
                    .bind(address).sync();
            ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
            new Bootstrap().group(group).channel(LocalChannel.class).handler(handler).connect(address).sync();
            ValueTaskChannel<ByteBuf, ByteBuf> client = handler.channel();
            BackgroundCall<Void> writer = BackgroundCall.start(VIRTUAL, () -> {
                Streams.write(client, sent);
                return null;
            });

            assertThat(BackgroundCall.start(VIRTUAL, () -> Streams.read(client, sent.length)).result())
                    .isEqualTo(sent);
            assertThat(writer.result()).isNull();
            client.close().await();
            assertThat(ended.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isNull();
        } finally {
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void embedded_readsAndWrites() throws Exception {
        ValueTaskHandler<String, String> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(handler);
        ValueTaskChannel<String, String> channel = handler.channel();

        ValueTask<String> early = channel.read();
        assertThat(early.isCompleted()).isFalse();
        embedded.writeInbound("a", "b");
        assertThat(early.result()).isEqualTo("a");
        assertThat(channel.read().result()).isEqualTo("b");

        ValueTask<Void> write = channel.write("c");
        assertThat(write.isCompleted()).isFalse();
        ValueTask<Void> flush = channel.flush();
        embedded.runPendingTasks();
        assertThat(write.result()).isNull();
        assertThat(flush.result()).isNull();
        assertThat(embedded.<String>readOutbound()).isEqualTo("c");

        assertThat(channel.close().result()).isNull();
        assertThat(embedded.isOpen()).isFalse();
    }
}
