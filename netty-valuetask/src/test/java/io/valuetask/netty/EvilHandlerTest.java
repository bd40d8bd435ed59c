package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.netty.Evil.Keeping;
import io.valuetask.netty.Evil.Verdict;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link Evil} handlers do to a {@link NaivePromise}, which shows that they are evil, and to the promise of the
 * bridge. Each meets three writes: the first is treated badly, and the second is held back on its way to the transport
 * while the handler strikes again. At the end the channel is closed, and a fourth write comes too late.
 */
class EvilHandlerTest {
    private static final ValueTaskChannelOptions POOLED = ValueTaskChannelOptions.DEFAULTS
            .flushPolicy(FlushPolicy.NOW);
    private static final ValueTaskChannelOptions TRUSTING = POOLED.trustedHandlers(Evil.Handler.class,
            Gate.class);

    /** The channel's writes as their caller sees them. */
    private interface Writer {
        Told write(ByteBuf message);
    }

    /** What the caller of a write was told, and how often. */
    private static final class Told {
        int times;
        Throwable failure;

        void take(Throwable outcome) {
            times++;
            failure = outcome;
        }

        void take(ValueTask<Void> task) {
            try {
                task.result();
                take((Throwable) null);
            } catch (Throwable thrown) {
                take(thrown);
            }
        }
    }

    /** Next to the transport: holds back the message that it is told to. */
    private static final class Gate extends ChannelOutboundHandlerAdapter {
        private ByteBuf message;
        private Runnable held;

        @Override
        public void write(ChannelHandlerContext ctx, Object written, ChannelPromise promise) {
            if (written == message) {
                held = () -> ctx.writeAndFlush(written, promise);
            } else {
                ctx.write(written, promise);
            }
        }

        void open() {
            try {
                held.run();
            } catch (IllegalArgumentException alreadyDone) {
                // The harm is done: Netty does not write with such a promise. The verdict is about what was told.
            }
        }
    }

    static Stream<Arguments> all() {
        return Stream.of(Evil.values())
                .flatMap(evil -> Stream.of(Keeping.values()).map(keeping -> Arguments.of(evil, keeping)));
    }

    /** Such a handler does not do what is said of it. */
    static Stream<Arguments> wronglyTrusted() {
        return all().filter(pair -> ((Evil) pair.get()[0]).unseen && pair.get()[1] == Keeping.BARE);
    }

    static Stream<Arguments> rightlyTrusted() {
        return all().filter(pair -> !((Evil) pair.get()[0]).unseen || pair.get()[1] != Keeping.BARE);
    }

    @ParameterizedTest
    @MethodSource("all")
    void evil_whenThePromiseIsNaive_doesHarm(Evil evil, Keeping keeping) throws Exception {
        assertThat(naive(evil, keeping)).isEqualTo(evil.harm);
    }

    @ParameterizedTest
    @MethodSource("all")
    void evil_whenThePromiseIsOurs_doesNone(Evil evil, Keeping keeping) throws Exception {
        assertThat(ours(POOLED, evil, keeping)).isEqualTo(Verdict.SOUND);
    }

    @ParameterizedTest
    @MethodSource("all")
    void evil_whenNoPromiseIsUsedAgain_doesNone(Evil evil, Keeping keeping) throws Exception {
        assertThat(ours(TRUSTING.pooledWrites(0), evil, keeping)).isEqualTo(Verdict.SOUND);
    }

    /** The handler keeps the promise, but gives a sign that it does. */
    @ParameterizedTest
    @MethodSource("rightlyTrusted")
    void evil_whenItIsTrustedAndGivesASign_doesNone(Evil evil, Keeping keeping) throws Exception {
        assertThat(ours(TRUSTING, evil, keeping)).isEqualTo(Verdict.SOUND);
    }

    /** What it means to vouch for a handler, see {@link ValueTaskChannelOptions#trustedHandlers}. */
    @ParameterizedTest
    @MethodSource("wronglyTrusted")
    void evil_whenItIsTrustedAndGivesNoSign_doesHarm(Evil evil, Keeping keeping) throws Exception {
        assertThat(ours(TRUSTING, evil, keeping)).isEqualTo(evil.harm);
    }

    private static Verdict naive(Evil evil, Keeping keeping) throws Exception {
        ChannelOutboundHandlerAdapter last = new ChannelOutboundHandlerAdapter();
        try (Evil.Handler handler = new Evil.Handler(evil, keeping)) {
            Gate gate = new Gate();
            EmbeddedChannel embedded = new EmbeddedChannel(gate, handler, last);
            ChannelHandlerContext context = embedded.pipeline().context(last);
            NaivePromise promise = new NaivePromise(embedded);
            return verdict(embedded, gate, handler, message -> {
                Told told = new Told();
                promise.arm(told::take);
                context.writeAndFlush(message, promise.promise());
                return told;
            });
        }
    }

    private static Verdict ours(ValueTaskChannelOptions options, Evil evil, Keeping keeping)
            throws Exception {
        ValueTaskHandler<ByteBuf, ByteBuf> last = new ValueTaskHandler<>(options, null);
        try (Evil.Handler handler = new Evil.Handler(evil, keeping)) {
            Gate gate = new Gate();
            return verdict(new EmbeddedChannel(gate, handler, last), gate, handler, message -> {
                Told told = new Told();
                ValueTask<Void> task = last.channel().writeAndFlush(message);
                if (!task.onCompleted(told::take, task)) {
                    told.take(task);
                }
                return told;
            });
        }
    }

    private static Verdict verdict(EmbeddedChannel embedded, Gate gate, Evil.Handler handler, Writer writer)
            throws Exception {
        List<ByteBuf> messages = new ArrayList<>();
        try {
            return verdict(embedded, gate, handler, message -> {
                messages.add(message);
                return writer.write(message);
            }, Bytes.of("held back"));
        } finally {
            embedded.finishAndReleaseAll();
            assertThat(messages).allSatisfy(message -> assertThat(message.refCnt()).isZero());
        }
    }

    private static Verdict verdict(EmbeddedChannel embedded, Gate gate, Evil.Handler handler, Writer writer,
            ByteBuf second) throws Exception {
        Told first = writer.write(Bytes.of("treated badly"));
        embedded.runPendingTasks();
        boolean leftToTheEnd = handler.evil().leavesFirstToTheEnd();
        assertThat(first.times).isEqualTo(leftToTheEnd ? 0 : 1);
        assertThat(first.failure).isSameAs(handler.evil().failsFirst() ? handler.failure : null);

        gate.message = second;
        Told held = writer.write(second);
        handler.strikeAgain();
        embedded.runPendingTasks();
        boolean toldEarly = held.times > 0;
        gate.open();
        embedded.runPendingTasks();

        Told third = writer.write(Bytes.of("not concerned"));
        embedded.runPendingTasks();
        embedded.finishAndReleaseAll();
        handler.strikeAtTheEnd();
        Told late = writer.write(Bytes.of("too late"));
        embedded.runPendingTasks();
        if (first.times == 0) {
            return Verdict.NEVER_TOLD;
        }
        assertThat(first.times).isEqualTo(1);
        if (held.failure != null) {
            return Verdict.FALSELY_FAILED;
        } else if (toldEarly) {
            return Verdict.TOLD_EARLY;
        } else if (handler.isMisled()) {
            return Verdict.HANDLER_MISLED;
        }
        assertThat(held.times).isEqualTo(1);
        assertThat(third.times).isEqualTo(1);
        assertThat(third.failure).isNull();
        if (leftToTheEnd) {
            assertThat(first.failure).isInstanceOf(ClosedChannelException.class);
        }
        assertThat(late.times).isEqualTo(1);
        assertThat(late.failure).isInstanceOf(ClosedChannelException.class);
        return Verdict.SOUND;
    }
}
