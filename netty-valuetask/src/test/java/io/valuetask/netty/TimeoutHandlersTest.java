package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutException;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Netty's timeouts when they fire; what is awaited ends with them, and the reason names them. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class TimeoutHandlersTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int SHORT = 30;

    @Parameter
    Transport transport;
    private Loopback loopback;

    private void connect(Consumer<Channel> pipeline) throws Exception {
        loopback = Loopback.on(transport).smallBuffers().serverPipeline(pipeline).connectSocket();
    }

    @AfterEach
    void closeLoopback() {
        loopback.close();
    }

    @Test
    void readTimeout_endsTheReadAndTheChannel() throws Exception {
        connect(channel -> channel.pipeline().addLast(new ReadTimeoutHandler(SHORT, MILLISECONDS)));

        assertThatThrownBy(() -> loopback.server().read().await(LIMIT))
                .isInstanceOf(ReadTimeoutException.class);

        assertThat(loopback.server().closed().await(LIMIT)).isInstanceOfSatisfying(CloseReason.Failed.class,
                failed -> assertThat(failed.cause()).isInstanceOf(ReadTimeoutException.class));
        assertThat(loopback.socket().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void readTimeout_whileNobodyReads_isKeptForTheNextRead() throws Exception {
        connect(channel -> channel.pipeline().addLast(new ReadTimeoutHandler(SHORT, MILLISECONDS)));
        loopback.send("last");

        assertThat(loopback.server().closed().await(LIMIT)).isInstanceOf(CloseReason.Failed.class);
        assertThat(Bytes.text(loopback.server().read().await(LIMIT))).isEqualTo("last");
        assertThatThrownBy(() -> loopback.server().read().await(LIMIT))
                .isInstanceOf(ReadTimeoutException.class);
        assertThatThrownBy(() -> loopback.server().read().await(LIMIT)).as("no end that the peer meant")
                .isInstanceOf(IOException.class).hasCauseInstanceOf(ReadTimeoutException.class);
    }

    @Test
    void writeTimeout_endsEveryWriteAndTheChannel() throws Exception {
        connect(channel -> channel.pipeline().addLast(new WriteTimeoutHandler(SHORT, MILLISECONDS)));
        ValueTask<Void> stalled = loopback.server()
                .writeAndFlush(Bytes.of(Bytes.pattern(8 * 1024 * 1024)));
        ValueTask<Void> behind = loopback.server().writeAndFlush(Bytes.of("behind"));
        ValueTask<Void> flush = loopback.server().flush();

        assertThatThrownBy(() -> stalled.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> behind.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(loopback.server().closed().await(LIMIT)).isInstanceOfSatisfying(CloseReason.Failed.class,
                failed -> assertThat(failed.cause()).isInstanceOf(WriteTimeoutException.class));
        assertThatThrownBy(() -> loopback.server().read().await(LIMIT))
                .isInstanceOf(WriteTimeoutException.class);
    }

    @Test
    void idleness_forWhichAHandlerCloses_isALocalEnd() throws Exception {
        connect(channel -> channel.pipeline().addLast(new IdleStateHandler(SHORT, 0, 0, MILLISECONDS),
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        if (event instanceof IdleStateEvent) {
                            ctx.close();
                        }
                    }
                }));

        assertThatThrownBy(() -> loopback.server().read().await(LIMIT))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(loopback.server().closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void timeouts_whileMessagesComeAndGo_doNotFire() throws Exception {
        connect(channel -> channel.pipeline().addLast(new ReadTimeoutHandler(60),
                new WriteTimeoutHandler(60)));
        for (int i = 0; i < 200; i++) {
            loopback.send("ping");
            String ping = "";
            while (ping.length() < 4) {
                ping += Bytes.text(loopback.server().read().await(LIMIT));
            }
            assertThat(ping).isEqualTo("ping");
            loopback.server().writeAndFlush(Bytes.ofInt(i)).await(LIMIT);
            assertThat(loopback.receive(Integer.BYTES)[3]).isEqualTo((byte) i);
        }
        loopback.server().close();
        assertThat(loopback.server().closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }
}
