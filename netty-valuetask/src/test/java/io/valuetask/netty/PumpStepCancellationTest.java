package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSourceStatus;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Joined channels that are parted amid a step: whoever is told that it is over may read, so it must not be told before the
 * step is over. Here the step itself asks for that, as another thread might.
 */
class PumpStepCancellationTest {
    private static final int ABOVE_THE_MARK = 128 * 1024;

    /** Keeps what is written, and lets it leave when told. */
    private final class Gate extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            sent.add(message);
            Runnable happens = amidTheStep;
            amidTheStep = () -> {};
            happens.run();
            ctx.write(message, promise);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (open) {
                ctx.flush();
            }
        }
    }

    private final ValueTaskHandler<Object, Object> in = new ValueTaskHandler<>();
    private final ValueTaskHandler<Object, Object> out = new ValueTaskHandler<>();
    private final EmbeddedChannel from = new EmbeddedChannel(in);
    private final EmbeddedChannel to = new EmbeddedChannel(new Gate(), out);
    private final List<Object> sent = new ArrayList<>();
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private Runnable amidTheStep = () -> {};
    private boolean open = true;
    private ValueTaskSourceStatus status;

    @AfterEach
    void finish() {
        open = true;
        from.finishAndReleaseAll();
        to.finishAndReleaseAll();
    }

    private void arrive(Object... messages) {
        for (Object message : messages) {
            from.pipeline().fireChannelRead(message);
        }
        from.pipeline().fireChannelReadComplete();
        to.runPendingTasks();
    }

    private BackgroundCall<Void> await(ValueTask<Void> task) {
        return BackgroundCall.start(Kind.PLATFORM, () -> task.await(cancellation.token())).awaitParked();
    }

    private void assertToldAfterTheStep(ValueTask<Void> task) throws Exception {
        BackgroundCall<Void> waiter = await(task);
        amidTheStep = () -> {
            cancellation.cancel();
            status = task.status();
        };

        arrive("a", "b");

        assertThat(status).isEqualTo(ValueTaskSourceStatus.PENDING);
        assertThat(waiter.failure()).isInstanceOf(CancellationException.class);
        assertThat(sent).containsExactly("a");
        assertThat(in.channel().read().result()).isEqualTo("b");
    }

    @Test
    void cancel_amidAStepOfAPump_isToldAfterIt() throws Exception {
        assertToldAfterTheStep(ValueTaskChannels.pump(in.channel(), out.channel()));
    }

    @Test
    void cancel_amidAStepOfARelay_isToldAfterIt() throws Exception {
        assertToldAfterTheStep(ValueTaskChannels.relay(in.channel(), out.channel()));

        assertThat(from.isOpen()).isTrue();
        assertThat(to.isOpen()).isTrue();
    }

    /** As long as there is no room, so perhaps for ever. */
    @Test
    void cancel_whileAPumpWaitsForRoom_isToldAtOnce() throws Exception {
        open = false;
        ValueTask<Void> pump = ValueTaskChannels.pump(in.channel(), out.channel());
        BackgroundCall<Void> waiter = await(pump);
        ByteBuf large = Unpooled.buffer(ABOVE_THE_MARK).writeZero(ABOVE_THE_MARK);
        arrive(large, "b");

        cancellation.cancel();

        assertThat(waiter.failure()).isInstanceOf(CancellationException.class);
        open = true;
        to.flushOutbound();
        to.runPendingTasks();
        assertThat(sent).containsExactly(large);
        assertThat(in.channel().read().result()).isEqualTo("b");
    }

    /** A second read of the same channel would be refused, were the first one not over. */
    @Test
    void relay_afterOneThatWasCancelledAmidAStep_goesOnWithTheNextMessage() throws Exception {
        assertToldAfterTheStep(ValueTaskChannels.relay(in.channel(), out.channel()));

        ValueTask<Void> again = ValueTaskChannels.relay(in.channel(), out.channel());
        arrive("c");

        assertThat(sent).containsExactly("a", "c");
        from.close();
        assertThatThrownBy(again::result).isInstanceOf(IOException.class);
    }
}
