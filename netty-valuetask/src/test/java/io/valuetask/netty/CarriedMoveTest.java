package io.valuetask.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A channel that is registered with another event loop while the first one carries the thread that uses it. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class CarriedMoveTest {
    private static final int MESSAGES = 100;
    private static final int BURSTS = 200;
    private static final int BURST = 500;

    @Parameter
    Transport transport;

    private Loopback loopback;
    private EventLoopGroup other;
    private EventLoop first;

    @BeforeEach
    void connect() throws Exception {
        loopback = Loopback.on(transport, 1).connectSocket();
        other = transport.newGroup(1);
        first = loopback.server().channel().eventLoop();
    }

    @AfterEach
    void close() throws Exception {
        loopback.close();
        other.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    private void move() throws InterruptedException {
        Channel channel = loopback.server().channel();
        channel.deregister().sync();
        other.register(channel).sync();
    }

    private static boolean await(CountDownLatch latch) throws InterruptedException {
        return latch.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** A turn is a loop's own business: the threads of the first one are not to run on the other. */
    @Test
    void batch_onTheOtherLoop_resumesNoThreadOfTheFirst() throws Throwable {
        move();
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean wentOn = new AtomicBoolean();
        BackgroundCall<Void> carried = BackgroundCall.<Void>start(first, () -> {
            await(goOn);
            wentOn.set(true);
            return null;
        }).awaitParked();
        CountDownLatch ready = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        first.execute(() -> {
            goOn.countDown();
            ready.countDown();
            try {
                await(leave);
            } catch (InterruptedException stop) {
                throw new AssertionError(stop);
            }
        });
        assertThat(await(ready)).isTrue();

        loopback.send("x");
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("x");
        other.next().submit(() -> {}).sync(); // behind the end of the batch

        assertThat(wentOn).as("while its loop is busy").isFalse();
        leave.countDown();
        carried.result();
    }

    @Test
    void echo_ofTheFirstLoopsThread_goesOnWithTheChannelElsewhere() throws Throwable {
        BackgroundCall<Void> echo = BackgroundCall.start(first, () -> {
            Streams.echo(loopback.server());
            return null;
        });
        for (int i = 0; i < MESSAGES; i++) {
            if (i % 10 == 5) {
                move();
            }
            loopback.send("x");
            assertThat(loopback.receive(1)).isEqualTo("x".getBytes());
        }
        loopback.peer().finish();

        echo.result();
    }

    /** It sets out on the first loop and arrives on the other: two threads count what is on its way. */
    @Test
    void writes_ofTheFirstLoopsThread_areAllCountedWhenTheyArriveElsewhere() throws Throwable {
        move();
        BackgroundCall<Void> writer = BackgroundCall.start(first, () -> {
            ValueTask<Void> before = ValueTask.completed(null);
            for (int i = 0; i < BURSTS; i++) {
                for (int j = 1; j < BURST; j++) {
                    loopback.server().write(Unpooled.EMPTY_BUFFER).discard();
                }
                ValueTask<Void> last = loopback.server().writeAndFlush(Unpooled.EMPTY_BUFFER);
                Thread.yield(); // these leave, and the next set out while they arrive
                before.await();
                before = last;
            }
            before.await();
            return null;
        });
        writer.result();

        assertThat(loopback.server().toString()).contains("travelling=0 bytes");
    }

    @Test
    void thread_whenItsLoopEndsAndTheChannelLivesElsewhere_isInterruptedAndCanGoOn() throws Throwable {
        move();
        BackgroundCall<Object> body = BackgroundCall.<Object>start(first, () -> {
            try {
                return loopback.server().read().await();
            } catch (InterruptedException loopHasEnded) {
                loopback.server().writeAndFlush(Bytes.of("goodbye")).await();
                return "interrupted";
            }
        }).awaitParked();

        loopback.endLoops();

        assertThat(body.result()).isEqualTo("interrupted");
        assertThat(loopback.receive(7)).isEqualTo("goodbye".getBytes());
    }
}
