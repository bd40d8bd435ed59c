package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** Protocols that are chosen on the connection, in straight-line code and with clients that know nothing of it. */
class ProtocolSwitchTest {
    /** The client's first message is on its way with the end of the handshake. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void upgrade_whenAlpnHasChosen_losesNothing(Transport transport) throws Throwable {
        Tls tls = Tls.speaking("frames", "lines");
        try (Loopback loopback = Loopback.on(transport).serverPipeline(tls::server)
                .clientPipeline(tls::client)
                .connect()) {
            loopback.client().writeAndFlush(Bytes.of("one\ntwo\n"));
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            BackgroundCall<String> body = BackgroundCall.start(VIRTUAL, () -> {
                assertThat(server.readEvent().await()).isEqualTo(SslHandshakeCompletionEvent.SUCCESS);
                String chosen = server.channel().pipeline().get(SslHandler.class).applicationProtocol();
                ValueTaskChannel<String, String> lines = server
                        .<String, String>upgrade(Lines::add).await();
                return chosen + ": " + lines.read().await() + ", " + lines.read().await();
            });

            assertThat(body.result()).isEqualTo("frames: one, two");
        }
    }

    /** As after STARTTLS. The transport is asked for nothing while only an event is awaited. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void upgrade_toTlsWithStrictPull_learnsOfTheHandshakeWhileItReads(Transport transport) throws Exception {
        try (Loopback loopback = Loopback.on(transport)
                .options(ValueTaskChannelOptions.DEFAULTS.readAhead(false)).connect()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server()
                    .<ByteBuf, ByteBuf>upgrade(pipeline -> Tls.shared().server(pipeline.channel())).await();
            ValueTask<ByteBuf> first = server.read();
            ValueTask<Object> handshake = server.readEvent();

            ValueTaskChannel<ByteBuf, ByteBuf> client = loopback.client()
                    .<ByteBuf, ByteBuf>upgrade(pipeline -> Tls.shared().client(pipeline.channel())).await();

            assertThat(handshake.await()).isEqualTo(SslHandshakeCompletionEvent.SUCCESS);
            client.writeAndFlush(Bytes.of("first")).await();
            assertThat(Bytes.text(first.await())).isEqualTo("first");
        }
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void upgrade_fromHttpToWebSocket_servesTheJdksClient(Transport transport) throws Throwable {
        try (Listening listening = new Listening(); HttpClient http = HttpClient.newHttpClient()) {
            var server = listening.bootstrap(transport)
                    .childHandler(ValueTaskChannelInitializer.<FullHttpRequest, FullHttpResponse>serve(
                            new ChannelInitializer<>() {
                                @Override
                                protected void initChannel(Channel channel) {
                                    channel.pipeline().addLast(new HttpServerCodec(),
                                            new HttpObjectAggregator(4096));
                                }
                            }, ProtocolSwitchTest::echoFrames))
                    .bind(Listening.anyPort()).sync().channel();
            CompletableFuture<String> heard = new CompletableFuture<>();
            int port = ((InetSocketAddress) server.localAddress()).getPort();

            WebSocket socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://localhost:" + port + "/"), new WebSocket.Listener() {
                        private final StringBuilder text = new StringBuilder();

                        @Override
                        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                            text.append(data);
                            if (text.length() >= 6) {
                                heard.complete(text.toString());
                            }
                            from.request(1);
                            return null;
                        }
                    }).get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            socket.sendText("one", true).thenCompose(sent -> sent.sendText("two", true));

            assertThat(heard.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("onetwo");
            socket.abort();
        }
    }

    private static void echoFrames(ValueTaskChannel<FullHttpRequest, FullHttpResponse> http)
            throws Exception {
        FullHttpRequest request = http.read().await();
        WebSocketServerHandshaker handshaker = new WebSocketServerHandshakerFactory("ws://localhost/", null,
                false).newHandshaker(request);
        // Netty's handshaker answers, and changes the codecs when that has been written.
        ValueTaskChannel<WebSocketFrame, WebSocketFrame> frames = http
                .<WebSocketFrame, WebSocketFrame>upgrade(
                        pipeline -> handshaker.handshake(pipeline.channel(), request))
                .await();
        request.release();
        for (WebSocketFrame frame; (frame = frames.read().await()) instanceof TextWebSocketFrame;) {
            frames.writeAndFlush(frame).await();
        }
    }

    /** A port that speaks two protocols: the first bytes tell which one. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void upgrade_whenTheFirstBytesHaveTold_givesThemBack(Transport transport) throws Throwable {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            BackgroundCall<Void> body = BackgroundCall.start(VIRTUAL, () -> {
                ByteBuf first = server.read().await();
                boolean isText = first.getByte(first.readerIndex()) >= ' ';
                ValueTaskChannel<String, String> lines = server
                        .<String, String>upgrade(Lines::add, first).await();
                return lines.writeAndFlush(isText + " " + lines.read().await()).await();
            });
            loopback.send("GET\n");

            InputStream answer = loopback.socket().getInputStream();
            assertThat(new String(answer.readNBytes(8))).isEqualTo("true GET");
            assertThat(body.result()).isNull();
        }
    }
}
