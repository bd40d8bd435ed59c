package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.DataInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Batches of other threads than the event loop's. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class QueuedBatchTest {
    private static final int WRITERS = 8;
    private static final int BATCHES = 200;
    private static final int BATCH = 10;

    @Parameter
    Transport transport;
    private Loopback loopback;

    private ValueTaskChannel<ByteBuf, ByteBuf> connect() throws Exception {
        loopback = Loopback.on(transport).connectSocket();
        return loopback.server();
    }

    @AfterEach
    void closeLoopback() {
        loopback.close();
    }

    private int tasksOfTheLoop() {
        return ((SingleThreadEventExecutor) loopback.server().channel().eventLoop()).pendingTasks();
    }

    @Test
    void writeAll_fromAnotherThread_isOneTaskOfTheLoop() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> server = connect();
        ValueTask<Void> batch;
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            int before = tasksOfTheLoop();
            batch = server.writeAll(List.of(Bytes.of("a"), Bytes.of("bc"), Bytes.of("d")));
            assertThat(tasksOfTheLoop() - before).isEqualTo(1);
            assertThat(server.toString()).contains("travelling=" + (3 * 96 + 4) + " bytes");
        }

        assertThat(batch.await()).isNull();
        assertThat(loopback.receive(4)).isEqualTo("abcd".getBytes());
        assertThat(server.toString()).contains("travelling=0 bytes");
    }

    @Test
    void cancel_beforeTheLoopHasIt_sendsNoneAndReleasesAll() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> server = connect();
        List<ByteBuf> messages = List.of(Unpooled.copyInt(1), Unpooled.copyInt(2));
        ValueTask<Void> before;
        ValueTask<Void> behind;
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            before = server.writeAll(List.of(Bytes.of("a")));
            ValueTask<Void> cancelled = server.writeAll(messages);
            assertThatThrownBy(() -> cancelled.await(Duration.ofMillis(1)))
                    .isInstanceOf(TimeoutException.class);
            assertThat(messages).allSatisfy(message -> assertThat(message.refCnt()).isZero());
            behind = server.writeAll(List.of(Bytes.of("b")));
        }

        assertThat(before.await()).isNull();
        assertThat(behind.await()).isNull();
        assertThat(loopback.receive(2)).isEqualTo("ab".getBytes());
        assertThat(server.toString()).contains("travelling=0 bytes");
    }

    @Test
    void writeAll_ofManyThreads_keepsEachBatchTogether() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> server = connect();
        List<BackgroundCall<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int base = writer << 16;
            BackgroundCall.Kind kind = BackgroundCall.Kind.values()[writer % 2];
            writers.add(BackgroundCall.start(kind, () -> {
                List<ByteBuf> messages = new ArrayList<>();
                for (int next = 0; next < BATCHES * BATCH; next += BATCH) {
                    for (int i = 0; i < BATCH; i++) {
                        messages.add(Bytes.ofInt(base + next + i));
                    }
                    ValueTask<Void> batch = server.writeAll(messages);
                    messages.clear(); // they are the caller's no more, and the list still is
                    batch.await();
                }
                return null;
            }));
        }

        int[] next = new int[WRITERS];
        DataInputStream in = new DataInputStream(loopback.socket().getInputStream());
        for (int i = 0; i < WRITERS * BATCHES; i++) {
            int writer = -1;
            for (int j = 0; j < BATCH; j++) {
                int number = in.readInt();
                assertThat(number >>> 16).isEqualTo(writer < 0 ? number >>> 16 : writer);
                writer = number >>> 16;
                assertThat(number & 0xFFFF).isEqualTo(next[writer]++);
            }
        }
        for (BackgroundCall<Void> writer : writers) {
            assertThat(writer.result()).isNull();
        }
    }
}
