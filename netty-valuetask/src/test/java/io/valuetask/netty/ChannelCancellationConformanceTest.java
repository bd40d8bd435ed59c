package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.CancellationToken;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSourceOnCompletedFlags;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;

/** What .NET tests of channels and pipelines whose operations are cancelled. */
@ParameterizedClass(name = "{0}")
@EnumSource(value = ConformanceFixture.Wire.class, names = {"NIO", "EPOLL"})
class ChannelCancellationConformanceTest extends ConformanceFixture {
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private final CancellationTokenSource other = new CancellationTokenSource();

    /** There its continuation is queued, here that is the waiter's choice: otherwise it runs where it was cancelled. */
    @Row(82)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row82_read_cancelled_continuesWhereItWasCancelledOrWhereItsWaiterAsked(boolean asked)
            throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read(cancellation.token());
        Resumption resumption = new Resumption();
        assertThat(client().channel().eventLoop().submit(() -> read.onCompleted(resumption, null, asked
                ? ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT
                : ValueTaskSourceOnCompletedFlags.NONE)).get()).isTrue();

        cancellation.cancel();

        if (asked) {
            assertThat(client().channel().eventLoop().inEventLoop(resumption.thread())).isTrue();
        } else {
            assertThat(resumption.times()).as("when cancel() returns").isOne();
            assertThat(resumption.thread()).isSameAs(Thread.currentThread());
        }
        assertCanceled(read);
    }

    @Row(82)
    @Test
    void row82_write_afterCancelledReaders_completesTheNextReader() throws Throwable {
        connect();
        for (int i = 0; i < 100; i++) {
            CancellationTokenSource source = new CancellationTokenSource();
            ValueTask<ByteBuf> read = server().read(source.token());
            source.cancel();
            assertCanceled(read);
        }
        BackgroundCall<String> next = BackgroundCall.start(PLATFORM, this::read).awaitParked();

        send("x");

        assertThat(next.result()).isEqualTo("x");
    }

    @Row(85)
    @Test
    void row85_write_cancelledInTheMiddle_leavesTheDataOfTheOthersInOrder() throws Exception {
        connect();
        CountDownLatch hold = holdServerLoop();
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            writes.add(server().writeAndFlush(Bytes.of(Character.toString('a' + i))).toCompletableFuture());
        }
        for (int i = 1; i < 20; i += 2) {
            assertThat(writes.get(i).cancel(true)).isTrue();
        }
        hold.countDown();

        for (int i = 0; i < 20; i += 2) {
            assertThat(writes.get(i).get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isNull();
        }
        assertThat(receive(10)).isEqualTo("acegikmoqs");
    }

    @Row(89)
    @Test
    void row89_read_withANewToken_isNotHitByTheOldOne() throws Exception {
        connect();
        ValueTask<ByteBuf> first = server().read(cancellation.token());
        send("x");
        assertThat(Bytes.text(first.await())).isEqualTo("x");
        ValueTask<ByteBuf> second = server().read(other.token());

        cancellation.cancel();
        assertThat(second.isCompleted()).isFalse();

        other.cancel();
        assertCanceled(second);
    }

    @Row(89)
    @Test
    void row89_read_afterACancellationBetweenReads_isNotCancelled() throws Exception {
        connect();
        ValueTask<ByteBuf> first = server().read(cancellation.token());
        send("x");
        assertThat(Bytes.text(first.await())).isEqualTo("x");
        cancellation.cancel();

        ValueTask<ByteBuf> second = server().read();

        assertThat(second.isCompleted()).isFalse();
        send("y");
        assertThat(Bytes.text(second.await())).isEqualTo("y");
    }

    /** The old token fires while its read completes, is consumed, and the next one begins. */
    @Row(89)
    @Test
    @Timeout(100)
    void row89_cancel_againstTheNextRead_neverHitsIt() throws Throwable {
        connect(ConformanceFixture::intFrames);
        int rounds = 10_000;
        ExecutorService canceller = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < rounds; round++) {
                CancellationTokenSource old = new CancellationTokenSource();
                ValueTask<ByteBuf> first = server().read(old.token());
                ValueTask<Void> write = client().writeAndFlush(Bytes.ofInt(round));
                int delay = round * 31 % 10_000;
                Future<Boolean> cancelled = canceller.submit(() -> {
                    spin(delay);
                    return old.cancel();
                });
                boolean received = true;
                try {
                    assertNumber(first.await(), round);
                } catch (CancellationException lost) {
                    received = false;
                }
                ValueTask<ByteBuf> second = server()
                        .read(round % 2 == 0 ? other.token() : CancellationToken.NONE);
                assertThat(cancelled.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                if (received) {
                    client().writeAndFlush(Bytes.ofInt(-round)).await();
                }
                assertNumber(second.await(), received ? -round : round);
                write.await();
            }
        } finally {
            canceller.shutdown();
        }
    }

    private static void assertNumber(ByteBuf message, int expected) {
        try {
            assertThat(message.readInt()).isEqualTo(expected);
        } finally {
            message.release();
        }
    }

    private static void spin(int times) {
        for (int spins = times; spins > 0; spins--) {
            Thread.onSpinWait();
        }
    }

    /** A pipe's pending read is cancelled without being named. Here a token says which reads are meant. */
    @Row(90)
    @Test
    void row90_cancel_beforeWhileAndAfterARead_hitsThoseWithTheTokenThatWait() throws Exception {
        connect(ConformanceFixture::oneByteFrames);
        ValueTask<ByteBuf> pending = server().read(cancellation.token());
        Resumption resumption = new Resumption();
        assertThat(pending.onCompleted(resumption, null)).isTrue();
        send("xyz");
        resumption.thread();

        cancellation.cancel();

        assertThat(Bytes.text(pending.result())).as("complete before the request").isEqualTo("x");
        assertCanceled(server().read(cancellation.token()));
        assertThat(read()).isEqualTo("y");
        assertCanceled(server().read(cancellation.token()));
        assertThat(read()).isEqualTo("z");
        ValueTask<ByteBuf> next = server().read(other.token());
        other.cancel();
        assertCanceled(next);
    }

    @Row(91)
    @Test
    void row91_read_cancelledBeforeItsContinuationIsRegistered_saysSo() throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read(cancellation.token());
        cancellation.cancel();
        Resumption resumption = new Resumption();

        assertThat(read.onCompleted(resumption, null)).isFalse();

        assertCanceled(read);
        assertThat(resumption.times()).isZero();
    }

    @Row(91)
    @Test
    void row91_read_cancelledAfterItsContinuationIsRegistered_resumesItOnce() throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read(cancellation.token());
        Resumption resumption = new Resumption();
        assertThat(read.onCompleted(resumption, null)).isTrue();

        assertThat(cancellation.cancel()).isTrue();
        assertThat(cancellation.cancel()).isFalse();

        assertThat(resumption.times()).isOne();
        assertCanceled(read);
    }

    @Row(91)
    @Test
    void row91_token_firedAfterTheOperationWasCancelledOtherwise_changesNothing() throws Throwable {
        connect();
        assertThat(server().read(cancellation.token()).toCompletableFuture().cancel(true)).isTrue();
        ValueTask<Void> write = writeThatStalls();
        CompletableFuture<Void> flush = server().flush().toCompletableFuture();
        assertThat(flush.cancel(true)).isTrue();
        ValueTask<ByteBuf> next = server().read(other.token());
        ValueTask<Void> nextFlush = server().flush();

        assertThat(cancellation.cancel()).isTrue();
        assertThat(flush.cancel(true)).as("it is").isTrue();

        assertThat(next.isCompleted()).isFalse();
        assertThat(nextFlush.isCompleted()).isFalse();
        send("x");
        Streams.read(client(), LARGE);
        assertThat(Bytes.text(next.await())).isEqualTo("x");
        assertThat(nextFlush.await()).isNull();
        assertThat(write.await()).isNull();
    }

    @Row(93)
    @Test
    void row93_read_whenDataCameDuringACancelledOne_getsIt() throws Exception {
        connect(ConformanceFixture::oneByteFrames);
        ValueTask<ByteBuf> cancelled = server().read(cancellation.token());
        cancellation.cancel();
        send("xy");
        awaitServerLoop();

        assertCanceled(cancelled);

        assertThat(read()).isEqualTo("x");
        assertThat(read()).isEqualTo("y");
    }

    @Row(93)
    @Test
    void row93_read_whoseDataIsThere_winsAgainstTheToken() throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read(cancellation.token());
        Resumption resumption = new Resumption();
        assertThat(read.onCompleted(resumption, null)).isTrue();
        send("x");
        resumption.thread();

        cancellation.cancel();

        assertThat(read.isCompletedSuccessfully()).isTrue();
        assertThat(Bytes.text(read.result())).isEqualTo("x");
        assertThat(resumption.times()).isOne();
    }

    @Row(93)
    @ParameterizedTest
    @EnumSource(Kind.class)
    @Timeout(100)
    void row93_cancel_againstArrival_losesAndDoublesNothing(Kind kind) throws Throwable {
        connect(ConformanceFixture::intFrames);
        int rounds = 2000;
        AtomicReference<CancellationTokenSource> current = new AtomicReference<>(cancellation);
        BackgroundCall<List<Integer>> reader = BackgroundCall.start(kind, () -> {
            List<Integer> received = new ArrayList<>();
            while (received.size() < rounds) {
                CancellationTokenSource source = new CancellationTokenSource();
                current.set(source);
                try {
                    ByteBuf message = server().read(source.token()).await();
                    received.add(message.readInt());
                    message.release();
                } catch (CancellationException again) {
                    // and the message stays where it is
                }
            }
            return received;
        });
        List<Integer> sent = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            sent.add(round);
            ValueTask<Void> write = client().writeAndFlush(Bytes.ofInt(round));
            spin(round * 13 % 2000);
            current.get().cancel();
            write.await();
        }

        assertThat(reader.result()).isEqualTo(sent);
    }
}
