package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipelineException;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutor;
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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of its channels and pipelines while nobody cancels. */
@ParameterizedClass(name = "{0}")
@EnumSource(value = ConformanceFixture.Wire.class, names = {"NIO", "EPOLL"})
class ChannelConformanceTest extends ConformanceFixture {
    @Row(78)
    @ParameterizedTest
    @EnumSource(PendingOperation.class)
    void row78_operation_whenAnAwaiterWaitsForIt_refusesEveryOther(PendingOperation operation)
            throws Exception {
        connect();
        writeThatStalls().discard();
        ValueTask<Object> task = operation.start(server());
        ValueTaskAwaiter<Object> first = new ValueTaskAwaiter<>();
        Resumption resumption = new Resumption();
        assertThat(first.onCompleted(task, resumption, "the first")).isTrue();

        for (int flags : new int[]{ValueTaskSourceOnCompletedFlags.NONE,
            ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT,
            ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT}) {
            ValueTaskAwaiter<Object> second = new ValueTaskAwaiter<>();
            assertMisuse(() -> second.onCompleted(task, unused -> {}, "a second", flags));
            assertThatThrownBy(() -> first.onCompleted(task, unused -> {}, "a second", flags))
                    .isInstanceOf(ValueTaskMisuseException.class);
        }

        operation.letComplete(server(), client());
        resumption.thread();
        ReferenceCountUtil.release(first.result());
        assertThat(resumption.state()).isEqualTo("the first");
        assertThat(resumption.times()).isOne();
    }

    @Row(79)
    @ParameterizedTest
    @EnumSource(PendingOperation.class)
    void row79_operation_onceAwaited_refusesEveryCall(PendingOperation operation) throws Throwable {
        connect();
        writeThatStalls().discard();
        ValueTask<Object> task = operation.start(server());
        BackgroundCall<Object> awaited = BackgroundCall.start(PLATFORM, task::await).awaitParked();

        operation.letComplete(server(), client());

        ReferenceCountUtil.release(awaited.result());
        assertConsumed(task);
    }

    @Row(80)
    @ParameterizedTest
    @EnumSource(PendingOperation.class)
    void row80_operation_whenItsResultIsAskedForTooEarly_refusesAndGoesOn(PendingOperation operation)
            throws Exception {
        connect();
        writeThatStalls().discard();
        ValueTask<Object> task = operation.start(server());

        assertMisuse(task::result);
        awaitServerLoop();
        assertMisuse(task::result);
        assertThat(task.isCompleted()).isFalse();

        operation.letComplete(server(), client());
        ReferenceCountUtil.release(task.await());
    }

    @Row(81)
    @ParameterizedTest
    @EnumSource(PendingOperation.class)
    void row81_operation_whenSomebodyWaitsForIt_refusesEveryOther(PendingOperation operation)
            throws Exception {
        connect();
        writeThatStalls().discard();
        ValueTask<Object> task = operation.start(server());
        Resumption resumption = new Resumption();
        assertThat(task.onCompleted(resumption, "the first")).isTrue();

        assertRefusesWaiters(task);
        operation.letComplete(server(), client());
        resumption.thread();
        assertRefusesWaiters(task);

        ReferenceCountUtil.release(task.result());
        assertThat(resumption.state()).isEqualTo("the first");
        assertThat(resumption.times()).isOne();
    }

    /** There the last reader wins; here the first, and the other is told. */
    @Row(83)
    @Test
    void row83_read_whenAnotherComes_isNotCancelled() throws Throwable {
        connect();
        BackgroundCall<ByteBuf> first = BackgroundCall.start(VIRTUAL, () -> server().read().await())
                .awaitParked();

        assertMisuse(server()::read);

        assertThat(first.thread().isAlive()).isTrue();
        send("x");
        assertThat(Bytes.text(first.result())).isEqualTo("x");
    }

    @Row(84)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row84_read_continuesInsideThePipelinesCallUnlessToldOtherwise(boolean asynchronously)
            throws Exception {
        Resumption resumption = new Resumption();
        Resumption passedOn = new Resumption();
        connect(channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.fireChannelRead(message);
                passedOn.accept(resumption.times());
            }
        }));
        serverHandler().reads().setRunContinuationsAsynchronously(asynchronously);
        ValueTask<ByteBuf> read = server().read();
        assertThat(read.onCompleted(state -> {
            if (asynchronously) {
                join(passedOn); // or it runs inside the call, and this ends in a timeout
            }
            resumption.accept(state);
        }, null)).isTrue();

        send("x");

        assertThat(server().channel().eventLoop().inEventLoop(resumption.thread()))
                .isEqualTo(!asynchronously);
        passedOn.thread();
        assertThat(passedOn.state()).isEqualTo(asynchronously ? 0 : 1);
        assertThat(Bytes.text(read.result())).isEqualTo("x");
    }

    private static void join(Resumption other) {
        try {
            other.thread();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Row(84)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row84_write_continuesOnTheLoopUnlessToldOtherwise(boolean asynchronously) throws Exception {
        connect();
        writeThatStalls().discard();
        WriteOperation write = serverHandler().outbound().write(Bytes.of("x"), true, false);
        write.setRunContinuationsAsynchronously(asynchronously);
        ValueTask<Void> task = ValueTask.fromSource(write, write.token());
        Resumption resumption = new Resumption();
        assertThat(task.onCompleted(resumption, null)).isTrue();

        Streams.read(client(), LARGE + 1);

        assertThat(server().channel().eventLoop().inEventLoop(resumption.thread()))
                .isEqualTo(!asynchronously);
        assertThat(task.result()).isNull();
    }

    @Row(87)
    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE_AND_FLUSH", "FLUSH"})
    void row87_operation_awaitedTwice_failsTheSecondOnly(PendingOperation operation) throws Throwable {
        connect();
        writeThatStalls().discard();
        ValueTask<Object> task = operation.start(server());
        BackgroundCall<Object> first = BackgroundCall.start(VIRTUAL, task::await).awaitParked();

        for (Kind kind : Kind.values()) {
            assertThat(BackgroundCall.start(kind, task::await).failure())
                    .isInstanceOf(ValueTaskMisuseException.class)
                    .hasMessageContaining("already has a waiter");
        }
        assertThat(first.thread().isAlive()).isTrue();

        operation.letComplete(server(), client());
        ReferenceCountUtil.release(first.result());
    }

    @Row(88)
    @Test
    void row88_read_misusedInEveryWay_tellsAndGoesOn() throws Throwable {
        connect(ConformanceFixture::oneByteFrames);
        ValueTask<ByteBuf> read = server().read();

        assertMisuse(server()::read);
        assertMisuse(read::result);
        send("xy");
        assertThat(Bytes.text(BackgroundCall.start(PLATFORM, read::await).result())).isEqualTo("x");
        assertMisuse(read::result);
        assertThat(read()).isEqualTo("y");
    }

    /** There also when a read that was not advanced has the data; here one whose result was not taken. */
    @Row(88)
    @Test
    void row88_tryRead_whileAReadWaitsOrHasNotTakenItsMessage_isRefusedAndLeavesIt() throws Throwable {
        connect(ConformanceFixture::oneByteFrames);
        ValueTask<ByteBuf> read = server().read();
        Resumption arrived = new Resumption();
        assertThat(read.onCompleted(arrived, null)).isTrue();
        List<ByteBuf> taken = new ArrayList<>();
        assertMisuse(server()::tryRead);
        assertMisuse(() -> server().drainTo(taken, 1));
        send("xy");
        arrived.thread();

        assertMisuse(server()::tryRead);
        assertMisuse(() -> server().drainTo(taken, 1));

        assertThat(taken).isEmpty();
        assertThat(Bytes.text(read.result())).isEqualTo("x");
        assertThat(read()).isEqualTo("y");
    }

    /** .NET's flag for the scheduler of a pipe's reader and writer is the executor of the continuation here. */
    @Row(94)
    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE_AND_FLUSH", "FLUSH"})
    void row94_operation_continuesOnTheChannelsLoopOrWhereItWasTold(PendingOperation operation)
            throws Exception {
        DefaultEventExecutor scheduler = new DefaultEventExecutor();
        try {
            for (Registration registration : Registration.values()) {
                connect();
                writeThatStalls().discard();
                ValueTask<Object> task = operation.start(server());
                Resumption resumption = new Resumption();

                assertThat(registration.register(task, resumption, scheduler)).isTrue();
                operation.letComplete(server(), client());

                Thread thread = resumption.thread();
                assertThat(scheduler.inEventLoop(thread)).as(registration.name())
                        .isEqualTo(registration == Registration.TOLD_AN_EXECUTOR
                                || registration == Registration.ASKED_FOR_ITS_OWN);
                assertThat(server().channel().eventLoop().inEventLoop(thread)).as(registration.name())
                        .isEqualTo(!scheduler.inEventLoop(thread));
                ReferenceCountUtil.release(task.result());
                disconnect();
            }
        } finally {
            scheduler.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    private enum Registration {
        /** On a thread that belongs to no executor, which asks for its own. */
        ASKED_FOR_NONE_THERE_IS,
        /** On an executor's thread, which does not ask for it. */
        ASKED_FOR_NOTHING,
        ASKED_FOR_ITS_OWN,
        TOLD_AN_EXECUTOR;

        boolean register(ValueTask<?> task, Resumption resumption, DefaultEventExecutor scheduler)
                throws Exception {
            int capture = ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
            return switch (this) {
                case ASKED_FOR_NONE_THERE_IS -> task.onCompleted(resumption, null, capture);
                case ASKED_FOR_NOTHING -> scheduler.submit(() -> task.onCompleted(resumption, null)).get();
                case ASKED_FOR_ITS_OWN ->
                    scheduler.submit(() -> task.onCompleted(resumption, null, capture)).get();
                case TOLD_AN_EXECUTOR -> task.onCompleted(resumption, null, scheduler);
            };
        }
    }

    /** A write is complete at once where it runs at once and there is room. */
    @Row(96)
    @Test
    void row96_send_whenThereIsRoom_isCompleteAtOnce() throws Exception {
        connect();

        Boolean atOnce = server().channel().eventLoop().submit(() -> {
            ValueTask<Void> write = server().send(Bytes.of("x"));
            boolean complete = write.isCompletedSuccessfully();
            write.discard();
            return complete;
        }).get();

        assertThat(atOnce).isTrue();
        assertThat(receive(1)).isEqualTo("x");
    }

    /** As a pipe's flush: what is behind the mark need not have left, though the kernel may have taken it by then. */
    @Row(96)
    @Test
    void row96_send_whenThePeersReaderAdvances_completesUnderTheLowMark() throws Throwable {
        connect();
        int size = 8 * 1024;
        byte[] sent = Bytes.pattern(LARGE);
        ValueTask<Void> last = null;
        for (int from = 0; from < LARGE; from += size) {
            last = server().writeAndFlush(Bytes.of(Arrays.copyOfRange(sent, from, from + size)));
        }
        ValueTask<Void> room = server().send(Bytes.of("x"));
        awaitServerLoop();
        assertThat(server().channel().isWritable()).isFalse();
        assertThat(room.isCompleted()).isFalse();
        BlockingQueue<Long> waiting = new LinkedBlockingQueue<>();
        assertThat(room.onCompleted(
                channel -> waiting.add(channel.unsafe().outboundBuffer().totalPendingWriteBytes()),
                server().channel())).isTrue();

        byte[] received = Streams.read(client(), LARGE + 1);

        int lowMark = server().channel().config().getWriteBufferLowWaterMark();
        assertThat(waiting.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNegative().isLessThan(lowMark);
        assertThat(room.result()).isNull();
        assertThat(last.await()).isNull();
        assertThat(received).startsWith(sent).endsWith('x');
    }

    /** Nobody reads at the server, whose handler then stops reading from the socket: the client's writes stall. */
    @Row(96)
    @Test
    void row96_write_whenThePeersReaderAdvances_completes() throws Throwable {
        connect();
        byte[] sent = Bytes.pattern(8 * LARGE);
        ValueTask<Void> write = client().writeAndFlush(Bytes.of(sent));
        BackgroundCall<Void> writer = BackgroundCall.start(VIRTUAL, write::await).awaitParked();

        byte[] half = Streams.read(server(), sent.length / 2);
        byte[] rest = Streams.read(server(), sent.length - half.length);

        assertThat(writer.result()).isNull();
        byte[] received = new byte[sent.length];
        System.arraycopy(half, 0, received, 0, half.length);
        System.arraycopy(rest, 0, received, half.length, rest.length);
        assertThat(received).isEqualTo(sent);
    }

    @Row(97)
    @Test
    void row97_source_whileAReadIsPendingOrNotTaken_isNotArmedAgain() throws Exception {
        connect();
        ReadSource<ByteBuf> reads = serverHandler().reads();
        ValueTask<ByteBuf> read = server().read();
        Resumption waiter = new Resumption();
        assertThat(read.onCompleted(waiter, null)).isTrue();

        assertMisuse(reads::arm);
        assertThat(reads.tryArm()).isNegative();
        send("x");
        waiter.thread();
        assertMisuse(reads::arm);
        assertThat(reads.tryArm()).isNegative();

        assertThat(Bytes.text(read.result())).isEqualTo("x");
        send("y");
        assertThat(read()).isEqualTo("y");
    }

    @Row(97)
    @Test
    void row97_handler_thatServedAChannel_isNotUsedForAnother() throws Exception {
        connect();
        ValueTaskHandler<ByteBuf, ByteBuf> handler = serverHandler();
        Closing.close(server()).await();
        EmbeddedChannel other = new EmbeddedChannel();

        assertThatThrownBy(() -> other.pipeline().addLast(handler))
                .isInstanceOf(ChannelPipelineException.class);

        assertThat(handler.channel().channel()).isSameAs(server().channel());
        other.finish();
    }
}
