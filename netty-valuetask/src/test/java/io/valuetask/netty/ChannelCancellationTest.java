package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Whoever gives up waiting loses nothing, and breaks nothing. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class ChannelCancellationTest {
    private static final int LARGE = 4 * 1024 * 1024;

    @Parameter
    Transport transport;
    private Loopback loopback;

    private ValueTaskChannel<ByteBuf, ByteBuf> connect() throws Exception {
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        return loopback.server();
    }

    @AfterEach
    void disconnect() {
        if (loopback != null) {
            loopback.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenTheWaiterIsInterrupted_leavesTheMessageToTheNext(Kind kind) throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        BackgroundCall<ByteBuf> read = BackgroundCall.start(kind, () -> channel.read().await()).awaitParked();

        read.thread().interrupt();

        assertThat(read.failure()).isInstanceOf(InterruptedException.class);
        loopback.send("x");
        assertThat(Bytes.text(channel.read().await())).isEqualTo("x");
    }

    @Test
    void read_whenTimeIsUp_leavesTheMessageToTheNext() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();

        assertThatThrownBy(() -> channel.read().await(Duration.ofMillis(1)))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> channel.read().await(Duration.ZERO)).isInstanceOf(TimeoutException.class);

        loopback.send("x");
        assertThat(Bytes.text(channel.read().await())).isEqualTo("x");
    }

    @Test
    void read_whenItsFutureIsCancelled_leavesTheMessageToTheNext() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        CompletableFuture<ByteBuf> read = channel.read().toCompletableFuture();

        assertThat(read.cancel(true)).isTrue();

        loopback.send("x");
        assertThat(Bytes.text(channel.read().await())).isEqualTo("x");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void read_whenInterruptAndArrivalRace_losesAndDoublesNothing(Kind kind) throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        int rounds = 1000;
        StringBuilder received = new StringBuilder();
        BackgroundCall<Integer> reader = BackgroundCall.start(kind, () -> {
            int interrupts = 0;
            while (received.length() < rounds) {
                try {
                    received.append(Bytes.text(channel.read().await()));
                } catch (InterruptedException interrupted) {
                    interrupts++;
                }
            }
            return interrupts;
        });
        StringBuilder sent = new StringBuilder();
        for (int round = 0; round < rounds; round++) {
            char next = (char) ('a' + round % 26);
            sent.append(next);
            loopback.socket().getOutputStream().write(next);
            for (int spins = round * 13 % 1000; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            reader.thread().interrupt();
        }

        reader.result();
        assertThat(received).hasToString(sent.toString());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void write_whenTheWaiterOfAStalledOneIsInterrupted_isStillSent(Kind kind) throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        byte[] large = Bytes.pattern(LARGE);
        ByteBuf message = Bytes.of(large);
        BackgroundCall<Void> write = BackgroundCall
                .start(kind, () -> channel.writeAndFlush(message).await()).awaitParked();
        loopback.awaitServerLoop();

        write.thread().interrupt();

        assertThat(write.failure()).isInstanceOf(InterruptedException.class);
        ValueTask<Void> next = channel.writeAndFlush(Bytes.of("next"));
        assertThat(loopback.receive(LARGE)).isEqualTo(large);
        assertThat(loopback.receive(4)).isEqualTo("next".getBytes());
        assertThat(next.await()).isNull();
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void write_whenTimeOfAStalledOneIsUp_isStillSent() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        byte[] large = Bytes.pattern(LARGE);
        ByteBuf message = Bytes.of(large);
        ValueTask<Void> write = channel.writeAndFlush(message);
        loopback.awaitServerLoop();

        assertThatThrownBy(() -> write.await(Duration.ofMillis(1))).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> channel.flush().await(Duration.ofMillis(1)))
                .isInstanceOf(TimeoutException.class);

        assertThat(loopback.receive(LARGE)).isEqualTo(large);
        assertThat(channel.flush().await()).isNull();
        assertThat(message.refCnt()).isZero();
        for (int i = 0; i < 100; i++) {
            assertThat(channel.writeAndFlush(Bytes.of("x")).await()).isNull();
            loopback.receive(1);
        }
    }

    @Test
    void write_whenCancelledOnItsWayToTheLoop_isDroppedAndReleased() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        CountDownLatch blocked = new CountDownLatch(1);
        channel.channel().eventLoop().execute(() -> {
            try {
                blocked.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
        ByteBuf message = Bytes.of("dropped");

        assertThatThrownBy(() -> channel.writeAndFlush(message).await(Duration.ZERO))
                .isInstanceOf(TimeoutException.class);
        ValueTask<Void> next = channel.writeAndFlush(Bytes.of("next"));
        blocked.countDown();

        assertThat(next.await()).isNull();
        assertThat(loopback.receive(4)).isEqualTo("next".getBytes());
        assertThat(message.refCnt()).isZero();
    }

    /** The window is small; what counts is that no write of the next generation hangs or is lost. */
    @Test
    void write_whenAnEarlierOnesFutureIsCancelledLate_isSentAndCompletes() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        Thread drain = Thread.ofVirtual().start(() -> {
            try {
                loopback.socket().getInputStream().readAllBytes();
            } catch (IOException ended) {
                // with the test
            }
        });
        for (int round = 0; round < 2000; round++) {
            CompletableFuture<Void> earlier = channel.writeAndFlush(Bytes.of("a")).toCompletableFuture();
            CompletableFuture<Boolean> canceller = CompletableFuture.supplyAsync(() -> earlier.cancel(true));
            for (int spins = round & 1023; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            assertThat(channel.writeAndFlush(Bytes.of("b")).await(Duration.ofSeconds(Call.LIMIT_SECONDS)))
                    .isNull();
            canceller.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        Closing.close(channel).await();
        drain.join();
    }
}
