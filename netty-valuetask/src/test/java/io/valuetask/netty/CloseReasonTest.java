package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What ends a channel, and what is told of it; nobody reads, unless said. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class CloseReasonTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final CloseReason LOCAL = new CloseReason.Local();
    private static final CloseReason REMOTE = new CloseReason.Remote();

    /** Does something to its context when it reads, and passes nothing on. */
    private static final class Acting extends ChannelInboundHandlerAdapter {
        private final Consumer<ChannelHandlerContext> act;

        Acting(Consumer<ChannelHandlerContext> act) {
            this.act = act;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            act.accept(ctx);
        }
    }

    @Parameter
    Transport transport;
    private Loopback loopback;
    private final EventExecutorGroup executors = new DefaultEventExecutorGroup(1);

    private Loopback newLoopback() {
        loopback = Loopback.on(transport);
        return loopback;
    }

    @AfterEach
    void closeLoopback() {
        if (loopback != null) {
            loopback.close();
        }
        executors.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private CloseReason reason() throws Exception {
        return loopback.server().closed().await(LIMIT);
    }

    private void assertStillOpen() throws Exception {
        loopback.awaitServerLoop();
        ValueTask<CloseReason> closed = loopback.server().closed();
        assertThat(closed.isCompleted()).isFalse();
        assertThat(loopback.server().channel().isOpen()).isTrue();
    }

    @Test
    void closed_whenThePeerFinishesFirst_tellsRemote() throws Exception {
        newLoopback().connectSocket();
        loopback.socket().shutdownOutput();
        assertThat(loopback.server().read().await()).isNull();
        assertStillOpen();

        loopback.server().close();

        assertThat(reason()).isEqualTo(REMOTE);
    }

    @Test
    void closed_whenThePeerFinishesAndNobodyReads_tellsRemoteToo() throws Exception {
        CountDownLatch finished = new CountDownLatch(1);
        newLoopback().serverPipeline(
                channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        ctx.fireUserEventTriggered(event);
                        if (event instanceof ChannelInputShutdownEvent) {
                            finished.countDown();
                        }
                    }
                })).connectSocket();
        loopback.socket().shutdownOutput();
        assertThat(finished.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertStillOpen();

        loopback.server().close();

        assertThat(reason()).isEqualTo(REMOTE);
    }

    @Test
    void closed_whenThePeerFinishesAndThereIsNoHalfClosure_tellsRemoteByItself() throws Exception {
        newLoopback().options(ValueTaskChannelOptions.DEFAULTS.halfClosure(false)).connectSocket();
        loopback.send("last");
        loopback.socket().shutdownOutput();

        assertThat(reason()).isEqualTo(REMOTE);
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("last");
        assertThat(loopback.server().read().await()).isNull();
        assertThatThrownBy(() -> loopback.server().writeAndFlush(Bytes.of("late")).await())
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void closed_whenThePeerResets_tellsTheFailure() throws Exception {
        newLoopback().connectSocket();
        loopback.reset();

        assertThat(reason()).isInstanceOfSatisfying(CloseReason.Failed.class,
                failed -> assertThat(failed.cause()).isInstanceOf(IOException.class)
                        .isNotInstanceOf(ClosedChannelException.class));
        assertReadsFail();
    }

    /** What the page of the package says: no transport looks at the socket any more, and the first reason stays. */
    @Test
    void closed_whenThePeerResetsBehindItsFin_isToldByTheNextWrite() throws Exception {
        newLoopback().connectSocket();
        loopback.socket().shutdownOutput();
        assertThat(loopback.server().read().await(LIMIT)).isNull();

        loopback.reset();

        assertThatThrownBy(() -> loopback.server().closed().await(Duration.ofMillis(50)))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> loopback.server().writeAndFlush(Bytes.of("x")).await(LIMIT))
                .isInstanceOf(IOException.class);
        assertThat(reason()).isEqualTo(REMOTE);
    }

    /** This too: who looks for room looks at the socket. */
    @Test
    void closed_whenThePeerResetsBehindItsFinAmidAWrite_isTold() throws Exception {
        newLoopback().smallBuffers().connectSocket();
        loopback.socket().shutdownOutput();
        assertThat(loopback.server().read().await(LIMIT)).isNull();
        ValueTask<Void> stalled = loopback.server().writeAndFlush(Bytes.of(Bytes.pattern(8 << 20)));
        loopback.awaitServerLoop();

        loopback.reset();

        assertThatThrownBy(() -> stalled.await(LIMIT)).isInstanceOf(IOException.class);
        assertThat(reason()).isEqualTo(REMOTE);
    }

    /** What the Javadoc of closed() says about NIO. */
    @Test
    void closed_whenThePeerResetsAndMuchWaitsToBeRead_isToldExceptByNio() throws Exception {
        newLoopback().options(ValueTaskChannelOptions.DEFAULTS.inboundBounds(2, 1024))
                .serverPipeline(channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(1)))
                .connectSocket();
        loopback.send("abcd");
        loopback.awaitServerLoop();
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("a");
        loopback.reset();

        if (transport != Transport.NIO) {
            assertThat(reason()).isInstanceOf(CloseReason.Failed.class);
        } else {
            assertThatThrownBy(() -> loopback.server().closed().await(Duration.ofMillis(50)))
                    .isInstanceOf(TimeoutException.class);
            for (String rest : new String[]{"b", "c", "d"}) {
                assertThat(Bytes.text(loopback.server().read().await())).isEqualTo(rest);
            }
            assertThat(reason()).isInstanceOf(CloseReason.Failed.class);
        }
    }

    /** This too. */
    @Test
    void closed_whenThePeerResetsAndNothingIsReadAhead_isToldExceptByNio() throws Exception {
        newLoopback().options(ValueTaskChannelOptions.DEFAULTS.readAhead(false)).connectSocket();
        loopback.reset();

        if (transport == Transport.NIO) {
            assertThatThrownBy(() -> loopback.server().closed().await(Duration.ofMillis(50)))
                    .isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> loopback.server().read().await()).isInstanceOf(IOException.class);
        }
        assertThat(reason()).isInstanceOf(CloseReason.Failed.class);
    }

    /** Repeated, since on io_uring the kernel's own threads decide whether the write or the end of the input is told first. */
    @RepeatedTest(20)
    void closed_whenAWriteFindsThatThePeerIsGone_tellsItsFailure() throws Exception {
        newLoopback().smallBuffers().options(ValueTaskChannelOptions.DEFAULTS.readAhead(false))
                .connectSocket();
        ValueTask<Void> write = loopback.server().writeAndFlush(Bytes.of(Bytes.pattern(4 * 1024 * 1024)));
        ValueTask<Void> behind = loopback.server().write(Bytes.of("behind"));
        loopback.awaitServerLoop();
        loopback.reset();

        assertThatThrownBy(() -> write.await(LIMIT)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> behind.await(LIMIT)).isInstanceOf(IOException.class);
        assertToldByWrite();
    }

    /** The kernel tells a reset once, and here to the write. */
    private void assertToldByWrite() throws Exception {
        assertThat(reason()).isInstanceOfSatisfying(CloseReason.Failed.class,
                failed -> assertThat(failed.cause()).isInstanceOf(IOException.class)
                        .isNotInstanceOf(ClosedChannelException.class));
        assertReadsFail();
    }

    /** The stream has not come to its end: who reads must not take what there is for the whole. */
    private void assertReadsFail() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> loopback.server().read().await(LIMIT)).isInstanceOf(IOException.class)
                    .isNotInstanceOf(ClosedChannelException.class);
        }
    }

    /** As SslHandler's session tickets do. Nobody reads the reset any more then. */
    @Test
    void closed_whenAWriteOfAnotherHandlerFindsThatThePeerIsGone_tellsItsFailure() throws Exception {
        newLoopback().connectSocket();
        ChannelPipeline pipeline = loopback.server().channel().pipeline();
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            pipeline.channel().eventLoop()
                    .execute(() -> pipeline.firstContext().writeAndFlush(Bytes.of("x")));
            loopback.reset();
        }

        assertToldByWrite();
    }

    @Test
    void closed_whenClosedHere_tellsLocal() throws Exception {
        newLoopback().connectSocket();
        ValueTask<CloseReason> before = loopback.server().closed();

        loopback.server().close();
        loopback.server().close();

        assertThat(before.await(LIMIT)).isEqualTo(LOCAL);
        assertThat(reason()).isEqualTo(LOCAL);
        assertThatThrownBy(loopback.server().read()::await).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void closed_whenTheBlockOfTheChannelEnds_tellsLocal() throws Exception {
        newLoopback().connectSocket();

        try (ValueTaskChannel<?, ?> channel = loopback.server()) {
            assertThat(channel.channel().isActive()).isTrue();
        }

        assertThat(reason()).isEqualTo(LOCAL);
    }

    @Test
    void closed_whenNettysChannelIsClosed_tellsLocal() throws Exception {
        newLoopback().connectSocket();
        loopback.server().channel().close();

        assertThat(reason()).isEqualTo(LOCAL);
    }

    @Test
    void closed_whenAHandlerClosesFromItsPlace_tellsLocal() throws Exception {
        newLoopback()
                .serverPipeline(
                        channel -> channel.pipeline().addLast(new Acting(ChannelHandlerContext::close)))
                .connectSocket();
        loopback.send("x");

        assertThat(reason()).isEqualTo(LOCAL);
    }

    @Test
    void closed_whenAHandlerReportsAnExceptionAndCloses_tellsTheException() throws Exception {
        DecoderException exception = new DecoderException("planted");
        newLoopback().serverPipeline(channel -> channel.pipeline().addLast(new Acting(ctx -> {
            ctx.fireExceptionCaught(exception);
            ctx.close();
        }))).connectSocket();
        loopback.send("x");

        assertThat(reason()).isEqualTo(new CloseReason.Failed(exception));
        assertThatThrownBy(loopback.server().read()::await).isSameAs(exception);
    }

    @Test
    void closed_whenAnExceptionWasReportedAndTheChannelWentOn_doesNotTellIt() throws Exception {
        newLoopback().serverPipeline(channel -> channel.pipeline()
                .addLast(new Acting(ctx -> ctx.fireExceptionCaught(new IOException("planted")))))
                .connectSocket();
        loopback.send("x");
        assertThatThrownBy(loopback.server().read()::await).hasMessage("planted");
        assertStillOpen();

        loopback.socket().shutdownOutput();
        assertThat(loopback.server().read().await()).isNull();
        loopback.server().close();

        assertThat(reason()).isEqualTo(REMOTE);
    }

    /** Not amid a batch of reads: nothing but the time that has passed tells that it is not why the stream ends. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void read_whenThePeerFinishesAfterAnIOExceptionOfSomethingElse_isTheEnd(boolean ownExecutor)
            throws Exception {
        if (ownExecutor) {
            newLoopback().handlerExecutor(executors).connectSocket();
        } else {
            newLoopback().connectSocket();
        }
        loopback.onServerLoop(() -> loopback.server().channel().pipeline()
                .fireExceptionCaught(new IOException("planted")));
        assertThatThrownBy(() -> loopback.server().read().await(LIMIT)).hasMessage("planted");
        settle();

        loopback.socket().shutdownOutput();

        assertThat(loopback.server().read().await(LIMIT)).isNull();
        loopback.server().writeAndFlush(Bytes.of("answer")).await(LIMIT);
        assertThat(new String(loopback.receive(6))).isEqualTo("answer");
        loopback.server().close();
        assertThat(reason()).isEqualTo(REMOTE);
    }

    @Test
    void closed_whenNettysChannelIsClosedAfterAnExceptionOfSomethingElse_tellsLocal() throws Exception {
        newLoopback().connectSocket();
        loopback.onServerLoop(() -> loopback.server().channel().pipeline()
                .fireExceptionCaught(new IllegalStateException("planted")));
        settle();

        loopback.server().channel().close();

        assertThat(reason()).isEqualTo(LOCAL);
    }

    /** The reset and the end of the input are two tasks of that executor. */
    @RepeatedTest(20)
    void closed_whenThePeerResetsAndTheHandlerHasAnExecutorOfItsOwn_tellsTheFailure() throws Exception {
        newLoopback().handlerExecutor(executors).connectSocket();

        loopback.reset();

        assertThat(reason()).isInstanceOf(CloseReason.Failed.class);
        assertReadsFail();
    }

    /** What was reported has gone to the handler's executor, and both have done what followed from it. */
    private void settle() throws Exception {
        for (int i = 0; i < 3; i++) {
            loopback.awaitServerLoop();
            executors.next().submit(() -> {}).sync();
        }
    }

    @Test
    void closed_whenAWriteFailedAndTheChannelWentOn_doesNotTellIt() throws Exception {
        newLoopback().serverPipeline(channel -> channel.pipeline().addLast(new FallibleHandler()))
                .connectSocket();
        assertThatThrownBy(() -> loopback.server().writeAndFlush(Bytes.of("!")).await())
                .isInstanceOf(IOException.class);
        assertStillOpen();

        loopback.server().close();

        assertThat(reason()).isEqualTo(LOCAL);
    }

    @Test
    void closed_whenTheHandlerWasRemoved_isToldWhenTheChannelCloses() throws Exception {
        newLoopback().connectSocket();
        ValueTask<CloseReason> closed = loopback.server().closed();
        loopback.server().channel().pipeline().remove(ValueTaskHandler.class);
        assertStillOpen();
        assertThat(closed.isCompleted()).isFalse();

        loopback.socket().close(); // AUTO_READ is as before, so that this is seen

        assertThat(closed.await(LIMIT)).isEqualTo(LOCAL);
        assertThat(reason()).isEqualTo(LOCAL);
    }

    @Test
    void closed_whenTheLoopEnds_tellsLocal() throws Exception {
        newLoopback().connectSocket();
        ValueTask<CloseReason> closed = loopback.server().closed();
        var loop = loopback.server().channel().eventLoop();

        loop.parent().shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);

        assertThat(closed.await(LIMIT)).isEqualTo(LOCAL);
        assertThat(loop.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(reason()).isEqualTo(LOCAL);
    }

    /** Whoever reads must not take the stream for complete. */
    @Test
    void closed_whenTheLoopEndsAndThereIsNoHalfClosure_tellsLocalToo() throws Exception {
        newLoopback().options(ValueTaskChannelOptions.DEFAULTS.halfClosure(false)).connectSocket();
        ValueTask<CloseReason> closed = loopback.server().closed();
        var loop = loopback.server().channel().eventLoop();

        loop.parent().shutdownGracefully(50, Call.LIMIT_SECONDS * 1000, TimeUnit.MILLISECONDS);

        assertThat(closed.await(LIMIT)).isEqualTo(LOCAL);
        assertThatThrownBy(() -> loopback.server().read().await()).isInstanceOf(ClosedChannelException.class);
        assertThat(loop.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closed_whenTlsOfThePeerEnds_tellsRemote() throws Exception {
        Tls tls = Tls.shared();
        newLoopback().serverPipeline(tls::server).clientPipeline(tls::client).connect();
        loopback.client().writeAndFlush(Bytes.of("x")).await();
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("x");

        loopback.client().close();
        assertThat(loopback.server().read().await()).isNull();
        loopback.server().close();

        assertThat(reason()).isEqualTo(REMOTE);
    }
}
