package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.NonStickyEventExecutorGroup;
import io.netty.util.concurrent.UnorderedThreadPoolEventExecutor;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.netty.Listening.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A handler whose executor runs its tasks in order, on any thread, and has no timer. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
@Timeout(60)
class TimerlessExecutorTest {
    private static final int MANY = 1_000;

    @SuppressWarnings("deprecation") // of Netty's groups the only one that NonStickyEventExecutorGroup takes
    private final EventExecutorGroup threads = new UnorderedThreadPoolEventExecutor(4);
    private final EventExecutorGroup ordered = new NonStickyEventExecutorGroup(threads);

    @Parameter
    Transport transport;
    private Loopback loopback;

    @AfterEach
    void close() {
        loopback.close();
        threads.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> connect(ValueTaskChannelOptions options) throws Exception {
        loopback = Loopback.on(transport).handlerExecutor(ordered).options(options).smallBuffers()
                .connectSocket();
        return loopback.server();
    }

    @Test
    void read_withATimeout_timesOutAndLosesNothing() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect(ValueTaskChannelOptions.DEFAULTS);

        ValueTask<ByteBuf> timed = channel.read(Duration.ofMillis(20));

        assertThatThrownBy(() -> timed.await(LIMIT)).isInstanceOf(SocketTimeoutException.class);
        loopback.send("a");
        assertThat(Bytes.text(channel.read(LIMIT).await(LIMIT))).isEqualTo("a");
    }

    /** The timer that is set for the first is taken back for the second. */
    @Test
    void read_whoseTimeIsUpBeforeThatOfTheOneBefore_timesOut() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect(ValueTaskChannelOptions.DEFAULTS);
        ValueTask<ByteBuf> patient = channel.read(Duration.ofHours(1));
        loopback.send("a");
        assertThat(Bytes.text(patient.await(LIMIT))).isEqualTo("a");

        ValueTask<ByteBuf> timed = channel.read(Duration.ofMillis(20));

        assertThatThrownBy(() -> timed.await(LIMIT)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void close_whenAWriteStalls_closesAtTheDeadline() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect(
                ValueTaskChannelOptions.DEFAULTS.closeDeadline(Duration.ofMillis(20)));
        ValueTask<Void> stalled = channel.writeAndFlush(Bytes.of(Bytes.pattern(8 << 20)));

        channel.close();

        assertThat(channel.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThatThrownBy(() -> stalled.await(LIMIT)).isInstanceOf(IOException.class);
    }

    @Test
    void messages_goBothWays() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect(ValueTaskChannelOptions.DEFAULTS);
        for (int i = 0; i < MANY; i++) {
            loopback.send("a");
            channel.writeAndFlush(channel.read(LIMIT).await(LIMIT)).await(LIMIT);
            assertThat(new String(loopback.receive(1))).isEqualTo("a");
        }
    }
}
