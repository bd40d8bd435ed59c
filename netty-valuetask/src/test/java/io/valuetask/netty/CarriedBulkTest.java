package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.valuetask.schedule.EventLoopVirtualThreads;
import io.valuetask.testing.BackgroundCall;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Batches at the inbound bounds, for a body on the channel's own loop that takes all of it. */
class CarriedBulkTest {
    @BeforeAll
    static void requireSupport() {
        assumeTrue(EventLoopVirtualThreads.isSupported(), "bodies are on the common scheduler");
    }

    /** Who pauses there reads on when the batch is over, and pays two system calls for each. */
    @ParameterizedTest
    @CsvSource({"1, 65536", "64, 1"})
    void batch_atTheBounds_isTakenBeforeTheNextOneIsAskedFor(int messages, int length) throws Throwable {
        try (Loopback loopback = Loopback.on(Transport.NIO).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            BackgroundCall<Integer> body = Call.By.CARRIED_HERE.run(server, () -> {
                int taken = 0;
                for (ByteBuf message; (message = server.read().await()) != null; message.release()) {
                    taken++;
                }
                return taken;
            });
            body.awaitParked();

            boolean paused = server.channel().eventLoop().submit(() -> {
                ChannelPipeline pipeline = server.channel().pipeline();
                for (int i = 0; i < messages; i++) {
                    pipeline.fireChannelRead(Bytes.of(Bytes.pattern(length)));
                }
                pipeline.fireChannelReadComplete();
                return pipeline.get(ReadGate.class) != null;
            }).get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);

            assertThat(paused).isFalse();
            loopback.socket().shutdownOutput();
            assertThat(body.result()).isEqualTo(messages);
        }
    }
}
