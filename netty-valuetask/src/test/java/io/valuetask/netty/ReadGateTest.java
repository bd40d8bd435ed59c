package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A handler that asks for more after each batch, whatever waits, before and after there is room. */
class ReadGateTest {
    private static final int MARK = 4;

    private final class Transport extends EmbeddedChannel {
        @Override
        protected void doBeginRead() {
            asked++;
        }
    }

    private static final class Insatiable extends ChannelInboundHandlerAdapter {
        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
            ctx.fireChannelReadComplete();
        }
    }

    private static final class Swallower extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {}
    }

    /** A decoder that has no message yet. */
    private static final class Absorber extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {}
    }

    private int asked;
    private final EmbeddedChannel embedded = new Transport();
    private ValueTaskHandler<String, String> handler;

    @AfterEach
    void close() {
        embedded.finishAndReleaseAll();
    }

    private ValueTaskChannel<String, String> channel(boolean ahead) {
        handler = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.inboundBounds(MARK, Integer.MAX_VALUE).readAhead(ahead),
                null);
        embedded.pipeline().addLast(new Insatiable(), handler);
        return handler.channel();
    }

    private void arrive(int messages) {
        for (int i = 0; i < messages; i++) {
            embedded.pipeline().fireChannelRead("a");
        }
        asked = 0;
        embedded.pipeline().fireChannelReadComplete();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ask_belowTheMark_passes(boolean ahead) {
        channel(ahead);

        arrive(MARK - 1);

        assertThat(asked).isEqualTo(ahead ? 2 : 1);
        assertThat(embedded.pipeline().get(ReadGate.class)).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ask_atTheMark_isHeldBack(boolean ahead) {
        channel(ahead);
        arrive(MARK);
        assertThat(asked).as("before it is known").isOne();

        for (int i = 0; i < 10; i++) {
            arrive(0);
            embedded.read();
            assertThat(asked).isZero();
        }

        assertThat(embedded.pipeline().names()).startsWith("ReadGate#0").doesNotContain("ReadGate#1");
    }

    /** As STARTTLS does. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ask_ofAHandlerThatWasPutFirstLater_isHeldBack(boolean ahead) throws IOException {
        ValueTaskChannel<String, String> channel = channel(ahead);
        arrive(MARK);
        arrive(0);
        embedded.pipeline().addFirst(new Insatiable());
        arrive(0);
        assertThat(asked).as("before it is known").isOne();

        for (int i = 0; i < 10; i++) {
            arrive(0);
            assertThat(asked).isZero();
        }

        assertThat(embedded.pipeline().names()).filteredOn(name -> name.startsWith("ReadGate#")).hasSize(1);
        channel.read().result();
        channel.read().result();
        assertThat(asked).as("what was held back").isOne();
    }

    /** Whoever of them comes to the mark later stands before the other one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ask_atTheMarksOfTwoHandlers_isHeldBackByGatesThatStay(boolean ahead) throws IOException {
        ValueTaskChannel<String, String> channel = channel(ahead);
        ValueTaskHandler<String, String> second = new ValueTaskHandler<>(handler.options(), null);
        embedded.pipeline().addLast(second);
        for (int i = 0; i < MARK; i++) {
            embedded.pipeline().context(handler).fireChannelRead("b");
        }
        arrive(MARK);
        arrive(0);
        List<ChannelHandler> gates = gates();
        assertThat(gates).hasSize(2);

        for (int i = 0; i < 10; i++) {
            arrive(0);
            assertThat(asked).isZero();
            assertThat(gates()).isEqualTo(gates);
        }

        embedded.pipeline().addFirst(new Insatiable());
        arrive(0);
        arrive(0);
        assertThat(asked).isZero();
        assertThat(gates()).as("both of them before it").hasSize(2).doesNotContainAnyElementsOf(gates);
        channel.read().result();
        channel.read().result();
        assertThat(asked).as("the other one has no room").isZero();
        second.channel().read().result();
        second.channel().read().result();
        assertThat(asked).as("what was held back").isPositive();
    }

    private List<ChannelHandler> gates() {
        return embedded.pipeline().toMap().values().stream().filter(ReadGate.class::isInstance).toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void take_downToHalf_letsAsksPassAgain(boolean ahead) throws IOException {
        ValueTaskChannel<String, String> channel = channel(ahead);
        arrive(MARK);
        arrive(0);
        channel.read().result();
        assertThat(asked).isZero();

        channel.read().result();

        assertThat(asked).as("what was held back").isOne();
        arrive(0);
        assertThat(asked).isEqualTo(ahead ? 2 : 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void read_whenAllIsTaken_asks(boolean ahead) throws IOException {
        ValueTaskChannel<String, String> channel = channel(ahead);
        arrive(MARK);
        arrive(0);

        for (int i = 0; i < MARK; i++) {
            channel.read().result();
        }
        asked = 0;
        channel.read().discard();

        assertThat(asked).isEqualTo(ahead ? 0 : 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void upgrade_atTheMark_readsOn(boolean writeInFlight) throws IOException {
        ValueTaskChannel<String, String> channel = channel(true);
        embedded.pipeline().addFirst(new Swallower());
        arrive(MARK);
        arrive(0);
        if (writeInFlight) {
            channel.write("keeps its handler in the pipeline").discard();
        }
        asked = 0;

        ValueTask<ValueTaskChannel<String, String>> next = channel
                .upgrade(pipeline -> pipeline.addLast(new Absorber()));
        next.result().read().discard();

        assertThat(asked).isPositive();
    }

    @Test
    @SuppressWarnings("deprecation") // an executor of its own is deprecated, and exists
    void upgrade_atTheMarkOfAHandlerWithItsOwnExecutor_readsOn() throws IOException {
        handler = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.inboundBounds(MARK, Integer.MAX_VALUE), null);
        embedded.pipeline().addLast(ImmediateEventExecutor.INSTANCE, handler);
        arrive(MARK);
        asked = 0;

        ValueTask<ValueTaskChannel<String, String>> next = handler.channel()
                .upgrade(pipeline -> pipeline.addLast(new Absorber()));
        next.result().read().discard();

        assertThat(asked).isPositive();
    }

    /** Answers a read at once, and once. */
    private static final class Prompt extends ChannelOutboundHandlerAdapter {
        private boolean done;

        @Override
        public void read(ChannelHandlerContext ctx) {
            if (!done) {
                done = true;
                for (int i = 0; i < 2 * MARK; i++) {
                    ctx.fireChannelRead("b");
                }
                ctx.fireChannelReadComplete();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void upgrade_whenWhatWasHeldBackArrivesAtOnce_leavesNoGate(boolean ahead) throws IOException {
        ValueTaskChannel<String, String> channel = channel(ahead);
        embedded.pipeline().addFirst(new Swallower());
        arrive(MARK);
        arrive(0);
        channel.write("keeps its handler in the pipeline").discard();
        embedded.pipeline().addFirst(new Prompt());

        channel.upgrade(pipeline -> pipeline.addLast(new Absorber())).result();

        assertThat(embedded.pipeline().get(ReadGate.class)).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mark_afterSomebodyRemovedTheGate_isKeptAgain(boolean ahead) throws IOException {
        ValueTaskChannel<String, String> channel = channel(ahead);
        arrive(MARK);
        embedded.pipeline().removeFirst();
        channel.read().result();
        channel.read().result();
        arrive(MARK);

        arrive(0);

        assertThat(asked).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void removal_whenSomethingWasHeldBack_asksForIt(boolean ahead) {
        embedded.config().setAutoRead(false); // and so it is to be again
        channel(ahead);
        arrive(MARK);
        arrive(0);
        assertThat(asked).isZero();

        embedded.pipeline().remove(handler);

        assertThat(embedded.pipeline().get(ReadGate.class)).isNull();
        assertThat(asked).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ask_afterTheChannelWasClosedHere_passes(boolean ahead) {
        channel(ahead);
        arrive(MARK);
        handler.endAndSweep(InboundEnd.CLOSED_HERE);

        arrive(0);

        assertThat(asked).isOne();
    }
}
