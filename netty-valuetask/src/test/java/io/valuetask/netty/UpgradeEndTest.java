package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The end of a connection on which one protocol has followed another, whose writes have not all left. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class UpgradeEndTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int LARGE = 4 * 1024 * 1024;

    @Parameter
    Transport transport;
    private final EventExecutorGroup executor = new DefaultEventExecutorGroup(1);
    private Loopback loopback;

    @AfterEach
    void close() throws Exception {
        if (loopback != null) {
            loopback.close();
        }
        executor.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    private Loopback stalling() {
        loopback = Loopback.on(transport).smallBuffers();
        return loopback;
    }

    private static ValueTask<Void> writeMuch(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        return channel.writeAndFlush(Bytes.of(Bytes.pattern(LARGE)));
    }

    private static ValueTaskChannel<ByteBuf, ByteBuf> upgrade(ValueTaskChannel<ByteBuf, ByteBuf> channel)
            throws Exception {
        return channel.<ByteBuf, ByteBuf>upgrade(pipeline -> {}).await(LIMIT);
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> upgradedAmidAWrite() throws Exception {
        writeMuch(stalling().connectSocket().server());
        return upgrade(loopback.server());
    }

    private void assertAllArrives() throws IOException {
        assertThat(loopback.receive(LARGE)).isEqualTo(Bytes.pattern(LARGE));
    }

    // What was accepted before arrives

    @Test
    void close_ofTheNewChannel_letsOutTheWritesOfTheOldOne() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgradedAmidAWrite();

        next.close();

        assertAllArrives();
        assertThat(next.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void close_ofTheOldChannel_letsOutItsWrites() throws Exception {
        upgradedAmidAWrite();

        loopback.server().close();

        assertAllArrives();
        assertThat(loopback.server().closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void end_ofAServedBodyThatUpgraded_letsOutItsWrites() throws Exception {
        ChannelHandler serving = ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(channel -> {
            writeMuch(channel);
            upgrade(channel);
        });
        try (var listening = new Listening(); var socket = new Socket()) {
            var server = listening.bootstrap(transport).childHandler(serving).bind(Listening.anyPort())
                    .sync();
            socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
            socket.connect(server.channel().localAddress());

            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(Bytes.pattern(LARGE));
        }
    }

    @Test
    void shutdownOutput_ofTheNewChannel_letsOutTheWritesOfTheOldOne() throws Exception {
        ValueTask<Void> shutdown = upgradedAmidAWrite().shutdownOutput();

        assertAllArrives();
        assertThat(shutdown.await(LIMIT)).isNull();
    }

    @Test
    void flush_ofTheNewChannel_waitsForTheWritesOfTheOldOne() throws Exception {
        ValueTask<Void> flush = upgradedAmidAWrite().flush();
        loopback.settleServerLoop();
        assertThat(flush.isCompleted()).isFalse();

        assertAllArrives();
        assertThat(flush.await(LIMIT)).isNull();
    }

    @Test
    void close_afterSeveralUpgrades_letsOutTheWritesOfAll() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> second = upgradedAmidAWrite();
        second.writeAndFlush(Bytes.of("second "));
        ValueTaskChannel<ByteBuf, ByteBuf> third = upgrade(second);
        ValueTaskChannel<ByteBuf, ByteBuf> fourth = upgrade(third);
        fourth.writeAndFlush(Bytes.of("fourth"));

        loopback.server().close();

        assertAllArrives();
        assertThat(loopback.peer().receiveAll()).isEqualTo("second fourth".getBytes());
        assertThat(third.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void close_whereTheHandlersHaveAnExecutor_letsOutTheWritesOfTheOldOne() throws Exception {
        writeMuch(stalling().handlerExecutor(executor).connectSocket().server());

        upgrade(loopback.server()).close();

        assertAllArrives();
    }

    @Test
    void shutdownOutput_whereTheHandlersHaveAnExecutor_letsOutTheWritesOfTheOldOne() throws Exception {
        writeMuch(stalling().handlerExecutor(executor).connectSocket().server());

        ValueTask<Void> shutdown = upgrade(loopback.server()).shutdownOutput();

        assertAllArrives();
        assertThat(shutdown.await(LIMIT)).isNull();
    }

    /** The executors of both, of the first one, of the second one, or of none. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    @SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
    void close_ofAHandlerThatHandOverAdds_letsOutTheWritesOfTheOldOne(int elsewhere) throws Exception {
        writeMuch(
                stalling().handlerExecutor((elsewhere & 1) == 0 ? null : executor).connectSocket().server());
        ValueTaskHandler<ByteBuf, ByteBuf> next = new ValueTaskHandler<>();

        assertThat(loopback.server().handOver(
                pipeline -> pipeline.addLast((elsewhere & 2) == 0 ? null : executor.next(), next))
                .await(LIMIT))
                .isNull();
        awaitAdded(next);
        next.channel().close();

        assertAllArrives();
        assertThat(next.channel().closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    private void awaitAdded(ValueTaskHandler<?, ?> handler) throws Exception {
        executor.submit(() -> {}).sync(); // behind what adds it there
        loopback.awaitServerLoop();
        assertThat(handler.executor()).isNotNull();
    }

    // What does not leave holds up nobody for ever

    @Test
    void close_ofTheNewChannel_whenThePeerNeverReads_closesAtTheDeadline() throws Exception {
        ValueTask<Void> write = writeMuch(
                stalling().closeDeadline(Duration.ofMillis(50)).connectSocket().server());
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgrade(loopback.server());
        ValueTask<Void> flush = next.flush();

        next.close();

        assertThat(next.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThat(loopback.server().closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThatThrownBy(() -> write.await(LIMIT)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(IOException.class);
    }

    @Test
    void reset_whileTheNewChannelWaitsForTheOldOne_failsAllThatWaits() throws Exception {
        ValueTask<Void> write = writeMuch(stalling().connectSocket().server());
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgrade(loopback.server());
        ValueTask<ByteBuf> read = next.read();
        ValueTask<Void> flush = next.flush();
        ValueTask<Void> shutdown = next.shutdownOutput();

        loopback.reset();

        assertThatThrownBy(() -> write.await(LIMIT)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> shutdown.await(LIMIT)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read.await(LIMIT)).isInstanceOf(IOException.class);
        assertThat(next.closed().await(LIMIT)).isInstanceOf(CloseReason.Failed.class);
        assertThat(loopback.server().closed().await(LIMIT)).isInstanceOf(CloseReason.Failed.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void close_ofTheNettyChannel_whileTheNewOneWaits_failsAllThatWaits(boolean elsewhere) throws Exception {
        writeMuch(stalling().handlerExecutor(elsewhere ? executor : null).connectSocket().server());
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgrade(loopback.server());
        ValueTask<Void> flush = next.flush();
        ValueTask<Void> shutdown = next.shutdownOutput();
        loopback.awaitServerLoop();

        next.channel().close().sync();

        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> shutdown.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(next.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void end_ofTheLoop_whileTheNewChannelWaits_failsWhatWaits() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgradedAmidAWrite();
        ValueTask<Void> flush = next.flush();
        next.close();

        loopback.endLoops();

        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(IOException.class);
        assertThat(next.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    @Test
    void removal_ofTheNewHandler_failsTheFlushThatWaits_andTheOldWritesLeave() throws Exception {
        ValueTask<Void> write = writeMuch(stalling().connectSocket().server());
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgrade(loopback.server());
        ValueTask<Void> flush = next.flush();
        loopback.awaitServerLoop();

        loopback.onServerLoop(() -> next.channel().pipeline().removeLast());

        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(IOException.class)
                .hasMessageContaining("removed");
        assertAllArrives();
        assertThat(write.await(LIMIT)).isNull();
        next.channel().close().sync();
    }

    @Test
    void removal_ofTheOldHandler_failsTheFlushOfTheNewOneAndNotTheNext() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgradedAmidAWrite();
        ValueTask<Void> flush = next.flush();
        loopback.awaitServerLoop();

        loopback.onServerLoop(() -> next.channel().pipeline().remove(ValueTaskHandler.class)); // the first one

        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(IOException.class)
                .hasMessageContaining("removed");
        assertThat(next.flush().await(LIMIT)).isNull();
        assertAllArrives();
        next.writeAndFlush(Bytes.of("x")).await(LIMIT);
        assertThat(loopback.receive(1)).isEqualTo("x".getBytes());
    }

    // Where a handler, and not the peer, holds up what was written

    /** On the event loop. */
    private static final class HeldWrites extends ChannelOutboundHandlerAdapter {
        private final ArrayDeque<ChannelPromise> held = new ArrayDeque<>();
        private boolean holds = true;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
                throws Exception {
            if (holds) {
                ((ByteBuf) message).release();
                held.add(promise);
            } else {
                ctx.write(message, promise);
            }
        }

        void letGo() {
            holds = false;
        }

        void succeed() {
            held.remove().setSuccess();
        }

        void fail(Throwable cause) {
            held.remove().setFailure(cause);
        }
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> upgradedBehind(HeldWrites held, int writes) throws Exception {
        loopback = Loopback.on(transport).serverPipeline(channel -> channel.pipeline().addLast(held))
                .connectSocket();
        for (int i = 0; i < writes; i++) {
            loopback.server().writeAndFlush(Bytes.of("held"));
        }
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgrade(loopback.server());
        loopback.onServerLoop(held::letGo);
        return next;
    }

    @Test
    void flush_whenAWriteOfTheOldChannelFails_failsAndTheNextOneDoesNot() throws Exception {
        HeldWrites held = new HeldWrites();
        IOException planted = new IOException("planted");
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgradedBehind(held, 2);
        ValueTask<Void> flush = next.flush();
        ValueTask<Void> second = next.flush();
        loopback.onServerLoop(() -> held.fail(planted));
        loopback.settleServerLoop();
        assertThat(flush.isCompleted()).isFalse();

        loopback.onServerLoop(held::succeed);

        assertThatThrownBy(() -> flush.await(LIMIT)).isSameAs(planted);
        assertThat(second.await(LIMIT)).isNull();
        assertThat(next.flush().await(LIMIT)).isNull();
    }

    @Test
    void flush_afterSeveralUpgrades_isToldOfAWriteOfTheFirstThatFails() throws Exception {
        HeldWrites held = new HeldWrites();
        IOException planted = new IOException("planted");
        ValueTaskChannel<ByteBuf, ByteBuf> third = upgrade(upgradedBehind(held, 1));
        ValueTask<Void> flush = third.flush();

        loopback.onServerLoop(() -> held.fail(planted));

        assertThatThrownBy(() -> flush.await(LIMIT)).isSameAs(planted);
        loopback.settleServerLoop();
        assertThat(third.channel().pipeline().get(ValueTaskHandler.class).channel()).isSameAs(third);
    }

    @Test
    void flush_whenTheChannelMovesBeforeTheOldWriteIsDone_waitsForItThere() throws Exception {
        HeldWrites held = new HeldWrites();
        ValueTaskChannel<ByteBuf, ByteBuf> next = upgradedBehind(held, 1);
        ValueTask<Void> flush = next.flush();
        EventLoopGroup other = transport.newGroup(1);
        try {
            next.channel().deregister().sync();
            other.register(next.channel()).sync();
            loopback.settleServerLoop();
            assertThat(flush.isCompleted()).isFalse();

            loopback.onServerLoop(held::succeed);

            assertThat(flush.await(LIMIT)).isNull();
            next.close();
            assertThat(next.closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
        } finally {
            other.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    /** Nobody has upgraded: one stands behind the other, and what follows waits for what was there before it came. */
    @Test
    void flush_ofAHandlerThatWasAddedBehindAnother_waitsForWhatThatHadAccepted() throws Exception {
        HeldWrites held = new HeldWrites();
        loopback = Loopback.on(transport).serverPipeline(channel -> channel.pipeline().addLast(held))
                .connectSocket();
        ValueTaskChannel<ByteBuf, ByteBuf> first = loopback.server();
        ValueTask<Void> before = first.writeAndFlush(Bytes.of("held"));
        ValueTaskHandler<ByteBuf, ByteBuf> added = new ValueTaskHandler<>();
        loopback.onServerLoop(() -> first.channel().pipeline().addLast(added));
        ValueTask<Void> flush = added.channel().flush();
        ValueTask<Void> after = first.writeAndFlush(Bytes.of("held, too"));
        loopback.settleServerLoop();
        assertThat(flush.isCompleted()).isFalse();

        loopback.onServerLoop(held::succeed);

        assertThat(flush.await(LIMIT)).isNull();
        assertThat(before.await(LIMIT)).isNull();
        assertThat(after.isCompleted()).isFalse();
        loopback.onServerLoop(() -> held.fail(new IOException("planted")));
        assertThatThrownBy(() -> after.await(LIMIT)).hasMessage("planted");
        assertThat(added.channel().flush().await(LIMIT)).isNull();
    }
}
