package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.valuetask.ValueTask;
import io.valuetask.netty.Transport.Habit;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A channel that is registered with another event loop while operations are on their way to the first one. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class MovedChannelTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);

    @Parameter
    Transport transport;
    private Loopback loopback;
    private EventLoopGroup other;

    @BeforeEach
    void connect() throws Exception {
        loopback = Loopback.on(transport).connectSocket();
        other = transport.newGroup(1);
    }

    @AfterEach
    void close() throws Exception {
        loopback.close();
        other.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stop) {
            throw new AssertionError(stop);
        }
    }

    /** Netty tells the pipeline nothing of this. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void close_whenTheChannelIsRegisteredNowhere_endsWhatIsPending(boolean ours) throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
        ValueTask<CloseReason> closed = server.closed();
        ValueTask<ByteBuf> read = server.read();
        server.channel().deregister().sync();

        if (ours) {
            server.close();
        } else {
            server.channel().close();
        }

        assertThat(closed.await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThatThrownBy(() -> read.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
    }

    /** The first write is still among the tasks of the first loop when the second is made. */
    @Test
    void writes_whenTheChannelMovesBetweenThem_keepTheirOrder() throws Exception {
        Channel channel = loopback.server().channel();
        CountDownLatch leaving = new CountDownLatch(1);
        CountDownLatch firstPosted = new CountDownLatch(1);
        CountDownLatch moved = new CountDownLatch(1);
        CountDownLatch secondPosted = new CountDownLatch(1);
        channel.eventLoop().execute(() -> {
            channel.deregister().addListener(left -> {
                other.register(channel).addListener(registered -> moved.countDown());
                await(secondPosted);
            });
            leaving.countDown();
            await(firstPosted);
        });

        await(leaving);
        ValueTask<Void> first = loopback.server().writeAndFlush(Bytes.of("first "));
        firstPosted.countDown();
        await(moved);
        ValueTask<Void> second = loopback.server().writeAndFlush(Bytes.of("second"));
        channel.eventLoop().submit(() -> {}).sync();
        secondPosted.countDown();

        assertThat(new String(loopback.receive("first second".length()))).isEqualTo("first second");
        assertThat(first.await()).isNull();
        assertThat(second.await()).isNull();
    }

    /** Who was another thread for the first write is the channel's own for the second. */
    @Test
    void writes_ofTheLoopThatTheChannelMovesToBetweenThem_keepTheirOrder() throws Exception {
        Channel channel = loopback.server().channel();
        CountDownLatch leaving = new CountDownLatch(1);
        CountDownLatch firstPosted = new CountDownLatch(1);
        CountDownLatch moved = new CountDownLatch(1);
        CountDownLatch secondMade = new CountDownLatch(1);
        channel.eventLoop().execute(() -> {
            channel.deregister().addListener(left -> {
                other.register(channel).addListener(registered -> moved.countDown());
                await(secondMade);
            });
            leaving.countDown();
            await(firstPosted);
        });

        await(leaving);
        ValueTask<Void> first = other.next()
                .submit(() -> loopback.server().writeAndFlush(Bytes.of("first "))).get();
        firstPosted.countDown();
        await(moved);
        ValueTask<Void> second = other.next()
                .submit(() -> loopback.server().writeAndFlush(Bytes.of("second"))).get();
        other.next().submit(() -> {}).sync();
        secondMade.countDown();

        assertThat(new String(loopback.receive("first second".length()))).isEqualTo("first second");
        assertThat(first.await()).isNull();
        assertThat(second.await()).isNull();
    }

    @Test
    void operations_whenTheFirstLoopHasEnded_goOnOnTheOther() throws Exception {
        Channel channel = loopback.server().channel();
        channel.deregister().sync();
        other.register(channel).sync();
        loopback.endLoops();

        assertThat(loopback.server().writeAndFlush(Bytes.of("x")).await()).isNull();
        assertThat(loopback.receive(1)).isEqualTo("x".getBytes());
        loopback.send("y");
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("y");
    }

    /** The first write is still among the tasks of the first loop, which is told to end before the second is made. */
    @Test
    void writes_whenTheFirstLoopIsToldToEndBetweenThem_keepTheirOrder() throws Exception {
        Channel channel = loopback.server().channel();
        EventLoop first = channel.eventLoop();
        channel.deregister().sync();
        other.register(channel).sync();
        CountDownLatch posted = new CountDownLatch(1);
        first.execute(() -> await(posted));

        ValueTask<Void> one = loopback.server().writeAndFlush(Bytes.of("first "));
        first.parent().shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        ValueTask<Void> two = loopback.server().writeAndFlush(Bytes.of("second"));
        channel.eventLoop().submit(() -> {}).sync();
        posted.countDown();

        assertThat(new String(loopback.receive("first second".length()))).isEqualTo("first second");
        assertThat(one.await()).isNull();
        assertThat(two.await()).isNull();
    }

    @Test
    void write_whenThePeerHasFinishedAndTheChannelMovesThen_waitsForIt() throws Exception {
        loopback.close();
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        Channel channel = loopback.server().channel();
        loopback.peer().finish();
        assertThat(loopback.server().read().await()).isNull();
        channel.deregister().sync();
        other.register(channel).sync();
        byte[] large = Bytes.pattern(4 * 1024 * 1024);

        ValueTask<Void> write = loopback.server().writeAndFlush(Bytes.of(large));

        assertThat(loopback.receive(large.length)).isEqualTo(large);
        assertThat(write.await()).isNull();
    }

    @Test
    void write_whileTheChannelHasNoLoop_leavesWhenItHasOneAndFailsNoRead() throws Exception {
        Channel channel = loopback.server().channel();
        channel.deregister().sync();

        ValueTask<Void> write = loopback.server().writeAndFlush(Bytes.of("x"));
        ValueTask<Void> flush = loopback.server().flush();
        loopback.awaitServerLoop();
        other.register(channel).sync();

        assertThat(loopback.receive(1)).isEqualTo("x".getBytes());
        assertThat(write.await()).isNull();
        assertThat(flush.await()).isNull();
        loopback.send("y");
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("y");
    }

    @Test
    void close_whileTheChannelHasNoLoop_letsOutItsWritesWhenItHasOne() throws Exception {
        Channel channel = loopback.server().channel();
        channel.deregister().sync();

        loopback.server().writeAndFlush(Bytes.of("x")).discard();
        loopback.server().close();
        loopback.awaitServerLoop();
        other.register(channel).sync();

        assertThat(loopback.peer().receiveAll()).isEqualTo("x".getBytes());
        assertThat(loopback.server().closed().await()).isEqualTo(new CloseReason.Local());
    }

    /** Who waits for room in the socket is forgotten with the first loop. */
    @Test
    void write_thatStallsWhenTheChannelMoves_goesOnThere() throws Exception {
        transport.requires(Habit.LEAVES_AMID_A_WRITE);
        loopback.close();
        loopback = Loopback.on(transport).smallBuffers().connectSocket();
        Channel channel = loopback.server().channel();
        byte[] large = Bytes.pattern(4 * 1024 * 1024);
        ValueTask<Void> write = loopback.server().writeAndFlush(Bytes.of(large));
        while (channel.isWritable()) {
            loopback.awaitServerLoop(); // bounded by the test's timeout
        }
        channel.deregister().sync();
        other.register(channel).sync();

        assertThat(loopback.receive(large.length)).isEqualTo(large);
        assertThat(write.await()).isNull();
    }
}
