package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Writers that never end, and a peer that never reads: what waits to leave is bounded by who awaits each call. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class WriteBoundsTest {
    /** Netty's default. */
    private static final int HIGH_WATER_MARK = 64 * 1024;
    private static final int WRITERS = 4;
    /** So large that the writers' messages together are above the mark. */
    private static final int MESSAGE = 32 * 1024;

    private enum Writing {
        SEND,
        WRITE_AND_FLUSH;

        ValueTask<Void> write(ValueTaskChannel<?, ByteBuf> channel, ByteBuf message) {
            return this == SEND ? channel.send(message) : channel.writeAndFlush(message);
        }

        /** Besides one message of each writer. */
        int mark() {
            return this == SEND ? HIGH_WATER_MARK : 0;
        }
    }

    @Parameter
    Transport transport;

    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);

    @ParameterizedTest
    @EnumSource
    void endlessWriters_toAPeerThatDoesNotRead_holdNoMoreThanTheMarkAndAMessageEach(Writing writing)
            throws Exception {
        try (Loopback loopback = Loopback.on(transport).smallBuffers().closeDeadline(Duration.ofMillis(10))
                .connectSocket()) {
            List<BackgroundCall<Void>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(BackgroundCall.start(Kind.VIRTUAL, () -> {
                    for (;;) {
                        writing.write(loopback.server(), allocator.buffer(MESSAGE).writeZero(MESSAGE))
                                .await();
                    }
                }));
            }
            awaitUnwritable(loopback);

            for (int i = 0; i < 100; i++) {
                // At any moment; a message more for each writer that has made it and not yet handed it over.
                assertThat(allocator.pinnedDirectMemory()).isLessThanOrEqualTo(limit(writing));
                loopback.awaitServerLoop();
            }

            assertThat(loopback.server().channel().isWritable()).isFalse();
            loopback.server().close();
            for (BackgroundCall<Void> writer : writers) {
                assertThat(writer.failure()).isInstanceOf(IOException.class);
            }
        }
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }

    private static long limit(Writing writing) {
        return writing.mark() + (long) WRITERS * MESSAGE * (writing == Writing.SEND ? 2 : 1);
    }

    private static void awaitUnwritable(Loopback loopback) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Call.LIMIT_SECONDS);
        while (loopback.server().channel().isWritable()) {
            assertThat(System.nanoTime()).as("the peer does not read").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
