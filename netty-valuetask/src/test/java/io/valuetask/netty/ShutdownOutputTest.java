package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The end of one direction while the other goes on. */
class ShutdownOutputTest extends ValueTaskChannelContract {
    private static final int LARGE = 1024 * 1024;

    @Test
    void shutdownOutput_whenWritesArePending_letsThemOutFirst() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers()
                .options(ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.EXPLICIT)).connectPeer();
        byte[] large = Bytes.pattern(LARGE);
        Call<Void> write = start(() -> server().writeAndFlush(Bytes.of(large))).awaitWaiting();

        Call<Void> shutdown = start(server()::shutdownOutput).awaitWaiting();
        loopback.awaitServerLoop();
        assertThat(shutdown.isWaiting()).as("while the peer has not read").isTrue();

        assertThat(loopback.receive(LARGE)).isEqualTo(large);
        assertThat(loopback.peer().receiveAll()).isEmpty();
        assertThat(write.result()).isNull();
        assertThat(shutdown.result()).isNull();
    }

    @Test
    void reads_afterShutdownOutput_goOn() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = connectPeer();
        byte[] large = Bytes.pattern(LARGE);

        assertThat(call(server()::shutdownOutput)).isNull();
        assertThat(loopback.peer().receiveAll()).isEmpty();
        BackgroundCall<byte[]> reader = BackgroundCall.start(VIRTUAL, () -> Streams.readAll(server()));
        loopback.peer().send(large);
        loopback.peer().finish();

        assertThat(reader.result()).isEqualTo(large);
        assertThat(server().channel().isOpen()).isTrue();
    }

    @Test
    void shutdownOutput_again_completesWithoutComplaint() throws Throwable {
        requires(Trait.HALVES);
        connectPeer();

        assertThat(call(server()::shutdownOutput)).isNull();
        assertThat(call(server()::shutdownOutput)).isNull();
    }

    @Test
    void shutdownOutput_afterThePeerHasFinished_isSeenByThePeer() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = connectPeer();
        loopback.peer().finish();
        assertThat(read()).isNull();
        call(() -> server().writeAndFlush(Bytes.of("answer")));

        assertThat(call(server()::shutdownOutput)).isNull();

        assertThat(loopback.peer().receiveAll()).isEqualTo("answer".getBytes());
    }

    /** Both halves have ended then, and the connection has not. */
    @Test
    void closed_whenBothSidesHaveFinished_isToldWhenThisOneCloses() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = connectPeer();
        Call<CloseReason> closed = start(server()::closed).awaitWaiting();
        assertThat(call(server()::shutdownOutput)).isNull();
        loopback.send("last");
        loopback.peer().finish();
        assertThat(read()).isEqualTo("last");
        assertThat(read()).isNull();
        loopback.awaitServerLoop();
        assertThat(closed.isWaiting()).isTrue();

        server().close();

        assertThat(closed.result()).isEqualTo(new CloseReason.Remote());
    }

    /** A system may refuse that, and epoll then says that the channel is not connected yet. */
    @Test
    void shutdownOutput_afterAResetThatIsNotSeenYet_failsAsAClosedChannelIfAtAll() throws Throwable {
        requires(Trait.HALVES);
        requires(Trait.RESET);
        Loopback loopback = connectPeer();
        ValueTask<Void> shutdown = server().channel().eventLoop().submit(() -> {
            loopback.reset();
            return server().shutdownOutput();
        }).sync().getNow();

        assertThat(BackgroundCall.start(VIRTUAL, shutdown::await).failure()).satisfiesAnyOf(
                failure -> assertThat(failure).isNull(),
                failure -> assertThat(failure).isInstanceOf(ClosedChannelException.class));
    }

    @Test
    void everythingThatWrites_afterShutdownOutput_failsAndReleases() throws Throwable {
        requires(Trait.HALVES);
        connectPeer();
        call(server()::shutdownOutput);
        ByteBuf written = Bytes.of("late");
        ByteBuf flushed = Bytes.of("late");
        ByteBuf sent = Bytes.of("late");

        assertThatThrownBy(() -> call(() -> server().write(written)))
                .isInstanceOf(ChannelOutputShutdownException.class).hasMessageContaining("shut down before");
        assertThatThrownBy(() -> call(() -> server().writeAndFlush(flushed)))
                .isInstanceOf(ChannelOutputShutdownException.class);
        assertThatThrownBy(() -> call(() -> server().send(sent))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> call(server()::writable)).isInstanceOf(ClosedChannelException.class);
        assertThat(written.refCnt()).isZero();
        assertThat(flushed.refCnt()).isZero();
        assertThat(sent.refCnt()).isZero();
    }

    @Test
    void writable_whenSomebodyElseShutsTheOutputDown_fails() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        Call<Void> write = start(() -> server().writeAndFlush(Bytes.of(Bytes.pattern(4 * LARGE))))
                .awaitWaiting();
        loopback.awaitServerLoop();
        loopback.awaitServerLoop();
        Call<Void> room = start(server()::writable).awaitWaiting();

        ((DuplexChannel) server().channel()).shutdownOutput();

        assertThat(room.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(write.failure()).isInstanceOf(ChannelOutputShutdownException.class);
    }

    @Test
    void shutdownOutput_whenThePeerResetsBeforeEverythingHasLeft_fails() throws Throwable {
        requires(Trait.STALL);
        requires(Trait.RESET);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        Call<Void> write = start(() -> server().writeAndFlush(Bytes.of(Bytes.pattern(4 * LARGE))))
                .awaitWaiting();
        Call<Void> shutdown = start(server()::shutdownOutput).awaitWaiting();
        loopback.awaitServerLoop();

        loopback.reset();

        assertThat(write.failure()).isInstanceOf(IOException.class);
        assertThat(shutdown.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shutdownOutput_afterClose_fails() throws Throwable {
        requires(Trait.HALVES);
        connectPeer();
        server().close();
        call(server()::closed);

        assertThatThrownBy(() -> call(server()::shutdownOutput)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shutdownOutput_whereThereIsNoHalf_isRefusedAndWritesGoOn() throws Exception {
        ValueTaskHandler<String, String> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(handler);

        ValueTask<Void> shutdown = handler.channel().shutdownOutput();
        ValueTask<Void> write = handler.channel().writeAndFlush("still");
        embedded.runPendingTasks();

        assertThatThrownBy(shutdown::result).isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("close it");
        assertThat(write.result()).isNull();
        assertThat(embedded.<String>readOutbound()).isEqualTo("still");
        embedded.finishAndReleaseAll();
    }

    /** The answer comes after the end of the question, over TLS too. */
    @Test
    void shutdownOutput_overTls_endsOneDirectionOnly() throws Throwable {
        requires(Trait.HALVES);
        Tls tls = Tls.shared();
        ValueTaskChannel<ByteBuf, ByteBuf> client = newLoopback().serverPipeline(tls::server)
                .clientPipeline(tls::client).connect().client();
        byte[] large = Bytes.pattern(LARGE);
        BackgroundCall<byte[]> answer = BackgroundCall.start(VIRTUAL, () -> {
            byte[] question = Streams.readAll(client);
            Streams.write(client, question);
            client.shutdownOutput().await();
            return question;
        });

        call(() -> server().writeAndFlush(Bytes.of(large)));
        call(server()::shutdownOutput);

        assertThat(BackgroundCall.start(VIRTUAL, () -> Streams.readAll(server())).result()).isEqualTo(large);
        assertThat(answer.result()).isEqualTo(large);
        assertThat(client.channel().pipeline().get(SslHandler.class).sslCloseFuture().isSuccess())
                .as("close_notify came before the end of the connection's half").isTrue();
    }
}
