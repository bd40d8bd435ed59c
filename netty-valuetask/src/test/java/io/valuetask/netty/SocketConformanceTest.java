package io.valuetask.netty;

import io.micrometer.context.ContextRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.ValueTaskSourceOnCompletedFlags;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of its sockets and streams while nobody closes or cancels. */
@ParameterizedClass(name = "{0}")
@EnumSource(ConformanceFixture.Wire.class)
class SocketConformanceTest extends ConformanceFixture {
    @Row(58)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row58_read_awaitedAgain_isRefusedInEveryForm(boolean completeFromTheBeginning) throws Exception {
        connect(ConformanceFixture::oneByteFrames);
        if (completeFromTheBeginning) {
            send("-x");
            assertThat(read()).isEqualTo("-");
            awaitServerLoop();
        }
        ValueTask<ByteBuf> read = server().read();
        assertThat(read.isCompleted()).isEqualTo(completeFromTheBeginning);
        if (!completeFromTheBeginning) {
            send("x");
        }
        assertThat(Bytes.text(read.await())).isEqualTo("x");

        assertConsumed(read);

        ValueTask<ByteBuf> next = server().read();
        assertConsumed(read);
        send("y");
        assertThat(Bytes.text(next.await())).isEqualTo("y");
    }

    @Row(59)
    @Test
    void row59_read_whenAContinuationIsRegistered_refusesAnother() throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read();
        Resumption first = new Resumption();
        assertThat(read.onCompleted(first, "the first")).isTrue();

        assertRefusesWaiters(read);
        assertMisuse(read::await);

        send("x");
        first.thread();
        assertRefusesWaiters(read);
        assertThat(Bytes.text(read.result())).isEqualTo("x");
        assertThat(first.state()).isEqualTo("the first");
        assertThat(first.times()).isOne();
    }

    /** .NET lets them overlap, and says that this "happens to work". */
    @Row(60)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row60_reads_ofSeveralAtOnce_areRefusedAndTheFirstIsServed(boolean asFuture) throws Throwable {
        connect(ConformanceFixture::oneByteFrames);
        ValueTask<ByteBuf> read = server().read();
        CompletableFuture<ByteBuf> first = asFuture
                ? read.toCompletableFuture()
                : CompletableFuture.supplyAsync(() -> uninterrupted(read));

        for (Kind kind : Kind.values()) {
            assertThat(BackgroundCall.start(kind, server()::read).failure())
                    .isInstanceOf(ValueTaskMisuseException.class);
        }
        assertMisuse(server()::read);

        send("xy");
        assertThat(Bytes.text(first.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))).isEqualTo("x");
        assertThat(read()).isEqualTo("y");
    }

    private static <T> T uninterrupted(ValueTask<T> task) {
        try {
            return task.await();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    /** Writes may overlap here too: they queue. */
    @Row(61)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row61_writes_ofSeveralAtOnce_leaveInOrderWithASourceEach(boolean asFuture) throws Exception {
        connect();
        assertQueued(6, asFuture);
        assertThat(server().toString()).endsWith("unpooled=0]");
    }

    /** Reads of several at once are row 60. */
    @Row(74)
    @Test
    void row74_writes_ofMoreAtOnceThanAreKept_takeNewOperations() throws Exception {
        connect();
        assertQueued(100, false);
        assertThat(server().toString()).doesNotContain("unpooled=0]");
    }

    private void assertQueued(int count, boolean asFuture) throws Exception {
        ValueTask<Void> stalled = writeThatStalls();
        BlockingQueue<Integer> completed = new LinkedBlockingQueue<>();
        List<ValueTask<Void>> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ValueTask<Void> write = server().writeAndFlush(Bytes.ofInt(i));
            writes.add(write);
            int number = i;
            if (asFuture) {
                write.toCompletableFuture().thenRun(() -> completed.add(number));
            } else {
                assertThat(write.onCompleted(completed::add, number)).isTrue();
            }
        }
        awaitServerLoop();
        assertThat(writes).doesNotHaveDuplicates()
                .allSatisfy(write -> assertThat(write.isCompleted()).isFalse());

        byte[] received = Streams.read(client(), LARGE + count * Integer.BYTES);
        assertThat(Arrays.copyOf(received, LARGE)).isEqualTo(Bytes.pattern(LARGE));
        assertThat(stalled.await()).isNull();
        for (int i = 0; i < count; i++) {
            assertThat(completed.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(i);
            assertThat(received[LARGE + i * Integer.BYTES + Integer.BYTES - 1]).isEqualTo((byte) i);
            if (!asFuture) {
                assertThat(writes.get(i).result()).isNull();
            }
        }
    }

    @Row(62)
    @ParameterizedTest
    @EnumSource(Call.By.class)
    void row62_read_duringRead_isRefusedAndTheFirstStillGetsItsByte(Call.By by) throws Throwable {
        connect(ConformanceFixture::oneByteFrames);
        Call<ByteBuf> first = by.start(server(), server()::read).awaitWaiting();

        for (int i = 0; i < 1000; i++) {
            assertMisuse(server()::read);
        }
        assertThat(first.isWaiting()).isTrue();

        send("xy");
        assertThat(Bytes.text(first.result())).isEqualTo("x");
        assertThat(read()).isEqualTo("y");
    }

    @Row(69)
    @ParameterizedTest(name = "eventLoop={0} captured={1}")
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void row69_read_continuesOnTheRegistrantsExecutorIfAsked(boolean eventLoop, boolean captured)
            throws Exception {
        connect(ConformanceFixture::oneByteFrames);
        DefaultEventExecutor other = new DefaultEventExecutor();
        try {
            EventExecutor registrant = eventLoop ? client().channel().eventLoop() : other;
            int flags = captured
                    ? ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT
                    : ValueTaskSourceOnCompletedFlags.NONE;
            ValueTask<ByteBuf> read = server().read();
            Resumption resumption = new Resumption();
            assertThat(registrant.submit(() -> read.onCompleted(resumption, null, flags)).get()).isTrue();
            send("xy");

            EventExecutor expected = captured ? registrant : server().channel().eventLoop();
            assertThat(expected.inEventLoop(resumption.thread())).isTrue();
            assertThat(Bytes.text(read.result())).isEqualTo("x");

            // What is complete when it is awaited continues where it is. .NET queues it, if it captured.
            awaitServerLoop();
            ValueTask<ByteBuf> complete = server().read();
            assertThat(registrant.submit(() -> complete.onCompleted(resumption, null, flags)).get())
                    .isFalse();
            assertThat(Bytes.text(complete.result())).isEqualTo("y");
            assertThat(resumption.times()).isOne();
        } finally {
            other.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    /** OnCompleted in .NET, and UnsafeOnCompleted. */
    @Row(69)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row69_read_continuesInTheRegistrantsExecutionContextIfAsked(boolean captured) throws Exception {
        connect();
        ThreadLocal<String> context = new ThreadLocal<>();
        ContextRegistry.getInstance().registerThreadLocalAccessor("row69", context);
        try {
            ValueTask<ByteBuf> read = server().read();
            BlockingQueue<String> seen = new LinkedBlockingQueue<>();
            context.set("the registrant's");
            assertThat(read.onCompleted(unused -> seen.add(String.valueOf(context.get())), null, captured
                    ? ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT
                    : ValueTaskSourceOnCompletedFlags.NONE)).isTrue();
            context.set("a later one");
            send("x");

            assertThat(seen.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(captured ? "the registrant's" : "null");
            assertThat(Bytes.text(read.result())).isEqualTo("x");
            assertThat(server().channel().eventLoop().submit(context::get).get()).isNull();
        } finally {
            context.remove();
            ContextRegistry.getInstance().removeThreadLocalAccessor("row69");
        }
    }

    @Row(70)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row70_readsAndWrites_onBothSidesAtOnce_areIndependent(Kind kind) throws Throwable {
        connect();
        byte[] sent = Bytes.pattern(10_000 * 32);
        List<BackgroundCall<byte[]>> readers = new ArrayList<>();
        List<BackgroundCall<Void>> writers = new ArrayList<>();
        for (ValueTaskChannel<ByteBuf, ByteBuf> side : List.of(server(), client())) {
            readers.add(BackgroundCall.start(kind, () -> Streams.read(side, sent.length)));
            writers.add(BackgroundCall.start(kind, () -> {
                for (int from = 0; from < sent.length; from += 32) {
                    side.writeAndFlush(ByteBufAllocator.DEFAULT.buffer(32).writeBytes(sent, from, 32))
                            .await();
                }
                return null;
            }));
        }
        for (BackgroundCall<Void> writer : writers) {
            assertThat(writer.result()).isNull();
        }
        for (BackgroundCall<byte[]> reader : readers) {
            assertThat(reader.result()).isEqualTo(sent);
        }
    }

    /** A read here has no buffer that could have the length zero: each one waits for data. */
    @Row(71)
    @Test
    void row71_write_ofNoBytes_completesAndOtherDataIsReceived() throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read();
        assertThat(client().writeAndFlush(Bytes.of("")).await()).isNull();
        awaitServerLoop();
        assertThat(read.isCompleted()).as("for no bytes").isFalse();

        ValueTask<Void> before = client().write(Bytes.of(""));
        ValueTask<Void> data = client().write(Bytes.of("x"));
        ValueTask<Void> after = client().writeAndFlush(Bytes.of(""));

        assertThat(Bytes.text(read.await())).isEqualTo("x");
        for (ValueTask<Void> write : List.of(before, data, after)) {
            assertThat(write.await()).isNull();
        }
        ValueTask<ByteBuf> next = server().read();
        send("y");
        assertThat(Bytes.text(next.await())).isEqualTo("y");
    }

    /** As the arguments of .NET's SocketAsyncEventArgs, an awaiter is the user's own and serves anything in turn. */
    @Row(75)
    @Test
    void row75_awaiter_isUsedAgainForOneChannelAfterTheOther() throws Exception {
        connect();
        ValueTaskAwaiter<ByteBuf> awaiter = new ValueTaskAwaiter<>();
        for (int i = 0; i < 100; i++) {
            ValueTaskChannel<ByteBuf, ByteBuf> reader = i % 2 == 0 ? server() : client();
            ValueTaskChannel<ByteBuf, ByteBuf> writer = i % 2 == 0 ? client() : server();
            Resumption resumption = new Resumption();
            assertThat(awaiter.onCompleted(reader.read(), resumption, null)).isTrue();
            ValueTask<Void> write = writer.writeAndFlush(Bytes.ofInt(i));

            assertThat(write.await()).isNull();
            resumption.thread();
            ByteBuf message = awaiter.result();
            assertThat(message.readInt()).isEqualTo(i);
            message.release();
        }
    }

    @Row(75)
    @Test
    void row75_writes_oneAfterTheOther_useOneOperation() throws Exception {
        connect();
        WriteOperation first = serverHandler().outbound().write(Bytes.ofInt(0), true, false);
        ValueTask.fromSource(first, first.token()).await();
        for (int i = 1; i < 100; i++) {
            WriteOperation write = serverHandler().outbound().write(Bytes.ofInt(i), true, false);
            assertThat(write).isSameAs(first);
            assertThat(ValueTask.fromSource(write, write.token()).await()).isNull();
        }
        byte[] received = Streams.read(client(), 100 * Integer.BYTES);
        assertThat(IntStream.range(0, 100).map(i -> received[i * Integer.BYTES + Integer.BYTES - 1]))
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    }

    @Row(76)
    @Test
    void row76_read_afterAFailedOne_isNotTakenForASecondOne() throws Exception {
        FallibleHandler fallible = new FallibleHandler();
        connect(channel -> {
            oneByteFrames(channel);
            channel.pipeline().addLast(fallible);
        });
        for (int i = 0; i < 20; i++) {
            ValueTask<ByteBuf> failing = server().read();
            send("!");
            assertThatThrownBy(failing::await).isSameAs(fallible.failure);

            ValueTask<ByteBuf> next = server().read();
            send("x");
            assertThat(Bytes.text(next.await())).isEqualTo("x");
        }
    }

    @Row(76)
    @Test
    void row76_write_afterAFailedOne_isSent() throws Exception {
        FallibleHandler fallible = new FallibleHandler();
        connect(channel -> channel.pipeline().addLast(fallible));
        for (int i = 0; i < 20; i++) {
            ByteBuf refused = Bytes.of("!");
            assertThatThrownBy(server().writeAndFlush(refused)::await).isSameAs(fallible.failure);
            assertThat(refused.refCnt()).isZero();

            assertThat(server().writeAndFlush(Bytes.of("x")).await()).isNull();
            assertThat(receive(1)).isEqualTo("x");
        }
    }
}
