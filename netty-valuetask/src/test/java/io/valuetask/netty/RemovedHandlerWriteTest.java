package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.stream.ChunkedStream;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.valuetask.ValueTask;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a handler of Netty holds back when the one that it has it from leaves the pipeline. */
class RemovedHandlerWriteTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int MUCH = 4 << 20;

    /** It drops, and does not release, what somebody else has failed. */
    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void removal_whenAChunkedWriteHandlerHoldsAWrite_failsItAndItLeaves(Transport transport)
            throws Exception {
        try (Loopback loopback = Loopback.on(transport).smallBuffers()
                .serverPipeline(channel -> channel.pipeline().addLast(new ChunkedWriteHandler()))
                .connectSocket()) {
            @SuppressWarnings("unchecked")
            ValueTaskChannel<Object, Object> server = (ValueTaskChannel<Object, Object>) (ValueTaskChannel<?, ?>) loopback
                    .server();
            ByteBuf held = Unpooled.copiedBuffer(new byte[]{1, 2, 3});
            ValueTask<Void> stream = server
                    .writeAndFlush(new ChunkedStream(new ByteArrayInputStream(new byte[MUCH])));
            ValueTask<Void> behind = server.writeAndFlush(held);
            loopback.awaitServerLoop();

            server.channel().pipeline().remove(ValueTaskHandler.class);

            assertThatThrownBy(() -> behind.await(LIMIT)).isInstanceOf(IOException.class)
                    .hasMessageContaining("was removed from the pipeline");
            assertThatThrownBy(() -> stream.await(LIMIT)).isInstanceOf(IOException.class);
            byte[] all = loopback.receive(MUCH + 3);
            assertThat(all[MUCH + 2]).isEqualTo((byte) 3);
            loopback.awaitServerLoop();
            assertThat(held.refCnt()).isZero();
        }
    }
}
