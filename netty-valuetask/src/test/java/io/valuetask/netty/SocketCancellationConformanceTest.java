package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.CancellationToken;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of sockets and streams whose operations are cancelled. */
@ParameterizedClass(name = "{0}")
@EnumSource(ConformanceFixture.Wire.class)
class SocketCancellationConformanceTest extends ConformanceFixture {
    private final CancellationTokenSource cancellation = new CancellationTokenSource();

    private static CancellationToken requested() {
        CancellationTokenSource source = new CancellationTokenSource();
        source.cancel();
        return source.token();
    }

    @Row(63)
    @Test
    void row63_read_cancelledBefore_startsNothing() throws Exception {
        connect(ConformanceFixture::oneByteFrames);
        String untouched = serverHandler().reads().toString();

        assertCanceled(server().read(requested()));
        assertThat(serverHandler().reads()).hasToString(untouched);

        ValueTask<ByteBuf> pending = server().read();
        assertCanceled(server().read(requested()));
        assertThat(pending.isCompleted()).isFalse();
        send("xy");
        assertThat(Bytes.text(pending.await())).isEqualTo("x");
        awaitServerLoop();
        assertCanceled(server().read(requested()));
        assertThat(read()).as("it was there, and stayed").isEqualTo("y");
    }

    /** A write has been handed over with the call; what can still be cancelled is its way to the event loop. */
    @Row(63)
    @Test
    void row63_write_awaitedWithARequestThatCameBefore_isDroppedOnItsWay() throws Exception {
        connect();
        CountDownLatch hold = holdServerLoop();
        ByteBuf message = Bytes.of("dropped");

        assertThatThrownBy(() -> server().writeAndFlush(message).await(requested()))
                .isInstanceOf(CancellationException.class);
        ValueTask<Void> next = server().writeAndFlush(Bytes.of("next"));
        hold.countDown();

        assertThat(next.await()).isNull();
        assertThat(receive(4)).isEqualTo("next");
        assertThat(message.refCnt()).isZero();
    }

    @Row(64)
    @ParameterizedTest
    @EnumSource(Call.By.class)
    void row64_read_cancelledWhilePending_endsAndTheNextDoesNot(Call.By by) throws Throwable {
        connect();
        for (int i = 0; i < 3; i++) {
            CancellationTokenSource source = new CancellationTokenSource();
            Call<ByteBuf> read = by.start(server(), () -> server().read(source.token())).awaitWaiting();

            assertThat(source.cancel()).isTrue();

            assertThat(read.failure()).isInstanceOf(CancellationException.class);
        }
        Call<ByteBuf> next = by.start(server(), () -> server().read(cancellation.token())).awaitWaiting();
        send("x");
        assertThat(Bytes.text(next.result())).isEqualTo("x");
    }

    @Row(65)
    @Test
    void row65_write_cancelledAmongOthers_isTheOnlyOneThatFails() throws Throwable {
        connect();
        CountDownLatch hold = holdServerLoop();
        List<BackgroundCall<Void>> writers = new ArrayList<>();
        for (String text : List.of("a", "b", "c", "d")) {
            ValueTask<Void> write = server().writeAndFlush(Bytes.of(text));
            CancellationToken token = text.equals("c") ? cancellation.token() : CancellationToken.NONE;
            writers.add(BackgroundCall.start(VIRTUAL, () -> write.await(token)).awaitParked());
        }

        cancellation.cancel();
        assertThat(writers.get(2).failure()).isInstanceOf(CancellationException.class);
        hold.countDown();

        for (BackgroundCall<Void> writer : List.of(writers.get(0), writers.get(1), writers.get(3))) {
            assertThat(writer.result()).isNull();
        }
        assertThat(receive(3)).isEqualTo("abd");
    }

    @Row(65)
    @Test
    void row65_read_cancelledAtOneChannel_leavesThatOfTheOtherPending() throws Exception {
        connect();
        CancellationTokenSource other = new CancellationTokenSource();
        ValueTask<ByteBuf> cancelled = server().read(cancellation.token());
        ValueTask<ByteBuf> left = client().read(other.token());

        cancellation.cancel();

        assertCanceled(cancelled);
        assertThat(left.isCompleted()).isFalse();
        server().writeAndFlush(Bytes.of("x")).await();
        assertThat(Bytes.text(left.await())).isEqualTo("x");
    }

    @Row(66)
    @Test
    void row66_read_cancelledBeforeOnAClosedChannel_saysCancelled() throws Exception {
        connect();
        Closing.close(server()).await();

        assertCanceled(server().read(requested()));
        assertThatThrownBy(server().read(cancellation.token())::await)
                .isInstanceOf(ClosedChannelException.class);
    }

    private enum Way {
        TOKEN,
        TOKEN_OF_THE_WAIT,
        INTERRUPT,
        TIMEOUT,
        FUTURE;

        void cancelARead(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Throwable {
            CancellationTokenSource source = new CancellationTokenSource();
            switch (this) {
                case TOKEN -> {
                    ValueTask<ByteBuf> read = channel.read(source.token());
                    source.cancel();
                    assertCanceled(read);
                }
                case TOKEN_OF_THE_WAIT -> {
                    BackgroundCall<ByteBuf> read = BackgroundCall
                            .start(PLATFORM, () -> channel.read().await(source.token())).awaitParked();
                    source.cancel();
                    assertThat(read.failure()).isInstanceOf(CancellationException.class);
                }
                case INTERRUPT -> {
                    BackgroundCall<ByteBuf> read = BackgroundCall.start(VIRTUAL, () -> channel.read().await())
                            .awaitParked();
                    read.thread().interrupt();
                    assertThat(read.failure()).isInstanceOf(InterruptedException.class);
                }
                case TIMEOUT -> assertThatThrownBy(() -> channel.read().await(Duration.ZERO))
                        .isInstanceOf(TimeoutException.class);
                case FUTURE -> assertThat(channel.read().toCompletableFuture().cancel(true)).isTrue();
            }
        }
    }

    @Row(67)
    @ParameterizedTest
    @EnumSource(Way.class)
    void row67_read_afterACancelledOne_getsTheData(Way way) throws Throwable {
        connect();
        for (int number = 42; number < 62; number++) {
            way.cancelARead(server());
            client().writeAndFlush(Bytes.ofInt(number)).await();
            ByteBuf message = server().read(cancellation.token()).await();
            assertThat(message.readInt()).isEqualTo(number);
            message.release();
        }
    }

    @Row(68)
    @Test
    void row68_write_cancelledWhileItStalls_letsTheWaiterGoAndTheBytesToo() throws Throwable {
        connect();
        ValueTask<Void> write = writeThatStalls();
        BackgroundCall<Void> writer = BackgroundCall.start(PLATFORM, () -> write.await(cancellation.token()))
                .awaitParked();

        cancellation.cancel();

        assertThat(writer.failure()).isInstanceOf(CancellationException.class);
        ValueTask<Void> next = server().writeAndFlush(Bytes.of("x"));
        assertThat(Streams.read(client(), LARGE + 1)).startsWith(Bytes.pattern(LARGE)).endsWith('x');
        assertThat(next.await()).isNull();
    }

    @Row(68)
    @Test
    @Timeout(100)
    void row68_write_againstItsCancellation_succeedsOrIsCancelledAndNothingElse() throws Throwable {
        connect();
        int rounds = 2000;
        BackgroundCall<List<Integer>> peer = BackgroundCall.start(VIRTUAL, () -> numbersUntil(rounds));
        List<Integer> written = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            CancellationTokenSource source = new CancellationTokenSource();
            ByteBuf message = Bytes.ofInt(round);
            ValueTask<Void> write = server().writeAndFlush(message);
            CompletableFuture<Boolean> canceller = CompletableFuture.supplyAsync(source::cancel);
            for (int spins = round * 7 % 8000; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            try {
                write.await(source.token());
                written.add(round);
            } catch (CancellationException cancelled) {
                // May have been sent, or not.
            }
            assertThat(canceller.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        server().writeAndFlush(Bytes.ofInt(rounds)).await();

        assertThat(peer.result()).isSorted().doesNotHaveDuplicates().containsAll(written);
    }

    private List<Integer> numbersUntil(int last) throws IOException, InterruptedException {
        List<Integer> numbers = new ArrayList<>();
        ByteBuf unread = Bytes.of("");
        for (int number = -1; number != last;) {
            ByteBuf message = client().read().await();
            unread.writeBytes(message);
            message.release();
            while (unread.readableBytes() >= Integer.BYTES) {
                number = unread.readInt();
                if (number != last) {
                    numbers.add(number);
                }
            }
            unread.discardReadBytes();
        }
        unread.release();
        return numbers;
    }
}
