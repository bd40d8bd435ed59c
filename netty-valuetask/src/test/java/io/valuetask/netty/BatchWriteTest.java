package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.CharsetUtil;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.Medium.Trait;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Several messages written as one. */
class BatchWriteTest extends ValueTaskChannelContract {
    private static final int LARGE = 4 * 1024 * 1024;

    /** Does something when it sees '!', which it then does not pass on. */
    private static final class Sentry extends ChannelOutboundHandlerAdapter {
        private final Consumer<ChannelPromise> alarm;

        Sentry(Consumer<ChannelPromise> alarm) {
            this.alarm = alarm;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (((ByteBuf) message).getByte(0) == '!') {
                ReferenceCountUtil.release(message);
                alarm.accept(promise);
            } else {
                ctx.write(message, promise);
            }
        }
    }

    private Loopback connectBehind(Consumer<ChannelPromise> alarm) throws Exception {
        return newLoopback().serverPipeline(channel -> channel.pipeline().addLast(new Sentry(alarm)))
                .connectPeer();
    }

    /** Not pooled: their counts are asked when others may have been allocated. */
    private static List<ByteBuf> messages(String... texts) {
        return Stream.of(texts).map(text -> Unpooled.copiedBuffer(text, CharsetUtil.US_ASCII)).toList();
    }

    private static void assertReleased(Collection<ByteBuf> messages) {
        assertThat(messages).allSatisfy(message -> assertThat(message.refCnt()).isZero());
    }

    private void assertNothingWasSentAndMoreCanBe(Loopback loopback) throws Throwable {
        assertThat(call(() -> server().writeAll(messages("more")))).isNull();
        assertThat(loopback.receive(4)).isEqualTo("more".getBytes());
        assertThat(server().toString()).contains("unpooled=0").contains("inFlight=0")
                .contains("travelling=0 bytes");
    }

    @Test
    void writeAll_sendsAllInOrderAndCompletesWhenTheyHaveLeft() throws Throwable {
        FlushCounter counter = new FlushCounter();
        Loopback loopback = newLoopback().serverPipeline(channel -> channel.pipeline().addLast(counter))
                .connectPeer();
        List<ByteBuf> messages = Stream.of("a", "bc", "def", "", "g").map(Bytes::of).toList();

        assertThat(call(() -> server().writeAll(messages))).isNull();

        assertThat(loopback.receive(7)).isEqualTo("abcdefg".getBytes());
        assertThat(counter.flushes()).isEqualTo(1);
    }

    @Test
    void writeAll_ofMoreThanThePoolHas_sendsAll() throws Throwable {
        Loopback loopback = connectPeer();
        byte[] bytes = Bytes.pattern(3000);

        for (int round = 0; round < 2; round++) {
            List<ByteBuf> messages = new ArrayList<>();
            for (byte octet : bytes) {
                messages.add(Bytes.of(new byte[]{octet}));
            }
            assertThat(call(() -> server().writeAll(messages))).isNull();
            assertThat(loopback.receive(bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void writeAll_ofNone_isAFlush() throws Throwable {
        Loopback loopback = connectPeer();
        Call<Void> write = start(() -> server().write(Bytes.of("before"))).awaitWaiting();

        assertThat(call(() -> server().writeAll(List.of()))).isNull();

        assertThat(write.result()).isNull();
        assertThat(loopback.receive(6)).isEqualTo("before".getBytes());
    }

    @Test
    void writeAll_whenSomeFail_sendsTheOthersAndFailsWithTheFirstFailure() throws Throwable {
        List<IOException> failures = new ArrayList<>();
        Loopback loopback = connectBehind(promise -> {
            failures.add(new IOException("number " + failures.size()));
            promise.setFailure(failures.getLast());
        });
        List<ByteBuf> messages = messages("a", "!1", "b", "!2", "c");

        Throwable failure = start(() -> server().writeAll(messages)).failure();

        assertThat(failures).hasSize(2).first().isSameAs(failure);
        assertThat(loopback.receive(3)).isEqualTo("abc".getBytes());
        assertReleased(List.of(messages.get(1), messages.get(3)));
        loopback.awaitServerLoop();
        assertThat(call(server()::flush)).as("nobody else is told").isNull();
    }

    /** The promise fails when the batch has been flushed, and is its last operation in flight. */
    @Test
    void writeAll_whenOneFailsLater_failsWithItsCause() throws Throwable {
        List<ChannelPromise> kept = new ArrayList<>();
        Loopback loopback = connectBehind(kept::add);
        List<ByteBuf> messages = messages("a", "!", "b");
        Call<Void> batch = start(() -> server().writeAll(messages)).awaitWaiting();
        assertThat(loopback.receive(2)).isEqualTo("ab".getBytes());
        assertThat(batch.isWaiting()).isTrue();
        IOException late = new IOException("late");

        loopback.onServerLoop(() -> kept.getFirst().setFailure(late));
        loopback.turn();

        assertThat(batch.failure()).isSameAs(late);
        assertThat(call(server()::flush)).as("nobody else is told").isNull();
    }

    @Test
    void writeAll_whenTheNettyChannelIsClosedInTheMiddle_failsAndReleasesAll() throws Throwable {
        connectBehind(promise -> promise.channel().close(promise));
        List<ByteBuf> messages = messages("a", "!", "b", "c");

        Throwable failure = start(() -> server().writeAll(messages)).failure();

        assertThat(failure).isInstanceOf(ClosedChannelException.class);
        call(server()::closed);
        assertReleased(messages);
    }

    /** What was on its way from another thread has left before; on the event loop nothing is on its way. */
    @Test
    void writeAll_whenTheChannelIsClosedInTheMiddle_sendsWhatWasOnItsWay() throws Throwable {
        Loopback loopback = connectBehind(promise -> {
            promise.setSuccess();
            server().close();
        });
        List<ByteBuf> messages = messages("a", "!", "b", "c");

        Throwable failure = start(() -> server().writeAll(messages)).failure();

        if (by == Call.By.LOOP) {
            assertThat(failure).isInstanceOf(ClosedChannelException.class);
            assertThat(loopback.receive(1)).as("accepted before").isEqualTo("a".getBytes());
        } else {
            assertThat(failure).isNull();
            assertThat(loopback.receive(3)).isEqualTo("abc".getBytes());
        }
        call(server()::closed);
        assertReleased(messages.subList(1, 4));
    }

    @Test
    void writeAll_whenOneIsNull_isRefusedAndReleasesTheOthers() throws Throwable {
        Loopback loopback = connectPeer();
        for (int i = 0; i < 3; i++) { // more often than there are operations to use again
            List<ByteBuf> messages = messages("a", "b");
            List<ByteBuf> withNull = Arrays.asList(messages.get(0), null, messages.get(1));

            assertThatThrownBy(() -> call(() -> server().writeAll(withNull)))
                    .isInstanceOf(NullPointerException.class).hasMessage("messages[1]");

            assertReleased(messages);
        }
        assertNothingWasSentAndMoreCanBe(loopback);
        assertThatThrownBy(() -> call(() -> server().writeAll(null)))
                .isInstanceOf(NullPointerException.class).hasMessage("messages");
        assertNothingWasSentAndMoreCanBe(loopback);
    }

    @Test
    void writeAll_whenTheCollectionThrowsMidway_throwsItAndReleasesWhatItGave() throws Throwable {
        Loopback loopback = connectPeer();
        List<ByteBuf> messages = messages("a", "b");
        IllegalStateException failure = new IllegalStateException("no more");
        Collection<ByteBuf> failing = new AbstractCollection<>() {
            @Override
            public Iterator<ByteBuf> iterator() {
                return Stream.<ByteBuf>concat(messages.stream(), Stream.generate(() -> {
                    throw failure;
                })).iterator();
            }

            @Override
            public int size() {
                return 3;
            }
        };

        assertThatThrownBy(() -> call(() -> server().writeAll(failing))).isSameAs(failure);

        assertReleased(messages);
        assertNothingWasSentAndMoreCanBe(loopback);
    }

    @Test
    void writeAll_afterClose_failsAndReleases() throws Throwable {
        connectPeer();
        call(() -> Closing.close(server()));
        List<ByteBuf> messages = messages("a", "b");

        assertThatThrownBy(() -> call(() -> server().writeAll(messages)))
                .isInstanceOf(ClosedChannelException.class);

        assertReleased(messages);
    }

    @Test
    void writeAll_beforeTheHandlerIsInAPipeline_isRefusedAndReleases() {
        List<ByteBuf> messages = messages("a", "b");

        assertThatThrownBy(() -> new ValueTaskHandler<ByteBuf, ByteBuf>().channel().writeAll(messages))
                .isInstanceOf(IllegalStateException.class);

        assertReleased(messages);
    }

    @Test
    void writeAll_whenThePeerResets_fails() throws Throwable {
        requires(Trait.STALL);
        requires(Trait.RESET);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        List<ByteBuf> messages = List.of(Bytes.of(Bytes.pattern(LARGE)), Bytes.of("a"));
        Call<Void> batch = start(() -> server().writeAll(messages)).awaitWaiting();
        loopback.awaitServerLoop();

        loopback.reset();

        assertThat(batch.failure()).isInstanceOf(IOException.class);
        call(server()::closed);
        assertReleased(messages);
    }

    @Test
    void cancel_whenThePipelineHasThem_letsTheWaiterGoAndSendsAll() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        byte[] large = Bytes.pattern(LARGE);
        BatchOperation[] started = new BatchOperation[1];
        loopback.onServerLoop(() -> started[0] = server().channel().pipeline().get(ValueTaskHandler.class)
                .outbound().writeAll(List.of(Bytes.of(large), Bytes.of("end"))));
        BatchOperation batch = started[0];

        assertThat(batch.cancel(batch.token())).isTrue();
        assertThat(batch.cancel(batch.token())).as("again").isFalse();
        assertThatThrownBy(() -> batch.getResult(batch.token())).isInstanceOf(CancellationException.class);

        assertThat(loopback.receive(LARGE)).isEqualTo(large);
        assertThat(loopback.receive(3)).isEqualTo("end".getBytes());
        assertThat(call(() -> server().writeAll(messages("more")))).isNull();
    }

    @Test
    void writeAll_thousandsOfTimes_usesTheSameFewOperations() throws Throwable {
        Loopback loopback = connectPeer();

        for (int i = 0; i < 1000; i++) {
            call(() -> server().writeAll(List.of(Bytes.of("x"), Bytes.of("y"), Bytes.of("z"))));
        }

        loopback.receive(3000);
        assertNothingWasSentAndMoreCanBe(loopback);
    }

    @Test
    void writeAll_afterTheLoopHasEnded_failsAndReleases() throws Throwable {
        requires(Trait.LOOP);
        connectPeer();
        var loop = server().channel().eventLoop();
        loop.parent().shutdownGracefully(50, Call.LIMIT_SECONDS * 1000, TimeUnit.MILLISECONDS);
        assertThat(loop.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        List<ByteBuf> messages = messages("a", "b");

        assertThatThrownBy(server().writeAll(messages)::result).isInstanceOf(ClosedChannelException.class);

        assertReleased(messages);
        assertThat(server().toString()).contains("travelling=0 bytes");
    }
}
