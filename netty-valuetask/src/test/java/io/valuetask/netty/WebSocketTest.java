package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How WebSocket ends, and what its handlers do beside the messages; the messages are in {@link PipelineMatrixTest}. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class WebSocketTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final WebSocketCloseStatus GOODBYE = new WebSocketCloseStatus(4000, "goodbye");

    @Parameter
    Transport transport;
    private EventLoopGroup group;
    private ValueTaskChannel<WebSocketFrame, WebSocketFrame> server;
    private ValueTaskChannel<WebSocketFrame, WebSocketFrame> client;

    /** The server passes close frames on, or answers them itself, which is the default. */
    private void connect(boolean serverAnswersCloseFrames) throws Exception {
        group = transport.newGroup(2);
        ServerBootstrap listening = new ServerBootstrap().group(group).channel(transport.serverChannel);
        Bootstrap connecting = new Bootstrap().group(group).channel(transport.clientChannel);
        try (var listener = ValueTaskServerChannel.<WebSocketFrame, WebSocketFrame>bind(listening,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                pipeline -> addServer(pipeline, serverAnswersCloseFrames)).await(LIMIT)) {
            client = ValueTaskChannels.<WebSocketFrame, WebSocketFrame>connect(connecting,
                    listener.localAddress(), WebSocketTest::addClient).await(LIMIT);
            server = listener.accept().await(LIMIT);
        }
        client.channel().pipeline().get(Protocol.Handshake.class).await();
        // Both sides are done with the handshake when this has been answered.
        client.writeAndFlush(new TextWebSocketFrame("hello")).await(LIMIT);
        assertText(server, "hello");
    }

    private static void addServer(ChannelPipeline pipeline, boolean answersCloseFrames) {
        pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(1000),
                new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                        .websocketPath("/").handleCloseFrames(answersCloseFrames).build()));
    }

    private static void addClient(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(1000),
                new WebSocketClientProtocolHandler(WebSocketClientProtocolConfig.newBuilder()
                        .webSocketUri("ws://localhost/").handleCloseFrames(false).dropPongFrames(false)
                        .build()),
                new Protocol.Handshake());
    }

    @AfterEach
    void close() {
        if (group != null) {
            client.close();
            server.close();
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static void assertText(ValueTaskChannel<WebSocketFrame, ?> channel, String text)
            throws Exception {
        WebSocketFrame frame = channel.read().await(LIMIT);
        try {
            assertThat(frame).isInstanceOfSatisfying(TextWebSocketFrame.class,
                    message -> assertThat(message.text()).isEqualTo(text));
        } finally {
            frame.release();
        }
    }

    private static void assertClosing(WebSocketFrame frame, WebSocketCloseStatus status) {
        try {
            assertThat(frame).isInstanceOfSatisfying(CloseWebSocketFrame.class, closing -> {
                assertThat(closing.statusCode()).isEqualTo(status.code());
                assertThat(closing.reasonText()).isEqualTo(status.reasonText());
            });
        } finally {
            frame.release();
        }
    }

    @Test
    void ping_isAnsweredBesideTheMessages() throws Exception {
        connect(false);
        client.write(new PingWebSocketFrame());
        client.writeAndFlush(new TextWebSocketFrame("and more")).await(LIMIT);

        assertText(server, "and more");
        WebSocketFrame pong = client.read().await(LIMIT);
        assertThat(pong).isInstanceOf(PongWebSocketFrame.class);
        pong.release();
    }

    @Test
    void close_saysGoodbyeAndThenCloses() throws Exception {
        connect(false);
        server.close();

        assertClosing(client.read().await(LIMIT), WebSocketCloseStatus.NORMAL_CLOSURE);
        assertThat(client.read().await(LIMIT)).isNull();
        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void close_afterACloseFrame_closesAndSaysNoMore() throws Exception {
        connect(false);
        server.writeAndFlush(new CloseWebSocketFrame(GOODBYE)).await(LIMIT);
        assertThatThrownBy(() -> server.writeAndFlush(new TextWebSocketFrame("late")).await(LIMIT))
                .isInstanceOf(IOException.class);

        server.close();

        assertClosing(client.read().await(LIMIT), GOODBYE);
        assertThat(client.read().await(LIMIT)).isNull();
        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void closeFrame_whenItIsPassedOn_isTheLastMessage() throws Exception {
        connect(false);
        client.write(new TextWebSocketFrame("last"));
        client.writeAndFlush(new CloseWebSocketFrame(GOODBYE)).await(LIMIT);

        assertText(server, "last");
        WebSocketFrame closing = server.read().await(LIMIT);
        server.writeAndFlush(closing).await(LIMIT); // the answer is the same
        server.close();

        assertClosing(client.read().await(LIMIT), GOODBYE);
        assertThat(client.read().await(LIMIT)).isNull();
    }

    /** Netty's handler answers and closes, which is an end by this side: how the peer ended is not to be seen then. */
    @Test
    void closeFrame_whenTheHandlerAnswersIt_endsTheReadAsAClose() throws Exception {
        connect(true);
        client.write(new TextWebSocketFrame("last"));
        client.writeAndFlush(new CloseWebSocketFrame(GOODBYE)).await(LIMIT);

        assertText(server, "last");
        assertThatThrownBy(() -> server.read().await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertClosing(client.read().await(LIMIT), GOODBYE);
        assertThat(client.read().await(LIMIT)).isNull();
    }

    // WebSocketProtocolHandler keeps the promise of the close frame, and closes the channel when that is done.

    private static WebSocketServerProtocolHandler webSocket() {
        return new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                .websocketPath("/").forceCloseTimeoutMillis(-1).build());
    }

    @Test
    void close_afterAWebSocketCloseFrame_closes() throws Exception {
        ValueTaskHandler<WebSocketFrame, WebSocketFrame> last = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(webSocket(), last);
        ValueTask<Void> closeFrame = last.channel()
                .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        embedded.runPendingTasks();
        assertThat(closeFrame.result()).isNull();
        ValueTask<Void> late = last.channel()
                .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        embedded.runPendingTasks();
        assertThatThrownBy(late::result).isInstanceOf(IOException.class);

        ValueTask<CloseReason> closed = Closing.close(last.channel());
        embedded.runPendingTasks();

        assertThat(closed.await(LIMIT)).isEqualTo(new CloseReason.Local());
        embedded.finishAndReleaseAll();
    }

    @Test
    void close_afterAWebSocketCloseFrameWithANaivePromise_doesNotClose() {
        ChannelOutboundHandlerAdapter last = new ChannelOutboundHandlerAdapter();
        EmbeddedChannel embedded = new EmbeddedChannel(webSocket(), last);
        NaivePromise promise = new NaivePromise(embedded);
        List<Throwable> told = new ArrayList<>();
        promise.arm(told::add);
        embedded.pipeline().context(last).writeAndFlush(
                new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE), promise.promise());
        assertThat(told).hasSize(1).containsOnlyNulls();

        embedded.pipeline().context(last).close();
        embedded.runPendingTasks();

        assertThat(embedded.isOpen()).as("waits for what was done long ago").isTrue();
        embedded.pipeline().firstContext().close();
        embedded.finishAndReleaseAll();
    }
}
