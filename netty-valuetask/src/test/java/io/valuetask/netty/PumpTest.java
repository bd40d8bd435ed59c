package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Reachability;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Channels that are joined: what one peer sends reaches the other one, and so does its end. */
@Timeout(60)
class PumpTest {
    private static final int LARGE = 4 * 1024 * 1024;

    private Loopback front;
    private Loopback back;

    private void connect(Transport transport) throws Exception {
        front = Loopback.on(transport).connectSocket();
        back = Loopback.on(transport).smallBuffers().connectSocket();
    }

    @AfterEach
    void close() {
        if (front != null) {
            front.close();
        }
        if (back != null) {
            back.close();
        }
    }

    private static BackgroundCall<byte[]> receiveAll(Socket socket) {
        return BackgroundCall.start(Kind.PLATFORM, () -> socket.getInputStream().readAllBytes());
    }

    // One direction

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_ofALongStreamToASlowPeer_bringsEveryByteInOrder(Transport transport) throws Throwable {
        connect(transport);
        byte[] sent = Bytes.pattern(LARGE);
        BackgroundCall<Void> sender = BackgroundCall.start(Kind.PLATFORM, () -> {
            OutputStream out = front.socket().getOutputStream();
            out.write(sent);
            front.socket().shutdownOutput();
            return null;
        });

        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());

        assertThat(back.receive(LARGE)).isEqualTo(sent);
        sender.result();
        assertThat(pump.await()).isNull();
        assertThat(front.server().channel().isOpen()).isTrue();
        assertThat(back.server().channel().isOpen()).isTrue();
    }

    /** What cannot be sent on is not taken: in the end the kernel's buffers are full, and the sender stops. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_toAPeerThatDoesNotRead_takesNoMoreThanItsBounds(Transport transport) throws Throwable {
        connect(transport);
        byte[] sent = Bytes.pattern(4 * LARGE);
        BackgroundCall<Void> sender = BackgroundCall.start(Kind.PLATFORM, () -> {
            front.socket().getOutputStream().write(sent);
            return null;
        });
        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());

        awaitStandstill();

        assertThat(sender.thread().isAlive()).as("the sender has to wait").isTrue();
        // The high-water mark, one message above it, and what the queue holds ahead.
        assertThat(heldBytes()).isLessThan(512 * 1024);
        assertThat(back.receive(sent.length)).isEqualTo(sent);
        sender.result();
        front.socket().shutdownOutput();
        pump.await();
    }

    /** Nothing has moved for a while, which is no proof, but makes the bound below one. */
    private void awaitStandstill() throws InterruptedException {
        long before = -1;
        for (long now = heldBytes(); now != before || now == 0; now = heldBytes()) {
            before = now;
            Thread.sleep(50); // the bound is checked wherever the pump stands: waiting only makes the test stronger
        }
    }

    private long heldBytes() throws InterruptedException {
        try {
            return back.server().channel().eventLoop().submit(
                    () -> back.server().channel().unsafe().outboundBuffer().totalPendingWriteBytes()).sync()
                    .get();
        } catch (java.util.concurrent.ExecutionException failure) {
            throw new AssertionError(failure);
        }
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void cancel_whileNothingArrives_leavesTheNextMessageToTheReader(Transport transport) throws Throwable {
        connect(transport);
        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());

        assertThatThrownBy(() -> pump.await(Duration.ofMillis(5))).isInstanceOf(TimeoutException.class);

        front.send("next");
        assertThat(Bytes.text(front.server().read().await())).isEqualTo("next");
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_whenTheSendingChannelIsClosed_fails(Transport transport) throws Throwable {
        connect(transport);
        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());
        back.server().close();
        back.server().closed().await();

        front.send("lost");

        assertThatThrownBy(pump::await).isInstanceOf(ClosedChannelException.class);
        assertThat(front.server().channel().isOpen()).isTrue();
    }

    /** Whoever learns that it has ended reads on. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_whenTheSendingChannelIsClosedWhileNothingArrives_failsAndTakesNothing(Transport transport)
            throws Throwable {
        connect(transport);
        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());

        back.server().close();

        assertThatThrownBy(() -> pump.await(Listening.LIMIT)).isInstanceOf(ClosedChannelException.class)
                .hasNoCause();
        front.send("next");
        assertThat(Bytes.text(front.server().read().await(Listening.LIMIT))).isEqualTo("next");
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_whenTheSendingChannelIsResetWhileNothingArrives_failsWithWhy(Transport transport)
            throws Throwable {
        connect(transport);
        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());

        back.reset();

        assertThatThrownBy(() -> pump.await(Listening.LIMIT)).isInstanceOf(ClosedChannelException.class)
                .hasCauseInstanceOf(IOException.class);
        assertThat(front.server().channel().isOpen()).isTrue();
    }

    /** What waits to be read waits on. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void pump_toAChannelThatWasClosedBefore_failsAndTakesNothing(Transport transport) throws Throwable {
        connect(transport);
        front.send("next");
        Closing.close(back.server()).await(Listening.LIMIT);

        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());

        assertThatThrownBy(() -> pump.await(Listening.LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(Bytes.text(front.server().read().await(Listening.LIMIT))).isEqualTo("next");
    }

    /** What it sends on may live long, and be sent on by many. */
    @Test
    void cancel_ofAPump_leavesNothingAtTheSendingChannel() throws Exception {
        ValueTaskHandler<Object, Object> in = new ValueTaskHandler<>();
        ValueTaskHandler<Object, Object> out = new ValueTaskHandler<>();
        EmbeddedChannel first = new EmbeddedChannel(in);
        EmbeddedChannel second = new EmbeddedChannel(out);

        Reachability.awaitUnreachable(canceledPump(in.channel(), out.channel()), "the sending channel");

        first.close();
        second.close();
    }

    private static WeakReference<Object> canceledPump(ValueTaskChannel<Object, Object> in,
            ValueTaskChannel<Object, Object> out) {
        Pump<Object> pump = new Pump<>(in, out);
        ValueTask<Void> task = pump.start();
        assertThat(pump.stop()).isTrue();
        assertThat(task.isCanceled()).isTrue();
        return new WeakReference<>(pump);
    }

    @Test
    void pump_whileSomebodyElseReads_fails() throws IOException {
        ValueTaskHandler<Object, Object> in = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(in);
        ValueTask<Object> read = in.channel().read();

        ValueTask<Void> pump = ValueTaskChannels.pump(in.channel(), in.channel());

        assertThat(pump.isFaulted()).isTrue();
        pump.discard();
        embedded.pipeline().fireChannelRead("a");
        assertThat(read.result()).isEqualTo("a");
        embedded.finish();
    }

    // Both directions

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_untilBothPeersHaveFinished_bringsBothStreamsAndClosesBoth(Transport transport)
            throws Throwable {
        connect(transport);
        ValueTask<Void> relay = ValueTaskChannels.relay(front.server(), back.server());

        front.send("request");
        assertThat(new String(back.receive(7))).isEqualTo("request");
        front.socket().shutdownOutput();
        assertThat(back.socket().getInputStream().read()).as("the end is passed on").isEqualTo(-1);
        back.send("reply"); // after that
        back.socket().shutdownOutput();

        assertThat(new String(receiveAll(front.socket()).result())).isEqualTo("reply");
        assertThat(relay.await()).isNull();
        front.server().closed().await();
        back.server().closed().await();
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void relay_whenOnePeerResets_failsAndClosesTheOther(Transport transport) throws Throwable {
        connect(transport);
        ValueTask<Void> relay = ValueTaskChannels.relay(front.server(), back.server());
        front.send("x");
        back.receive(1);

        front.reset();

        assertThatThrownBy(relay::await).isInstanceOf(IOException.class);
        assertThat(receiveAll(back.socket()).result()).isEmpty();
        back.server().closed().await();
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void cancel_ofARelay_leavesBothChannelsOpen(Transport transport) throws Throwable {
        connect(transport);
        ValueTask<Void> relay = ValueTaskChannels.relay(front.server(), back.server());

        assertThat(relay.toCompletableFuture().cancel(true)).isTrue();

        front.send("a");
        back.send("b");
        assertThat(Bytes.text(front.server().read().await())).isEqualTo("a");
        assertThat(Bytes.text(back.server().read().await())).isEqualTo("b");
    }

    @Test
    void cancel_ofARelayThatIsOver_isRefused() throws IOException {
        ValueTaskHandler<ByteBuf, ByteBuf> left = new ValueTaskHandler<>();
        ValueTaskHandler<ByteBuf, ByteBuf> right = new ValueTaskHandler<>();
        EmbeddedChannel first = new EmbeddedChannel(left);
        EmbeddedChannel second = new EmbeddedChannel(right);
        ValueTask<Void> relay = ValueTaskChannels.relay(left.channel(), right.channel());

        first.close();
        second.close();

        assertThat(relay.isCompleted()).isTrue();
        assertThat(relay.toCompletableFuture().cancel(true)).isFalse();
    }
}
