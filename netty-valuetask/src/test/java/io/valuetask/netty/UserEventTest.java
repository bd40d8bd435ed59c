package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.netty.Medium.Trait;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What handlers say to those behind them, told to whoever awaits it. */
class UserEventTest extends ValueTaskChannelContract {
    private Loopback loopback;

    private void connect() throws Exception {
        requires(Trait.LOOP);
        loopback = newLoopback().connectPeer();
    }

    private ChannelPipeline pipeline() {
        return server().channel().pipeline();
    }

    private void fire(Object event) throws InterruptedException {
        pipeline().channel().eventLoop().execute(() -> pipeline().fireUserEventTriggered(event));
        loopback.awaitServerLoop();
    }

    private Object nextEvent() throws Throwable {
        return call(server()::readEvent);
    }

    @Test
    void readEvent_whenOneComes_completesWithIt() throws Throwable {
        connect();
        Call<Object> event = start(server()::readEvent).awaitWaiting();

        fire("one");

        assertThat(event.result()).isEqualTo("one");
    }

    @Test
    void readEvent_whenSomeCameBefore_answersThemInTheirOrder() throws Throwable {
        connect();
        fire("one");
        fire("two");

        assertThat(nextEvent()).isEqualTo("one");
        assertThat(nextEvent()).isEqualTo("two");
    }

    @Test
    void readEvent_whenNobodyReadThem_answersTheFirstSixteen() throws Throwable {
        connect();
        for (int i = 0; i < 20; i++) {
            fire(i);
        }

        assertThat(server().toString()).contains("events=16, dropped=4");
        for (int i = 0; i < UserEvents.MOST; i++) {
            assertThat(nextEvent()).isEqualTo(i);
        }
        Call<Object> next = start(server()::readEvent).awaitWaiting();
        fire(20);
        assertThat(next.result()).isEqualTo(20);
    }

    @Test
    void readEvent_besideAPendingRead_affectsItNot() throws Throwable {
        connect();
        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        Call<Object> event = start(server()::readEvent).awaitWaiting();

        fire("event");
        loopback.send("x");

        assertThat(event.result()).isEqualTo("event");
        assertThat(Bytes.text(read.result())).isEqualTo("x");
    }

    @Test
    void readEvent_whileAnotherWaits_isRefusedAndThatGoesOn() throws Throwable {
        connect();
        Call<Object> first = start(server()::readEvent).awaitWaiting();

        assertThatThrownBy(this::nextEvent).isInstanceOf(ValueTaskMisuseException.class);

        fire("one");
        assertThat(first.result()).isEqualTo("one");
    }

    @Test
    void readEvent_whenCancelled_losesNoEvent() throws Throwable {
        connect();
        CancellationTokenSource stop = new CancellationTokenSource();
        Call<Object> event = start(() -> server().readEvent(stop.token())).awaitWaiting();

        stop.cancel();
        assertThat(event.failure()).isInstanceOf(CancellationException.class);
        assertThat(server().readEvent(stop.token()).isCanceled()).isTrue();
        fire("one");

        assertThat(nextEvent()).isEqualTo("one");
    }

    @Test
    void readEvent_ofAMessage_belongsToTheReader() throws Throwable {
        connect();
        ByteBuf event = Bytes.of("event");

        fire(event); // the pipeline's tail releases it
        assertThat(event.refCnt()).isEqualTo(1);

        assertThat(nextEvent()).isSameAs(event);
        event.release();
    }

    @Test
    void close_whenEventsWait_releasesThemAndFailsTheirReads() throws Throwable {
        connect();
        ByteBuf event = Bytes.of("event");
        fire(event);

        server().close();
        call(server()::closed);

        assertThat(event.refCnt()).isZero();
        assertThatThrownBy(this::nextEvent).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void close_whenAReadOfAnEventWaits_failsIt() throws Throwable {
        connect();
        Call<Object> event = start(server()::readEvent).awaitWaiting();

        server().close();

        assertThat(event.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void removal_whenAReadOfAnEventWaits_failsIt() throws Throwable {
        connect();
        Call<Object> event = start(server()::readEvent).awaitWaiting();

        pipeline().remove(ValueTaskHandler.class);

        assertThat(event.failure()).isInstanceOf(IOException.class).hasMessageContaining("removed");
    }

    @Test
    void readEvent_whenThePeerHasFinished_goesOn() throws Throwable {
        requires(Trait.HALVES);
        connect();
        Call<Object> event = start(server()::readEvent).awaitWaiting();
        loopback.peer().finish();
        assertThat(read()).isNull();

        fire("still");

        assertThat(event.result()).isEqualTo("still");
    }

    @Test
    void readEvent_whenTheChannelIsIdle_tellsSo() throws Throwable {
        requires(Trait.LOOP);
        newLoopback().serverPipeline(channel -> channel.pipeline()
                .addLast(new IdleStateHandler(50, 0, 0, TimeUnit.MILLISECONDS))).connectPeer();

        assertThat(nextEvent()).isInstanceOfSatisfying(IdleStateEvent.class,
                idle -> assertThat(idle.state()).isEqualTo(IdleState.READER_IDLE));
    }

    @Test
    void readEvent_whenTheTlsHandshakeIsComplete_tellsSoHoweverLateItIsAsked() throws Throwable {
        requires(Trait.HALVES);
        newLoopback().serverPipeline(Tls.shared()::server).clientPipeline(Tls.shared()::client).connect();

        assertThat(nextEvent()).isEqualTo(SslHandshakeCompletionEvent.SUCCESS);
    }

    @Test
    void result_ofAnEventThatIsDiscarded_isReleased() throws Throwable {
        connect();
        ByteBuf event = Bytes.of("event");
        ValueTask<Object> read = server().readEvent();

        fire(event);
        read.discard();

        assertThat(event.refCnt()).isZero();
    }
}
