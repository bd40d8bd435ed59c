package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import io.valuetask.ValueTask;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one thread has written is still on its way to the event loop when that, which knows of it, goes on with the
 * channel itself. As a pump does that was started by somebody else.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class OutboundOrderTest {
    @Parameter
    Transport transport;

    private Loopback loopback;

    @BeforeEach
    void connect() throws Exception {
        loopback = Loopback.on(transport)
                .options(ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.EXPLICIT)).connectSocket();
    }

    @AfterEach
    void close() {
        loopback.close();
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> server() {
        return loopback.server();
    }

    /** Writes "first" here, and then lets the event loop do something before it looks at its tasks. */
    private ValueTask<?> writeThenOnTheLoop(Supplier<ValueTask<?>> next) throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        Future<ValueTask<?>> onTheLoop = server().channel().eventLoop().submit(() -> {
            assertThat(written.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return next.get();
        });
        server().write(Bytes.of("first")).discard();
        written.countDown();
        return onTheLoop.sync().getNow();
    }

    private void assertReceived(String text) throws Exception {
        assertThat(new String(loopback.receive(text.length()))).isEqualTo(text);
    }

    /** It may have been started by who wrote before, and its steps come on the loop. */
    @Test
    void pump_onTheLoop_sendsBehindWhatIsOnItsWayThere() throws Exception {
        ValueTask<Void> pump = ValueTaskChannels.pump(server(), server());

        writeThenOnTheLoop(() -> {
            server().channel().pipeline().fireChannelRead(Bytes.of("second"));
            return null;
        });
        server().flush().await();

        assertReceived("firstsecond");
        loopback.socket().shutdownOutput();
        pump.await();
    }

    @Test
    void flush_onTheLoop_flushesWhatIsOnItsWayThere() throws Exception {
        writeThenOnTheLoop(() -> server().flush()).await();

        assertReceived("first");
    }

    @Test
    void shutdownOutput_onTheLoop_letsOutWhatIsOnItsWayThere() throws Exception {
        writeThenOnTheLoop(() -> server().shutdownOutput()).await();

        assertReceived("first");
        assertThat(loopback.socket().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void close_onTheLoop_letsOutWhatIsOnItsWayThere() throws Exception {
        writeThenOnTheLoop(() -> Closing.close(server())).await();

        assertReceived("first");
        assertThat(loopback.socket().getInputStream().read()).isEqualTo(-1);
    }
}
