package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.CharsetUtil;
import io.valuetask.testing.BackgroundCall;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * TLS 1.3 has half-closure of its own: a peer may finish with close_notify and keep the connection below open. That is
 * the end of what can be read, behind whatever the decoders still hold.
 */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class TlsEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);

    @Parameter
    Transport transport;
    private Loopback loopback;

    @AfterEach
    void closeLoopback() {
        loopback.close();
    }

    private void connect(ValueTaskChannelOptions options, Consumer<Channel> behindTls) throws Exception {
        Consumer<Channel> first = Tls.shared()::server;
        loopback = Loopback.on(transport).options(options).serverPipeline(first.andThen(behindTls))
                .clientPipeline(Tls.shared()::client).connect();
    }

    private void connect(Consumer<Channel> behindTls) throws Exception {
        connect(ValueTaskChannelOptions.DEFAULTS, behindTls);
    }

    private void finish() throws Exception {
        tlsOf(loopback.client()).closeOutbound().sync();
    }

    private static SslHandler tlsOf(ValueTaskChannel<?, ?> channel) {
        return channel.channel().pipeline().get(SslHandler.class);
    }

    private String read() throws Exception {
        return Bytes.text(loopback.server().read().await(LIMIT));
    }

    /** Passes on lines, and what is left without an end of line when the input ends. */
    private static final class LastLineDecoder extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int end = in.bytesBefore((byte) '\n');
            if (end >= 0) {
                out.add(in.readRetainedSlice(end));
                in.skipBytes(1);
            }
        }

        @Override
        protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (in.isReadable()) {
                out.add(in.readRetainedSlice(in.readableBytes()));
            }
        }
    }

    @Test
    void closeNotify_whileAReadIsPending_endsIt() throws Throwable {
        connect(channel -> {});
        BackgroundCall<byte[]> reader = BackgroundCall.start(VIRTUAL,
                () -> Streams.readAll(loopback.server()));
        loopback.client().writeAndFlush(Bytes.of("last")).await();

        finish();

        assertThat(reader.result()).isEqualTo("last".getBytes(CharsetUtil.US_ASCII));
        assertThat(read()).as("and every later one").isNull();
    }

    @Test
    void closeNotify_whenADecoderHoldsTheLastMessage_comesBehindIt() throws Exception {
        connect(channel -> channel.pipeline().addLast(new LastLineDecoder()));
        loopback.client().writeAndFlush(Bytes.of("first\nsecond\nand the rest")).await();

        finish();

        assertThat(read()).isEqualTo("first");
        assertThat(read()).isEqualTo("second");
        assertThat(read()).isEqualTo("and the rest");
        assertThat(read()).isNull();
    }

    @Test
    void closeNotify_whenADecoderHoldsHalfAMessage_isTheEndAndNothingLeaks() throws Exception {
        connect(channel -> channel.pipeline().addLast(new LineBasedFrameDecoder(100)));
        loopback.client().writeAndFlush(Bytes.of("line\nhalf")).await();

        finish();

        assertThat(read()).isEqualTo("line");
        assertThat(read()).isNull();
    }

    @Test
    void closeNotify_endsOneDirectionOnly() throws Exception {
        connect(channel -> {});
        loopback.client().writeAndFlush(Bytes.of("question")).await();
        assertThat(read()).isEqualTo("question");
        finish();
        assertThat(read()).isNull();

        loopback.server().writeAndFlush(Bytes.of("answer")).await(LIMIT);

        assertThat(Bytes.text(loopback.client().read().await(LIMIT))).isEqualTo("answer");
        assertThat(loopback.server().channel().isActive()).isTrue();
        loopback.server().close();
        assertThat(loopback.server().closed().await(LIMIT)).isEqualTo(new CloseReason.Remote());
        assertThat(loopback.client().read().await(LIMIT)).isNull();
    }

    @Test
    void closeNotify_withoutHalfClosure_closesTheChannel() throws Exception {
        connect(ValueTaskChannelOptions.DEFAULTS.halfClosure(false),
                channel -> channel.pipeline().addLast(new LastLineDecoder()));
        loopback.client().writeAndFlush(Bytes.of("last")).await();

        finish();

        assertThat(loopback.server().closed().await(LIMIT)).isEqualTo(new CloseReason.Remote());
        assertThat(read()).isEqualTo("last");
        assertThat(read()).isNull();
    }

    /** As where a protocol ends TLS and goes on in clear. */
    @Test
    void closeNotify_whenAHandlerThenRemovesTls_isNotTheEnd() throws Exception {
        connect(channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event == SslCloseCompletionEvent.SUCCESS) {
                    ctx.pipeline().remove(SslHandler.class);
                }
                ctx.fireUserEventTriggered(event);
            }
        }));
        loopback.client().writeAndFlush(Bytes.of("secret")).await();
        assertThat(read()).isEqualTo("secret");
        finish();
        Channel client = loopback.client().channel();
        client.eventLoop().submit(() -> client.pipeline().remove(SslHandler.class)).sync();

        loopback.client().writeAndFlush(Bytes.of("clear")).await();

        assertThat(read()).isEqualTo("clear");
    }

    @Test
    void brokenRecord_isAFailureAndNoEnd() throws Exception {
        connect(channel -> {});
        loopback.client().writeAndFlush(Bytes.of("x")).await();
        assertThat(read()).isEqualTo("x");

        // Application data of 32 bytes which nobody has encrypted, past the handler that would.
        loopback.client().channel().pipeline().firstContext()
                .writeAndFlush(Bytes.of("\u0017\u0003\u0003\u0000\u0020" + "a".repeat(32))).sync();

        assertThatThrownBy(this::read).hasCauseInstanceOf(SSLException.class);
        assertThat(loopback.server().closed().await(LIMIT)).isInstanceOf(CloseReason.Failed.class);
    }

    @Test
    void fatalAlert_isAFailureAndNoEnd() throws Exception {
        connect(channel -> {});
        loopback.client().writeAndFlush(Bytes.of("x")).await();
        assertThat(read()).isEqualTo("x");

        // The client cannot decrypt this, and says so in an alert.
        loopback.server().channel().pipeline().firstContext()
                .writeAndFlush(Bytes.of("\u0017\u0003\u0003\u0000\u0020" + "a".repeat(32))).sync();

        assertThatThrownBy(this::read).hasCauseInstanceOf(SSLException.class);
        assertThat(loopback.server().closed().await(LIMIT)).isInstanceOf(CloseReason.Failed.class);
        assertThatThrownBy(() -> Bytes.text(loopback.client().read().await(LIMIT)))
                .hasCauseInstanceOf(SSLException.class);
    }
}
