package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of its channels and pipelines under load, and of callbacks that call back. */
@ParameterizedClass(name = "{0}")
@EnumSource(value = ConformanceFixture.Wire.class, names = {"NIO", "EPOLL"})
class ChannelStressConformanceTest extends ConformanceFixture {
    @Row(86)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row86_pingPong_keepsItsOrder(Kind kind) throws Throwable {
        connect();
        int rounds = 3000;
        BackgroundCall<Void> pong = BackgroundCall.start(kind, () -> {
            Streams.echo(server());
            return null;
        });
        BackgroundCall<Void> ping = BackgroundCall.start(kind, () -> {
            for (int i = 0; i < rounds; i++) {
                ValueTask<Void> write = client().writeAndFlush(Bytes.ofInt(i));
                ByteBuf answer = client().read().await();
                assertThat(answer.readInt()).isEqualTo(i);
                answer.release();
                write.await();
            }
            Closing.close(client()).await();
            return null;
        });

        assertThat(ping.result()).isNull();
        assertThat(pong.result()).isNull();
    }

    /** Several readers take turns: one read at a time is the rule. */
    @Row(86)
    @ParameterizedTest(name = "{0} readers, {1} writers, {2}")
    @CsvSource({"1,1,PLATFORM", "1,4,PLATFORM", "3,1,PLATFORM", "3,4,PLATFORM",
        "1,1,VIRTUAL", "1,16,VIRTUAL", "4,1,VIRTUAL", "4,16,VIRTUAL"})
    void row86_messagesOfEachWriter_underStress_arriveOnceAndInOrder(int readers, int writers, Kind kind)
            throws Throwable {
        connect(ConformanceFixture::intFrames);
        int each = 6000 / writers;
        List<BackgroundCall<Void>> writing = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            int base = writer << 16;
            writing.add(BackgroundCall.start(kind, () -> {
                for (int i = 0; i < each; i++) {
                    client().writeAndFlush(Bytes.ofInt(base + i)).await();
                }
                return null;
            }));
        }
        ReentrantLock turn = new ReentrantLock();
        List<Integer> received = new ArrayList<>(); // guarded by the lock
        List<BackgroundCall<Void>> reading = new ArrayList<>();
        for (int reader = 0; reader < readers; reader++) {
            reading.add(BackgroundCall.start(kind, () -> {
                for (ByteBuf message;;) {
                    turn.lock();
                    try {
                        message = server().read().await();
                        if (message == null) {
                            return null;
                        }
                        received.add(message.readInt());
                        message.release();
                    } finally {
                        turn.unlock();
                    }
                }
            }));
        }

        for (BackgroundCall<Void> call : writing) {
            assertThat(call.result()).isNull();
        }
        Closing.close(client()).await();
        for (BackgroundCall<Void> call : reading) {
            assertThat(call.result()).isNull();
        }
        int[] next = new int[writers];
        assertThat(received).hasSize(writers * each)
                .allSatisfy(number -> assertThat(number & 0xFFFF).isEqualTo(next[number >>> 16]++));
        assertThat(next).containsOnly(each);
    }

    @Row(95)
    @Test
    void row95_close_tellsTheReaderFirstThenTheWriterThenWhoeverCloses() throws Exception {
        connect();
        Queue<String> order = new ConcurrentLinkedQueue<>();
        ValueTask<Void> write = writeThatStalls();
        ValueTask<ByteBuf> read = server().read();
        assertThat(write.onCompleted(order::add, "write")).isTrue();
        assertThat(read.onCompleted(order::add, "read")).isTrue();

        ValueTask<CloseReason> close = Closing.close(server());
        awaitServerLoop();
        assertThat(order).containsExactly("read");
        assertThat(close.onCompleted(order::add, "close")).isTrue();
        Streams.readAll(client());
        server().closed().await();
        awaitServerLoop();

        assertThat(order).containsExactly("read", "write", "close");
        assertThatThrownBy(read::result).isInstanceOf(ClosedChannelException.class);
        assertThat(write.result()).isNull();
        assertThat(close.result()).isEqualTo(new CloseReason.Local());
    }

    @Row(95)
    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE_AND_FLUSH", "FLUSH"})
    void row95_close_fromTheContinuationOfAnOperation_endsTheOthers(PendingOperation operation)
            throws Exception {
        connect();
        ValueTask<Void> stalled = writeThatStalls();
        ValueTask<Object> task = operation.start(server());
        ValueTask<Void> behind = server().flush();
        awaitServerLoop();
        CompletableFuture<ValueTask<CloseReason>> closing = new CompletableFuture<>();
        ByteBuf late = Bytes.of("late");
        assertThat(task.onCompleted(unused -> {
            try {
                ReferenceCountUtil.release(task.result());
                ValueTask<CloseReason> close = Closing.close(server());
                // Whoever closed may go on calling, and is told.
                Closing.close(server()).discard();
                server().writeAndFlush(late).discard();
                server().read().discard();
                closing.complete(close);
            } catch (Throwable failure) {
                closing.completeExceptionally(failure);
            }
        }, null)).isTrue();

        ValueTask<Void> message = client().writeAndFlush(Bytes.of("x"));
        byte[] received = Streams.readAll(client());

        assertThat(received).hasSizeGreaterThanOrEqualTo(LARGE);
        assertThat(closing.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS).await())
                .isEqualTo(new CloseReason.Local());
        assertThat(stalled.await()).isNull();
        assertThat(behind.await()).isNull();
        assertThat(message.await()).isNull();
        assertThat(late.refCnt()).isZero();
        assertThatThrownBy(server().read()::await).isInstanceOf(ClosedChannelException.class);
    }
}
