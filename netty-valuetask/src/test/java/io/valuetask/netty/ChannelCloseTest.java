package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.ValueTask;
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
        Loopback loopback = connectSocket();

        assertThat(call(server()::close)).isNull();
        assertThat(call(server()::close)).isNull();

        assertThat(server().channel().isOpen()).isFalse();
        assertThat(loopback.socket().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void close_afterThePeerClosed_completesWithoutComplaint() throws Throwable {
        Loopback loopback = connectSocket();
        loopback.reset();
        call(server()::closed);

        assertThat(call(server()::close)).isNull();
    }

    @Test
    void close_whenWritesArePending_letsThemOutFirst() throws Throwable {
        Loopback loopback = newLoopback().smallBuffers().connectSocket();
        byte[] large = Bytes.pattern(1024 * 1024);

        Call<Void> write = start(() -> server().write(Bytes.of(large))).awaitWaiting();
        Call<Void> close = start(server()::close).awaitWaiting();
        loopback.awaitServerLoop();
        assertThat(server().channel().isOpen()).as("while the peer has not read").isTrue();

        assertThat(loopback.receive(large.length)).isEqualTo(large);
        assertThat(loopback.socket().getInputStream().read()).isEqualTo(-1);
        assertThat(write.result()).isNull();
        assertThat(close.result()).isNull();
    }

    @Test
    void close_whenThePeerNeverReads_failsWhatIsPendingAtTheDeadline() throws Throwable {
        newLoopback().smallBuffers().closeDeadline(Duration.ofMillis(50)).connectSocket();
        ByteBuf message = Bytes.of(Bytes.pattern(LARGE));

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        Call<Void> write = start(() -> server().writeAndFlush(message)).awaitWaiting();
        Call<Void> flush = start(server()::flush).awaitWaiting();
        Call<Void> closed = start(server()::closed).awaitWaiting();
        Call<Void> close = start(server()::close);

        assertThat(close.result()).isNull();
        assertThat(closed.result()).isNull();
        assertThat(read.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(write.failure()).isInstanceOf(IOException.class);
        flush.failure();
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void write_whileCloseWaitsForThePeer_failsAndReleases() throws Throwable {
        newLoopback().smallBuffers().closeDeadline(Duration.ofMillis(50)).connectSocket();
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
        connectSocket();
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

        call(server()::close);

        assertThatThrownBy(() -> written.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ClosedChannelException.class);
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void close_whenMessagesWereNotRead_releasesThem() throws Throwable {
        // The leak detector looks whether it did.
        Loopback loopback = newLoopback()
                .serverPipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .connectSocket();
        loopback.send("abcdefgh");
        assertThat(read()).isEqualTo("a");
        loopback.awaitServerLoop();

        call(server()::close);

        assertThatThrownBy(this::read).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void closed_whenClosedHere_completesForEveryTask() throws Throwable {
        connectSocket();

        Call<Void> first = start(server()::closed).awaitWaiting();
        Call<Void> second = start(server()::closed).awaitWaiting();
        ValueTask<Void> dropped = server().closed();
        call(server()::close);

        assertThat(first.result()).isNull();
        assertThat(second.result()).isNull();
        assertThat(dropped.await()).isNull();
        assertThat(call(server()::closed)).as("asked afterwards").isNull();
    }

    @Test
    void closed_whenThePeerResetsAndNobodyReads_completes() throws Throwable {
        Loopback loopback = connectSocket();

        Call<Void> closed = start(server()::closed).awaitWaiting();
        loopback.reset();

        assertThat(closed.result()).isNull();
    }

    @Test
    void closed_whenThePeerHasOnlyFinished_doesNotComplete() throws Throwable {
        Loopback loopback = connectSocket();

        Call<Void> closed = start(server()::closed).awaitWaiting();
        loopback.socket().shutdownOutput();
        assertThat(read()).isNull();
        loopback.awaitServerLoop();
        assertThat(closed.isWaiting()).isTrue();

        call(server()::close);
        assertThat(closed.result()).isNull();
    }
}
