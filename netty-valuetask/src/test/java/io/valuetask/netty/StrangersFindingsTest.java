package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.ValueTaskSourceOnCompletedFlags;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What somebody found who used the library for the first time. */
class StrangersFindingsTest {
    @Test
    void await_whenAnotherWaiterWasToldOfTheCompletion_isRefusedAndTakesNothing() throws Exception {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        assertThat(source.onCompleted(state -> {}, null, token, ValueTaskSourceOnCompletedFlags.NONE))
                .isTrue();
        source.complete(token, "the first waiter's");

        assertThatThrownBy(() -> ValueTask.fromSource(source, token).await())
                .isInstanceOf(ValueTaskMisuseException.class).hasMessageContaining("token=" + token)
                .hasMessageContaining("already has a waiter");

        assertThat(source.getResult(token)).isEqualTo("the first waiter's");
    }

    @Test
    void close_whenAQueuedMessageWasReleasedByAnotherHandler_closesAndReleasesTheRest() {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        ByteBuf released = Unpooled.buffer().writeByte(1);
        ByteBuf alive = Unpooled.buffer().writeByte(2);
        channel.pipeline().fireChannelRead(released).fireChannelRead(alive);
        released.release();

        handler.channel().close();

        assertThat(channel.isOpen()).isFalse();
        assertThat(alive.refCnt()).isZero();
    }

    /** Quadratic work would take minutes, and stop every other channel of the loop. */
    @Test
    void close_whenManyUnflushedWritesFail_endsSoon() throws Exception {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        ValueTask<?> last = null;
        for (int i = 0; i < 200_000; i++) {
            last = handler.channel().write(Unpooled.EMPTY_BUFFER);
        }

        channel.close();
        channel.runPendingTasks();

        assertThat(last.isFaulted()).isTrue();
    }
}
