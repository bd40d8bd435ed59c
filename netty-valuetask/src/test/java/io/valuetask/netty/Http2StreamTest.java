package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The streams of an HTTP/2 connection are channels, and have the handler last as others do. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class Http2StreamTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int STREAMS = 20;
    private static final int FRAMES = 40;

    @Parameter
    Transport transport;
    private final BlockingQueue<ValueTaskChannel<Http2StreamFrame, Http2StreamFrame>> accepted = new LinkedBlockingQueue<>();
    private EventLoopGroup group;
    private Channel connection;

    @BeforeEach
    void connect() throws Exception {
        group = transport.newGroup(2);
        Channel listener = new ServerBootstrap().group(group).channel(transport.serverChannel)
                .childHandler(multiplexed(Http2FrameCodecBuilder::forServer,
                        ValueTaskChannelInitializer
                                .<Http2StreamFrame, Http2StreamFrame>onActive(accepted::add)))
                .bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        connection = new Bootstrap().group(group).channel(transport.clientChannel)
                .handler(multiplexed(Http2StreamTest::client, new ChannelInboundHandlerAdapter()))
                .connect(listener.localAddress()).sync().channel();
    }

    /** What a stream has sent and nobody has read counts for the connection, too, whose window is four times as large. */
    private static Http2FrameCodecBuilder client() {
        return Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings().initialWindowSize(16 * 1024));
    }

    private static ChannelHandler multiplexed(Supplier<Http2FrameCodecBuilder> codec,
            ChannelHandler stream) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(codec.get().build(), new Http2MultiplexHandler(stream));
            }
        };
    }

    @AfterEach
    void close() {
        if (connection != null) {
            connection.close().syncUninterruptibly();
        }
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> open() throws Exception {
        ValueTaskHandler<Http2StreamFrame, Http2StreamFrame> handler = new ValueTaskHandler<>();
        new Http2StreamChannelBootstrap(connection).handler(handler).open().sync();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> stream = handler.channel();
        stream.writeAndFlush(headers()).await(LIMIT);
        return stream;
    }

    /** The server's side of the stream that was opened last. */
    private ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> accept() throws Exception {
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> stream = accepted.poll(Call.LIMIT_SECONDS,
                TimeUnit.SECONDS);
        assertThat(stream).as("the accepted stream").isNotNull();
        assertThat(stream.read().await(LIMIT)).isInstanceOf(Http2HeadersFrame.class);
        return stream;
    }

    private static Http2StreamFrame headers() {
        return new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().method("POST").path("/"));
    }

    private static Http2StreamFrame data(ByteBuf content, boolean last) {
        return new DefaultHttp2DataFrame(content, last);
    }

    private static ByteBuf content(Http2StreamFrame frame) {
        return ((Http2DataFrame) frame).content();
    }

    private static Void echo(ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> stream) throws Exception {
        for (boolean last = false; !last;) {
            Http2DataFrame frame = (Http2DataFrame) stream.read().await();
            last = frame.isEndStream();
            stream.writeAndFlush(data(frame.content(), last)).await();
        }
        return null;
    }

    @ParameterizedTest
    @EnumSource(value = Call.By.class, names = {"VIRTUAL", "CARRIED_HERE"})
    void streams_manyAtOnce_areAnsweredToTheirEnds(Call.By by) throws Throwable {
        List<BackgroundCall<Void>> servers = new ArrayList<>();
        List<BackgroundCall<Void>> clients = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            int number = i;
            ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client = open();
            ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
            servers.add(by.run(server, () -> echo(server)));
            clients.add(by.run(client, () -> exchange(number, client)));
        }
        for (int i = 0; i < STREAMS; i++) {
            assertThat(clients.get(i).result()).isNull();
            assertThat(servers.get(i).result()).isNull();
        }
    }

    private static Void exchange(int number, ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client)
            throws Exception {
        for (int i = 0; i < FRAMES; i++) {
            String text = number + "/" + i;
            client.writeAndFlush(data(Bytes.of(text), i == FRAMES - 1)).await();
            assertThat(Bytes.text(content(client.read().await()))).isEqualTo(text);
        }
        assertThat(client.read().await()).as("the end of the stream").isNull();
        assertThat(client.closed().await()).isEqualTo(new CloseReason.Remote());
        return null;
    }

    @Test
    void stream_usedByTheLoop_isAnsweredToItsEnd() throws Throwable {
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client = open();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
        for (int i = 0; i < FRAMES; i++) {
            boolean last = i == FRAMES - 1;
            Http2StreamFrame question = data(Bytes.ofInt(i), last);
            Call.By.LOOP.call(client, () -> client.writeAndFlush(question));
            Http2StreamFrame read = Call.By.LOOP.call(server, server::read);
            Http2StreamFrame answer = data(content(read), last);
            Call.By.LOOP.call(server, () -> server.writeAndFlush(answer));
            ByteBuf echoed = content(Call.By.LOOP.call(client, client::read));
            assertThat(echoed.readInt()).isEqualTo(i);
            echoed.release();
        }
        assertThat((Object) Call.By.LOOP.call(client, client::read)).isNull();
        assertThat((Object) Call.By.LOOP.call(server, server::read)).isNull();
    }

    @Test
    void stream_thatNobodyReads_stopsItsSenderAndNoOther() throws Throwable {
        byte[] sent = Bytes.pattern(2 * 1024 * 1024);
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> slow = open();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> toSlow = accept();
        BackgroundCall<Void> sender = BackgroundCall.start(VIRTUAL, () -> {
            for (int from = 0, piece = 10_000; from < sent.length; from += piece) {
                int to = Math.min(from + piece, sent.length);
                toSlow.writeAndFlush(data(Bytes.of(Arrays.copyOfRange(sent, from, to)), to == sent.length))
                        .await();
            }
            return null;
        });

        assertAnswered(1);
        sender.awaitParked();
        assertAnswered(2);

        ByteArrayOutputStream received = new ByteArrayOutputStream();
        for (boolean last = false; !last;) {
            Http2DataFrame frame = (Http2DataFrame) slow.read().await(LIMIT);
            last = frame.isEndStream();
            frame.content().readBytes(received, frame.content().readableBytes());
            frame.release();
        }
        assertThat(received.toByteArray()).isEqualTo(sent);
        assertThat(sender.result()).isNull();
        slow.close(); // its half is still open
        assertThat(slow.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    /** That a new stream works. */
    private void assertAnswered(int number) throws Throwable {
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client = open();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
        BackgroundCall<Void> echo = BackgroundCall.start(VIRTUAL, () -> echo(server));
        assertThat(BackgroundCall.start(VIRTUAL, () -> exchange(number, client)).result()).isNull();
        assertThat(echo.result()).isNull();
    }

    // Netty says of a stream that it is closed, and not why. A stream that was not cut short has a frame with the END_STREAM
    // flag before its end.

    @Test
    void reset_ofOneStream_endsWhatIsAwaitedThereAndNothingElse() throws Throwable {
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client = open();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
        Call<Http2StreamFrame> read = Call.By.VIRTUAL.start(server, server::read).awaitWaiting();
        ValueTask<Void> stalled = server.writeAndFlush(data(Bytes.of(Bytes.pattern(1024 * 1024)), false));

        client.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).await(LIMIT);

        assertEnded(read);
        assertThatThrownBy(() -> stalled.await(LIMIT)).isInstanceOf(IOException.class);
        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Remote());
        client.close();
        client.closed().await(LIMIT);
        assertAnswered(1);
    }

    /** For whoever would rather have a failure. */
    private static final class ResetReporter extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                ctx.fireExceptionCaught(new IOException("reset: " + reset.errorCode()));
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }
    }

    @Test
    void reset_whenAHandlerReportsIt_isAFailure() throws Throwable {
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client = open();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
        server.channel().eventLoop().submit(() -> server.channel().pipeline().addFirst(new ResetReporter()))
                .sync();

        client.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).await(LIMIT);

        assertThatThrownBy(() -> server.read().await(LIMIT)).hasMessage("reset: 8");
        assertThat(server.closed().await(LIMIT)).isInstanceOf(CloseReason.Failed.class);
    }

    @Test
    void close_ofAnOpenStream_resetsIt() throws Throwable {
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> client = open();
        ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
        Call<Http2StreamFrame> read = Call.By.VIRTUAL.start(client, client::read).awaitWaiting();

        server.close();

        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertEnded(read);
        assertThatThrownBy(() -> server.writeAndFlush(data(Bytes.of("late"), true)).await(LIMIT))
                .isInstanceOf(ClosedChannelException.class);
        assertAnswered(1);
    }

    @Test
    void reset_ofTheConnection_endsEveryStream() throws Throwable {
        List<Call<Http2StreamFrame>> reads = new ArrayList<>();
        List<ValueTaskChannel<?, ?>> servers = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            open();
            ValueTaskChannel<Http2StreamFrame, Http2StreamFrame> server = accept();
            servers.add(server);
            reads.add(Call.By.LOOP.start(server, server::read).awaitWaiting());
        }

        connection.config().setOption(ChannelOption.SO_LINGER, 0);
        connection.pipeline().firstContext().close();

        for (int i = 0; i < STREAMS; i++) {
            assertEnded(reads.get(i));
            assertThat(servers.get(i).closed().await(LIMIT)).isEqualTo(new CloseReason.Remote());
        }
    }

    private static void assertEnded(Call<Http2StreamFrame> read) throws Throwable {
        assertThat((Object) read.result()).isNull();
    }
}
