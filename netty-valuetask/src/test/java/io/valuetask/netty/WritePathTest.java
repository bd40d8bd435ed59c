package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.handler.logging.LoggingHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which handlers between a channel and its transport make a write one that is used once. */
class WritePathTest {
    /** Has a {@code write} of its own. */
    private static class Passing extends ChannelDuplexHandler {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ctx.write(message, promise);
        }
    }

    private static final class PassingToo extends Passing {}

    /** Has an outbound half, and leaves {@code write} to Netty. */
    private static final class Flushing extends ChannelOutboundHandlerAdapter {
        @Override
        public void flush(ChannelHandlerContext ctx) {
            ctx.flush();
        }
    }

    private static final class Encoder extends MessageToByteEncoder<Integer> {
        @Override
        protected void encode(ChannelHandlerContext ctx, Integer message, ByteBuf out) {
            out.writeInt(message);
        }
    }

    /** What is inside is not looked at. */
    private static final class OwnCombination
            extends
                CombinedChannelDuplexHandler<ChannelInboundHandlerAdapter, Flushing> {
        OwnCombination() {
            super(new ChannelInboundHandlerAdapter(), new Flushing());
        }
    }

    private static boolean isTrusted(Set<Class<?>> vouchedFor, ChannelHandler... between) {
        ChannelHandler last = new ChannelInboundHandlerAdapter();
        EmbeddedChannel channel = new EmbeddedChannel(between);
        channel.pipeline().addLast(last).addLast(new Passing()); // behind the last one, and so not on its way
        try {
            return WritePath.isTrusted(channel.pipeline().context(last), vouchedFor);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void isTrusted_whenNothingIsBetween_isTrue() {
        assertThat(isTrusted(Set.of())).isTrue();
    }

    static Stream<ChannelHandler> nettys() {
        return Stream.of(new HttpServerCodec(), new HttpObjectAggregator(1), new ChunkedWriteHandler(),
                new IdleStateHandler(1, 1, 1), new LoggingHandler(), new StringEncoder());
    }

    static Stream<ChannelHandler> harmless() {
        return Stream.concat(nettys(),
                Stream.of(new Flushing(), new Encoder(),
                        new ChannelInboundHandlerAdapter() {}));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void isTrusted_whenOnlyNettysWriteIsBetween_isTrue(ChannelHandler handler) {
        assertThat(isTrusted(Set.of(), handler)).isTrue();
    }

    static Stream<ChannelHandler> unknown() {
        return Stream.of(new Passing(), new PassingToo(), new OwnCombination());
    }

    @ParameterizedTest
    @MethodSource("unknown")
    void isTrusted_whenAWriteOfTheApplicationIsBetween_isFalse(ChannelHandler handler) {
        assertThat(isTrusted(Set.of(Encoder.class), new HttpServerCodec(), handler, new Encoder())).isFalse();
    }

    @ParameterizedTest
    @MethodSource("unknown")
    void isTrusted_whenThatWriteIsVouchedFor_isTrue(ChannelHandler handler) {
        assertThat(isTrusted(Set.of(Passing.class, OwnCombination.class), handler)).isTrue();
    }

    @Test
    void write_whenSuchAHandlerComesAndGoes_isUsedAgainWithoutIt() {
        ValueTaskHandler<ByteBuf, ByteBuf> last = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.NOW), null);
        EmbeddedChannel channel = new EmbeddedChannel(last);
        Passing passing = new Passing();

        writes(last, "one");
        assertThat(last.channel()).asString().doesNotContain("untrusted");
        channel.pipeline().addFirst(passing);
        writes(last, "two");
        writes(last, "three");
        assertThat(last.channel()).asString().contains("untrusted=2, unpooled=0");
        channel.pipeline().remove(passing);
        writes(last, "four");
        writes(last, "five");
        assertThat(last.channel()).asString().contains("untrusted=2, unpooled=0");
        channel.finishAndReleaseAll();
    }

    /** As traffic shaping does. */
    private static final class Holding extends ChannelOutboundHandlerAdapter {
        private Runnable held;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            held = () -> ctx.write(message, promise);
        }
    }

    @Test
    void write_whenSuchAHandlerComesWhileItIsHeld_isNotUsedAgain() throws Exception {
        Holding holding = new Holding();
        ValueTaskHandler<ByteBuf, ByteBuf> last = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Holding.class), null);
        EmbeddedChannel channel = new EmbeddedChannel(holding, last);
        ChannelPromise[] kept = new ChannelPromise[1];
        ValueTask<Void> first = last.channel().write(Bytes.of("held"));
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                kept[0] = promise;
                ctx.write(message, promise);
            }
        });
        holding.held.run();
        channel.flushOutbound();
        first.result();

        ValueTask<Void> second = last.channel().write(Bytes.of("next"));

        assertThat(kept[0].tryFailure(new IOException("late"))).isFalse();
        assertThat(second.isCompleted()).isFalse();
        second.discard();
        holding.held.run();
        channel.finishAndReleaseAll();
    }

    private static void writes(ValueTaskHandler<ByteBuf, ByteBuf> last, String text) {
        assertThat(last.channel().writeAndFlush(Bytes.of(text)).isCompleted()).isTrue();
    }
}
