package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChannelCloseTest extends ValueTaskChannelContract {
    private static final int LARGE = 4 * 1024 * 1024;

    @Test
    void close_again_completesWithoutComplaint() throws Throwable {
        Loopback loopback = connectPeer();

        assertThat(call(() -> Closing.close(server()))).isEqualTo(new CloseReason.Local());
        assertThat(call(() -> Closing.close(server()))).isEqualTo(new CloseReason.Local());

        assertThat(server().channel().isOpen()).isFalse();
        assertThat(loopback.peer().receiveAll()).isEmpty();
    }

    @Test
    void close_afterThePeerClosed_completesWithoutComplaint() throws Throwable {
        requires(Trait.RESET);
        Loopback loopback = connectPeer();
        loopback.reset();
        CloseReason reason = call(server()::closed);

        assertThat(call(() -> Closing.close(server()))).isSameAs(reason)
                .isInstanceOf(CloseReason.Failed.class);
    }

    @Test
    void close_whenWritesArePending_letsThemOutFirst() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        byte[] large = Bytes.pattern(1024 * 1024);

        Call<Void> write = start(() -> server().write(Bytes.of(large))).awaitWaiting();
        Call<CloseReason> close = start(() -> Closing.close(server())).awaitWaiting();
        loopback.awaitServerLoop();
        assertThat(server().channel().isOpen()).as("while the peer has not read").isTrue();

        assertThat(loopback.receive(large.length)).isEqualTo(large);
        assertThat(loopback.peer().receiveAll()).isEmpty();
        assertThat(write.result()).isNull();
        assertThat(close.result()).isEqualTo(new CloseReason.Local());
    }

    @Test
    void close_whenThePeerNeverReads_failsWhatIsPendingAtTheDeadline() throws Throwable {
        requires(Trait.STALL);
        newLoopback().smallBuffers().closeDeadline(Duration.ofMillis(50)).connectPeer();
        ByteBuf message = Bytes.of(Bytes.pattern(LARGE));

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        Call<Void> write = start(() -> server().writeAndFlush(message)).awaitWaiting();
        Call<Void> flush = start(server()::flush).awaitWaiting();
        Call<CloseReason> closed = start(server()::closed).awaitWaiting();
        Call<CloseReason> close = start(() -> Closing.close(server()));

        assertThat(close.result()).isEqualTo(new CloseReason.Local());
        assertThat(closed.result()).isEqualTo(new CloseReason.Local());
        assertThat(read.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(write.failure()).isInstanceOf(IOException.class);
        flush.failure();
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void write_whileCloseWaitsForThePeer_failsAndReleases() throws Throwable {
        requires(Trait.STALL);
        newLoopback().smallBuffers().closeDeadline(Duration.ofMillis(50)).connectPeer();
        ByteBuf late = Bytes.of("late");

        Call<Void> write = start(() -> server().writeAndFlush(Bytes.of(Bytes.pattern(LARGE)))).awaitWaiting();
        server().close();
        assertThatThrownBy(() -> call(() -> server().writeAndFlush(late)))
                .isInstanceOf(ClosedChannelException.class);

        assertThat(late.refCnt()).isZero();
        assertThat(write.failure()).isInstanceOf(IOException.class);
    }

    @Test
    void write_fromTheContinuationOfAReadThatCloseFails_failsToo() throws Throwable {
        connectPeer();
        CompletableFuture<Void> written = new CompletableFuture<>();
        ByteBuf late = Bytes.of("late");
        ValueTask<ByteBuf> read = server().read();
        assertThat(read.onCompleted(task -> {
            assertThatThrownBy(task::result).isInstanceOf(ClosedChannelException.class);
            server().writeAndFlush(late).toCompletableFuture().whenComplete((done, failure) -> {
                if (failure == null) {
                    written.complete(null);
                } else {
                    written.completeExceptionally(failure);
                }
            });
        }, read)).isTrue();

        call(() -> Closing.close(server()));

        assertThatThrownBy(() -> written.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ClosedChannelException.class);
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void close_whenMessagesWereNotRead_releasesThem() throws Throwable {
        // The leak detector looks whether it did.
        Loopback loopback = newLoopback()
                .serverPipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .connectPeer();
        loopback.send("abcdefgh");
        assertThat(read()).isEqualTo("a");
        loopback.awaitServerLoop();

        call(() -> Closing.close(server()));

        assertThatThrownBy(this::read).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void closed_whenClosedHere_completesForEveryTask() throws Throwable {
        connectPeer();

        Call<CloseReason> first = start(server()::closed).awaitWaiting();
        Call<CloseReason> second = start(server()::closed).awaitWaiting();
        ValueTask<CloseReason> dropped = server().closed();
        call(() -> Closing.close(server()));

        assertThat(first.result()).isEqualTo(new CloseReason.Local());
        assertThat(second.result()).isEqualTo(new CloseReason.Local());
        assertThat(dropped.await()).isEqualTo(new CloseReason.Local());
        assertThat(call(server()::closed)).as("asked afterwards").isEqualTo(new CloseReason.Local());
    }

    @Test
    void closed_whenThePeerResetsAndNobodyReads_completes() throws Throwable {
        requires(Trait.RESET);
        Loopback loopback = connectPeer();

        Call<CloseReason> closed = start(server()::closed).awaitWaiting();
        loopback.reset();

        assertThat(closed.result()).isInstanceOf(CloseReason.Failed.class);
    }

    @Test
    void closed_whenThePeerHasOnlyFinished_doesNotComplete() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = connectPeer();

        Call<CloseReason> closed = start(server()::closed).awaitWaiting();
        loopback.peer().finish();
        assertThat(read()).isNull();
        loopback.awaitServerLoop();
        assertThat(closed.isWaiting()).isTrue();

        call(() -> Closing.close(server()));
        assertThat(closed.result()).isEqualTo(new CloseReason.Remote());
    }
}
