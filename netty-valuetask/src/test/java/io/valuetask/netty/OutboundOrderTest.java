package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import io.valuetask.ValueTask;
import io.valuetask.interop.ChannelSubscriber;
import io.valuetask.interop.ChannelSubscriber.AtEnd;
import io.valuetask.stream.ChannelStream;
import io.valuetask.testing.ManualPublisher;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one thread has written is still on its way to the event loop when that, which knows of it, goes on with the
 * channel itself. As a pump does that was started by somebody else.
 */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
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
        return hereThenOnTheLoop(() -> server().write(Bytes.of("first")).discard(), next);
    }

    private ValueTask<?> hereThenOnTheLoop(Runnable first, Supplier<ValueTask<?>> next) throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        Future<ValueTask<?>> onTheLoop = server().channel().eventLoop().submit(() -> {
            assertThat(written.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return next.get();
        });
        first.run();
        written.countDown();
        return onTheLoop.sync().getNow();
    }

    private void assertReceived(String text) throws Exception {
        assertThat(new String(loopback.receive(text.length()))).isEqualTo(text);
    }

    @Test
    void writeInTurn_onTheLoop_goesBehindWhatIsOnItsWayThere() throws Exception {
        ValueTask<?> write = writeThenOnTheLoop(() -> server().writeInTurn(Bytes.of("second")));
        server().flush().await();

        assertReceived("firstsecond");
        assertThat(write.await()).isNull();
    }

    @Test
    void sendInTurn_onTheLoop_goesBehindWhatIsOnItsWayThere() throws Exception {
        ValueTask<?> room = writeThenOnTheLoop(() -> server().sendInTurn(Bytes.of("second")));
        server().flush().await();

        assertReceived("firstsecond");
        assertThat(room.await()).isNull();
    }

    /** As in raw Netty: it may come from a task that was there before. */
    @Test
    void write_onTheLoop_goesBeforeWhatIsOnItsWayThere() throws Exception {
        ValueTask<?> write = writeThenOnTheLoop(() -> server().write(Bytes.of("second")));
        server().flush().await();

        assertReceived("secondfirst");
        assertThat(write.await()).isNull();
    }

    /** The stream's writer is one thread after another. */
    @Test
    void stream_whoseWriterIsTheLoopThen_keepsTheOrderOfItsBytes() throws Exception {
        ChannelStream stream = new ChannelStream(server(), 1);

        hereThenOnTheLoop(() -> stream.write(Bytes.of("first")).discard(),
                () -> stream.write(Bytes.of("second")));
        stream.flush().await();

        assertReceived("firstsecond");
    }

    /** A publisher may signal on any thread, one after another. */
    @Test
    void subscriber_whosePublisherIsTheLoopThen_keepsTheOrderOfItsMessages() throws Exception {
        ManualPublisher<ByteBuf> publisher = new ManualPublisher<>();
        publisher.subscribe(new ChannelSubscriber<>(server(), AtEnd.LEAVE_OPEN));

        hereThenOnTheLoop(() -> publisher.subscriber().onNext(Bytes.of("first")), () -> {
            publisher.subscriber().onNext(Bytes.of("second"));
            return null;
        });
        server().flush().await();

        assertReceived("firstsecond");
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
