package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.CharsetUtil;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Messages that nobody awaits one by one, and the room that is left for them. */
class SendTest extends ValueTaskChannelContract {
    /** Netty's default. */
    private static final int HIGH_WATER_MARK = 64 * 1024;
    private static final int MESSAGE = 4096;
    /** See {@link Writability}. */
    private static final int OVERHEAD = 96;
    private static final int MESSAGES = 512;
    private static final int LARGE = 4 * 1024 * 1024;

    /** The most that has waited to leave, as Netty counts it. */
    private static final class Gauge extends ChannelOutboundHandlerAdapter {
        final AtomicLong most = new AtomicLong();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ctx.write(message, promise);
            most.accumulateAndGet(ctx.channel().unsafe().outboundBuffer().totalPendingWriteBytes(),
                    Math::max);
        }
    }

    private final Gauge gauge = new Gauge();
    private final AtomicInteger started = new AtomicInteger();
    private final byte[] sent = Bytes.pattern(MESSAGES * MESSAGE);

    private ByteBuf nextMessage() {
        return server().channel().alloc().buffer(MESSAGE).writeBytes(sent,
                started.getAndIncrement() * MESSAGE, MESSAGE);
    }

    /** Sends everything, and waits for room whenever there is none. */
    private ValueTask<Void> sendAll() {
        CompletableFuture<Void> all = new CompletableFuture<>();
        if (by == Call.By.LOOP) {
            sendOn(all);
        } else {
            try {
                while (started.get() < MESSAGES) {
                    server().send(nextMessage()).await();
                }
                all.complete(null);
            } catch (IOException | InterruptedException failure) {
                all.completeExceptionally(failure);
            }
        }
        return ValueTask.fromFuture(all);
    }

    private void sendOn(CompletableFuture<Void> all) {
        try {
            while (started.get() < MESSAGES) {
                ValueTask<Void> room = server().send(nextMessage());
                if (room.onCompleted(waited -> goOn(room, all), null)) {
                    return;
                }
                room.result();
            }
            all.complete(null);
        } catch (IOException failure) {
            all.completeExceptionally(failure);
        }
    }

    private void goOn(ValueTask<Void> room, CompletableFuture<Void> all) {
        try {
            room.result();
            sendOn(all);
        } catch (IOException failure) {
            all.completeExceptionally(failure);
        }
    }

    private BackgroundCall<byte[]> receiveAll(Loopback loopback) {
        return BackgroundCall.start(BackgroundCall.Kind.PLATFORM, () -> loopback.receive(sent.length));
    }

    /** More than the buffers of both sides take: there is no room until the peer reads. */
    private Call<Void> writeThatStalls() throws Exception {
        return start(() -> server().writeAndFlush(Bytes.of(Bytes.pattern(LARGE)))).awaitWaiting();
    }

    private void awaitUnwritable() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Call.LIMIT_SECONDS);
        while (server().channel().isWritable()) {
            assertThat(System.nanoTime()).as("the peer does not read").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void send_whenThePeerDoesNotRead_staysBelowTheMarkAndGoesOnWhenItDoes() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers()
                .serverPipeline(channel -> channel.pipeline().addLast(gauge)).connectPeer();

        Call<Void> all = start(this::sendAll);
        awaitUnwritable();
        loopback.awaitServerLoop();
        assertThat(started.get()).isLessThan(MESSAGES);
        BackgroundCall<byte[]> peer = receiveAll(loopback);

        assertThat(all.result()).isNull();
        assertThat(peer.result()).isEqualTo(sent);
        assertThat(gauge.most.get()).isGreaterThan(HIGH_WATER_MARK - MESSAGE)
                .isLessThanOrEqualTo(HIGH_WATER_MARK + MESSAGE + OVERHEAD);
    }

    @Test
    void send_whenTheLoopIsBusy_countsWhatIsOnItsWay() throws Throwable {
        assumeTrue(!by.isOnTheLoop(), "who is on the loop does nothing while it is busy");
        Loopback loopback = newLoopback().connectPeer();
        Call<Void> all;
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            all = start(this::sendAll).awaitWaiting();
            assertThat(started.get()).isEqualTo(HIGH_WATER_MARK / (MESSAGE + OVERHEAD) + 1);
        }
        BackgroundCall<byte[]> peer = receiveAll(loopback);

        assertThat(all.result()).isNull();
        assertThat(peer.result()).isEqualTo(sent);
    }

    /** Nothing else would ever flush. */
    @Test
    void writable_whenThePolicyIsExplicit_flushesAndCompletes() throws Throwable {
        requires(Trait.LOOP); // while the peer receives on another thread
        Loopback loopback = newLoopback()
                .options(ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.EXPLICIT))
                .connectPeer();
        BackgroundCall<byte[]> peer = receiveAll(loopback);

        assertThat(start(this::sendAll).result()).isNull();
        call(server()::flush);

        assertThat(peer.result()).isEqualTo(sent);
    }

    @Test
    void writable_whenThereIsRoom_isCompleteAtOnce() throws Throwable {
        connectPeer();

        assertThat(server().writable().isCompletedSuccessfully()).isTrue();
    }

    @Test
    void writable_whenAnotherWaiterGaveUp_completesForTheRest() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        Call<Void> write = writeThatStalls();
        for (int i = 0; i < 20; i++) {
            ValueTask<Void> impatient = server().writable();
            assertThatThrownBy(() -> impatient.await(Duration.ofMillis(1)))
                    .isInstanceOfAny(TimeoutException.class, CancellationException.class);
        }
        Call<Void> patient = start(server()::writable).awaitWaiting();

        loopback.receive(LARGE);

        assertThat(write.result()).isNull();
        assertThat(patient.result()).isNull();
    }

    @Test
    void writable_whenTheChannelIsClosed_fails() throws Throwable {
        requires(Trait.STALL);
        newLoopback().smallBuffers().closeDeadline(Duration.ofMillis(50)).connectPeer();
        writeThatStalls();
        Call<Void> room = start(() -> server().send(Bytes.of("x"))).awaitWaiting();
        Call<Void> another = start(server()::writable).awaitWaiting();

        server().close();

        assertThat(room.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(another.failure()).isInstanceOf(ClosedChannelException.class);
        call(server()::closed);
        assertThatThrownBy(() -> call(server()::writable)).isInstanceOf(ClosedChannelException.class);
        ByteBuf late = Bytes.of("late");
        assertThatThrownBy(() -> call(() -> server().send(late))).isInstanceOf(ClosedChannelException.class);
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void writable_whenThePeerResets_fails() throws Throwable {
        requires(Trait.STALL);
        requires(Trait.RESET);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        writeThatStalls();
        Call<Void> room = start(server()::writable).awaitWaiting();

        loopback.reset();

        assertThat(room.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void writable_whenTheHandlerIsRemoved_fails() throws Throwable {
        requires(Trait.STALL);
        newLoopback().smallBuffers().connectPeer();
        writeThatStalls();
        Call<Void> room = start(server()::writable).awaitWaiting();

        server().channel().pipeline().remove(ValueTaskHandler.class);

        assertThat(room.failure()).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> call(server()::writable)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void send_afterOneThatCouldNotBeSent_failsOnceWithItsCause() throws Throwable {
        FallibleHandler fallible = new FallibleHandler();
        Loopback loopback = newLoopback().serverPipeline(channel -> channel.pipeline().addLast(fallible))
                .connectPeer();
        // Not pooled: the counts are asked when others may have been allocated.
        ByteBuf refused = Unpooled.copiedBuffer("!", CharsetUtil.US_ASCII);
        ByteBuf told = Unpooled.copiedBuffer("not sent", CharsetUtil.US_ASCII);

        assertThat(call(() -> server().send(refused))).isNull();
        loopback.awaitServerLoop();
        loopback.awaitServerLoop();
        assertThatThrownBy(() -> call(() -> server().send(told))).isSameAs(fallible.failure);
        assertThat(call(() -> server().send(Bytes.of("sent")))).isNull();

        assertThat(loopback.receive(4)).isEqualTo("sent".getBytes());
        assertThat(refused.refCnt()).isZero();
        assertThat(told.refCnt()).isZero();
        server().close();
        assertThat(call(server()::closed)).isEqualTo(new CloseReason.Failed(fallible.failure));
    }

    @Test
    void flush_afterASendThatFailed_failsOnceWithItsCause() throws Throwable {
        FallibleHandler fallible = new FallibleHandler();
        Loopback loopback = newLoopback().serverPipeline(channel -> channel.pipeline().addLast(fallible))
                .connectPeer();

        call(() -> server().send(Bytes.of("!")));
        loopback.awaitServerLoop();
        loopback.awaitServerLoop();

        assertThatThrownBy(() -> call(server()::flush)).isSameAs(fallible.failure);
        assertThat(call(server()::flush)).isNull();
    }

    /** The message is at the pipeline before the flush is, and its failure is not. */
    @Test
    void flush_rightBehindASendThatFails_failsWithItsCauseAndNobodyElseDoes() throws Throwable {
        FallibleHandler fallible = new FallibleHandler();
        Loopback loopback = newLoopback().serverPipeline(channel -> channel.pipeline().addLast(fallible))
                .connectPeer();

        assertThatThrownBy(() -> call(() -> {
            server().send(Bytes.of("!")).discard();
            return server().flush();
        })).isSameAs(fallible.failure);

        loopback.awaitServerLoop();
        assertThat(call(() -> server().send(Bytes.of("sent")))).isNull();
        assertThat(call(server()::flush)).isNull();
        assertThat(loopback.receive(4)).isEqualTo("sent".getBytes());
    }

    @Test
    void flush_whenThePeerResetsBeforeWhatWasSentHasLeft_fails() throws Throwable {
        requires(Trait.STALL);
        requires(Trait.RESET);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        Call<Void> flush = start(() -> {
            server().send(Bytes.of(Bytes.pattern(LARGE))).discard();
            return server().flush();
        }).awaitWaiting();
        loopback.awaitServerLoop();

        loopback.reset();

        assertThat(flush.failure()).isInstanceOf(IOException.class);
    }

    @Test
    void send_thousandsOfTimes_usesTheSameFewOperations() throws Throwable {
        Loopback loopback = newLoopback().connectPeer();

        for (int i = 0; i < 1000; i++) {
            call(() -> server().send(Bytes.of("x")));
            call(server()::flush); // it has left, and its operation is free
        }

        loopback.receive(1000);
        assertThat(server().toString()).contains("unpooled=0").contains("inFlight=0")
                .contains("travelling=0 bytes");
    }

    @Test
    void send_afterTheLoopHasEnded_failsAndReleases() throws Throwable {
        requires(Trait.LOOP);
        connectPeer();
        var loop = server().channel().eventLoop();
        loop.parent().shutdownGracefully(50, Call.LIMIT_SECONDS * 1000, TimeUnit.MILLISECONDS);
        assertThat(loop.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        ByteBuf late = Bytes.of("late");

        assertThatThrownBy(server().send(late)::result).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(server().writable()::result).isInstanceOf(ClosedChannelException.class);
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void send_ofNull_isRefused() throws Throwable {
        connectPeer();

        assertThatThrownBy(() -> call(() -> server().send(null))).isInstanceOf(NullPointerException.class);
    }
}
