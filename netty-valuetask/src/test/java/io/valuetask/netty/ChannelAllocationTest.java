package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.AllocatedBytes.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a read and a write of a channel cost: no object, wherever they are called. Without a transport, which has costs of
 * its own: the handler before ours takes every message that is written, and messages come from the test.
 *
 * <p>Between two threads both are counted, and compared with what Netty's event loop costs for a task that does nothing.
 */
@Timeout(120)
class ChannelAllocationTest {
    private static final double LIMIT_BYTES = 0.5;
    /** Each of them lets two threads wait for each other. */
    private static final int OPERATIONS = 10_000;
    private static final int REFUSED = 1_000;
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String MESSAGE = "message";

    /** A message has left when it is flushed. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        private ChannelPromise unflushed;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            unflushed = promise;
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            ChannelPromise flushed = unflushed;
            unflushed = null;
            if (flushed != null) {
                flushed.setSuccess();
            }
        }
    }

    private final ValueTaskHandler<String, String> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Sink.class), null);
    private final ValueTaskChannel<String, String> channel = handler.channel();
    private final ValueTaskHandler<String, String> elsewhere = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Sink.class), null);
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private EventLoopGroup group;

    @AfterEach
    void end() {
        if (group != null) {
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    // On the event loop

    private final EmbeddedChannel embedded = new EmbeddedChannel();

    private void assertAllocatesNothingOnTheLoop(Operation operation) throws Exception {
        embedded.pipeline().addLast(new Sink(), handler);
        double bytes = AllocatedBytes.leastOf(LIMIT_BYTES, () -> AllocatedBytes.perOperation(operation));
        assertThat(bytes).as("bytes per message").isLessThan(LIMIT_BYTES);
        embedded.finish();
    }

    private void arrive() {
        embedded.pipeline().fireChannelRead(MESSAGE);
    }

    private void write(String message) throws IOException {
        ValueTask<Void> write = channel.writeAndFlush(message);
        embedded.pipeline().fireChannelReadComplete();
        write.result();
    }

    // Each in a lambda of its own: a handle that passes through code which several kinds of callers share has to exist.

    @Test
    void readAndWrite_onTheLoop_allocateNothing() throws Exception {
        assertAllocatesNothingOnTheLoop(() -> {
            ValueTask<String> read = channel.read();
            arrive();
            write(read.result());
        });
    }

    @Test
    void readWithTimeoutAndWrite_onTheLoop_allocateNothing() throws Exception {
        assertAllocatesNothingOnTheLoop(() -> {
            ValueTask<String> read = channel.read(LONG);
            arrive();
            write(read.result());
        });
    }

    /** Also where reads have been refused by a token that had fired: a branch that has been seen is compiled. */
    @Test
    void readWithATokenAndWrite_onTheLoop_allocateNothing() throws Exception {
        new EmbeddedChannel(new Sink(), elsewhere);
        try (CancellationTokenSource fired = new CancellationTokenSource()) {
            fired.cancel();
            for (int i = 0; i < REFUSED; i++) {
                assertThatThrownBy(elsewhere.channel().read(fired.token())::result)
                        .isInstanceOf(CancellationException.class);
            }
        }
        assertAllocatesNothingOnTheLoop(() -> {
            ValueTask<String> read = channel.read(cancellation.token());
            arrive();
            write(read.result());
        });
    }

    /** An echo by continuations that wait each time. */
    @Test
    void readAndWrite_byContinuations_allocateNothing() throws Exception {
        Echo echo = new Echo();
        assertAllocatesNothingOnTheLoop(() -> {
            if (!echo.started) {
                echo.read();
            }
            arrive();
            embedded.pipeline().fireChannelReadComplete();
        });
        assertThat(echo.answered).isPositive();
    }

    private final class Echo {
        private final ValueTaskAwaiter<String> reading = new ValueTaskAwaiter<>();
        private final ValueTaskAwaiter<Void> writing = new ValueTaskAwaiter<>();
        private boolean started;
        private int answered;

        void read() {
            started = true;
            if (!reading.onCompleted(channel.read(), Echo::arrived, this)) {
                throw new AssertionError("nothing has arrived");
            }
        }

        private void arrived() {
            try {
                String message = reading.result();
                if (message != null
                        && !writing.onCompleted(channel.writeAndFlush(message), Echo::left, this)) {
                    throw new AssertionError("nothing has been flushed");
                }
            } catch (IOException closed) {
                // at the end
            }
        }

        private void left() {
            try {
                writing.result();
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
            answered++;
            read();
        }
    }

    // From another thread

    /** What a task costs, posted by a thread that waits for it. */
    private static final class RawTask implements Runnable {
        private final Thread waiter = Thread.currentThread();
        private volatile boolean done;

        @Override
        public void run() {
            done = true;
            LockSupport.unpark(waiter);
        }

        void runOn(EventLoop loop) {
            done = false;
            loop.execute(this);
            while (!done) {
                LockSupport.park(this);
            }
        }
    }

    private void assertAllocatesNothingBeyondATask(Operation operation) throws Exception {
        EventLoop loop = channel.channel().eventLoop();
        Thread loopThread = loop.submit(Thread::currentThread).sync().getNow();
        RawTask raw = new RawTask();
        double bytes = AllocatedBytes.leastOf(LIMIT_BYTES,
                () -> AllocatedBytes.perOperation(OPERATIONS, operation, loopThread)
                        - AllocatedBytes.perOperation(OPERATIONS, () -> raw.runOn(loop), loopThread));
        assertThat(bytes).as("bytes per operation, beyond those of a task").isLessThan(LIMIT_BYTES);
    }

    private void registerOnALoop() throws Exception {
        group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        LocalChannel local = new LocalChannel();
        group.register(local).sync();
        local.eventLoop().submit(() -> local.pipeline().addLast(new Sink(), handler)).sync();
    }

    @Test
    void write_fromAnotherThread_allocatesNothingBeyondATask() throws Exception {
        registerOnALoop();

        assertAllocatesNothingBeyondATask(() -> channel.writeAndFlush(MESSAGE).await());
    }

    @Test
    void read_byAnotherThread_allocatesNothingBeyondATask() throws Exception {
        registerOnALoop();

        assertAllocatesNothingBeyondATask(reading(() -> channel.read().await()));
    }

    @Test
    void readWithTimeout_byAnotherThread_allocatesNothingBeyondATask() throws Exception {
        registerOnALoop();

        assertAllocatesNothingBeyondATask(reading(() -> channel.read(LONG).await()));
    }

    @Test
    void awaitWithTimeout_byAnotherThread_allocatesNothingBeyondATask() throws Exception {
        registerOnALoop();

        assertAllocatesNothingBeyondATask(reading(() -> channel.read().await(LONG)));
    }

    /** Reads a message that a task delivers. */
    private Operation reading(Callable<String> read) {
        EventLoop loop = channel.channel().eventLoop();
        Runnable deliver = () -> channel.channel().pipeline().fireChannelRead(MESSAGE)
                .fireChannelReadComplete();
        return () -> {
            loop.execute(deliver);
            read.call();
        };
    }
}
