package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Messages and operations that change hands while somebody else reaches for them. */
class HandOverTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    // An operation changes hands

    /** One that is pending and cancelled like the real ones, without a channel. */
    private static final class Cancellable extends ChannelOperation {
        Cancellable(ValueTaskHandler<?, ?> handler) {
            super(handler);
        }

        void startPending() {
            pend();
        }

        @Override
        public boolean cancel(long operation) {
            retire();
            return tryCancel(operation);
        }

        @Override
        void proceed() {}

        @Override
        void perform(boolean claimed) {}

        @Override
        void abandon(Throwable cause) {}
    }

    /** Its task may still be queued and its message unwritten: a second claim would mix two writes. */
    @Test
    void tryClaim_whileItsOperationIsCancelledAndConsumed_neverSucceeds() throws Exception {
        ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
        int rounds = 300_000;
        Cancellable[] operations = new Cancellable[rounds];
        for (int i = 0; i < rounds; i++) {
            operations[i] = new Cancellable(handler);
            operations[i].tryClaim();
            operations[i].startPending();
        }
        CompletableFuture<Integer> claimedTwice = new CompletableFuture<>();
        Thread claimer = Thread.ofPlatform().daemon().name("claimer").start(() -> {
            int claimed = 0;
            for (Cancellable operation : operations) {
                while (!operation.isRetired()) {
                    if (operation.tryClaim()) {
                        claimed++;
                    }
                }
            }
            claimedTwice.complete(claimed);
        });

        for (Cancellable operation : operations) {
            long token = operation.token();
            operation.cancel(token);
            try {
                operation.getResult(token);
            } catch (CancellationException expected) {
                // frees the source
            }
        }

        assertThat(claimedTwice.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isZero();
        assertThat(claimer.join(LIMIT)).isTrue();
    }

    // The executor ends while a task is handed to it

    /**
     * An executor with the hole that Netty's event loops have: their queue cannot remove, so a task that is added
     * at the very moment of termination is neither run nor refused.
     */
    private static final class EndingExecutor extends SingleThreadEventExecutor {
        private final EndingQueue queue;

        static EndingExecutor create() {
            return new EndingExecutor(new EndingQueue());
        }

        private EndingExecutor(EndingQueue queue) {
            super(null, new ThreadPerTaskExecutor(new DefaultThreadFactory("ending", true)), true, queue,
                    RejectedExecutionHandlers.reject());
            this.queue = queue;
            queue.owner = this;
        }

        /** The next task that comes from elsewhere is lost. */
        void loseNextTask() {
            queue.loseNext = true;
        }

        /** From now on every task is refused, as in the last pass of a loop over its queue. */
        void refuseTasks() {
            queue.refuse = true;
        }

        /** Else they would be refused since there are too many. */
        @Override
        public boolean isShuttingDown() {
            return queue.refuse || super.isShuttingDown();
        }

        @Override
        protected void run() {
            do {
                Runnable task = takeTask();
                if (task != null) {
                    runTask(task);
                    updateLastExecutionTime();
                }
            } while (!confirmShutdown());
        }
    }

    @SuppressWarnings("serial")
    private static final class EndingQueue extends LinkedBlockingQueue<Runnable> {
        volatile EndingExecutor owner;
        volatile boolean loseNext;
        volatile boolean refuse;

        @Override
        public boolean offer(Runnable task) {
            if (refuse) {
                return false;
            }
            if (loseNext && !owner.inEventLoop()) {
                loseNext = false;
                owner.shutdownGracefully(0, 0, TimeUnit.SECONDS);
                if (!owner.terminationFuture().awaitUninterruptibly(LIMIT.toMillis())) {
                    throw new AssertionError("the executor did not end");
                }
            }
            return super.offer(task);
        }

        @Override
        public boolean remove(Object task) {
            throw new UnsupportedOperationException("as the queue of an event loop");
        }
    }

    @SuppressWarnings("deprecation")
    private static ValueTaskHandler<Object, Object> added(EmbeddedChannel channel, EventExecutor executor)
            throws Exception {
        ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
        channel.pipeline().addLast(executor, handler);
        // Behind the task that adds it.
        executor.submit(() -> {}).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        return handler;
    }

    @Test
    void write_whenTheEndingExecutorLosesItsTask_failsAndReleasesTheMessage() throws Exception {
        EndingExecutor executor = EndingExecutor.create();
        EmbeddedChannel channel = new EmbeddedChannel();
        ValueTaskHandler<Object, Object> handler = added(channel, executor);
        ByteBuf message = ByteBufAllocator.DEFAULT.buffer(8).writeLong(1);
        executor.loseNextTask();

        ValueTask<Void> write = handler.channel().writeAndFlush(message);

        assertThatThrownBy(() -> write.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void flush_whenTheEndingExecutorLosesItsTask_fails() throws Exception {
        EndingExecutor executor = EndingExecutor.create();
        EmbeddedChannel channel = new EmbeddedChannel();
        ValueTaskHandler<Object, Object> handler = added(channel, executor);
        executor.loseNextTask();

        ValueTask<Void> flush = handler.channel().flush();

        assertThatThrownBy(() -> flush.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
    }

    /** Counts down when it is released. */
    private static final class Released extends DefaultByteBufHolder {
        final CountDownLatch released = new CountDownLatch(1);

        Released() {
            super(Unpooled.buffer(8).writeLong(1));
        }

        @Override
        public boolean release() {
            released.countDown();
            return super.release();
        }
    }

    @Test
    void close_whenTheEndingExecutorLosesItsTask_releasesWhatWasNotRead() throws Exception {
        EndingExecutor executor = EndingExecutor.create();
        EmbeddedChannel channel = new EmbeddedChannel();
        ValueTaskHandler<Object, Object> handler = added(channel, executor);
        Released message = new Released();
        executor.submit(() -> handler.channelRead(channel.pipeline().context(handler), message))
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        executor.loseNextTask();

        handler.channel().close();

        assertThat(message.released.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Keeps every write and never completes it. */
    private static final class Swallowing extends ChannelOutboundHandlerAdapter {
        volatile ChannelPromise swallowed;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            swallowed = promise;
        }
    }

    @Test
    @SuppressWarnings("deprecation")
    void flush_behindAWriteThatFailsInTheLastPassOfTheExecutor_fails() throws Exception {
        EndingExecutor executor = EndingExecutor.create();
        Swallowing swallowing = new Swallowing();
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(executor, swallowing);
        ValueTaskHandler<Object, Object> handler = added(channel, executor);
        IOException cause = new IOException("planted");

        ValueTask<Void> write = handler.channel().write(Unpooled.buffer(8).writeLong(1));
        ValueTask<Void> flush = handler.channel().flush();
        executor.submit(() -> {
            executor.refuseTasks();
            swallowing.swallowed.tryFailure(cause);
        });

        assertThatThrownBy(() -> write.await(LIMIT)).isSameAs(cause);
        assertThatThrownBy(() -> flush.await(LIMIT)).isSameAs(cause);
    }

    /** No event reaches the handler any more. */
    @Test
    void closed_whenTheExecutorHasEndedBeforeTheChannelCloses_completes() throws Exception {
        EndingExecutor executor = EndingExecutor.create();
        EmbeddedChannel channel = new EmbeddedChannel();
        ValueTaskHandler<Object, Object> handler = added(channel, executor);
        ValueTask<CloseReason> before = handler.channel().closed();
        executor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        assertThat(executor.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();

        channel.unsafe().close(channel.newPromise());

        assertThat(before.await(LIMIT)).isEqualTo(new CloseReason.Local());
        assertThat(handler.channel().closed().await(LIMIT)).isEqualTo(new CloseReason.Local());
    }

    // A message changes hands

    @Test
    void poll_whenTheSweeperComesFirst_answersNullWhateverTheMessageIs() {
        InboundQueue queue = new InboundQueue(64, 64 * 1024);
        boolean[] sweepNow = new boolean[1];
        DefaultByteBufHolder message = new DefaultByteBufHolder(Unpooled.buffer(8).writeLong(1)) {
            @Override
            public ByteBuf content() {
                if (sweepNow[0]) {
                    sweepNow[0] = false;
                    queue.sweep(ReferenceCountUtil::release);
                }
                return super.content();
            }
        };
        queue.offer(message, 8);
        sweepNow[0] = true;

        assertThat(queue.poll()).isNull();
        assertThat(message.refCnt()).isZero();
    }

    /** A handler that passed a buffer on and read it itself afterwards must not stop the channel. */
    @Test
    void shouldResume_whenMessagesShrankWhileTheyWaited_isTrueOnceAllAreTaken() {
        InboundQueue queue = new InboundQueue(64, 64 * 1024);
        ByteBuf message = Unpooled.buffer(64 * 1024).writeZero(64 * 1024);
        queue.offer(message, 64 * 1024);
        assertThat(queue.isFull()).isTrue();
        assertThat(queue.pause()).isTrue();

        message.skipBytes(64 * 1024);
        assertThat(queue.poll()).isSameAs(message);

        assertThat(queue.shouldResume()).isTrue();
        message.release();
    }

    /** Otherwise a reader would take a stream that was cut off here for a complete one. */
    @Test
    void read_whenCloseReleasedWhatCameBeforeTheEndOfStream_isNotTheEndOfStream() {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        ByteBuf unread = Unpooled.buffer(8).writeLong(1);
        channel.writeInbound(unread);
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

        handler.channel().close();

        assertThat(unread.refCnt()).isZero();
        assertThatThrownBy(() -> handler.channel().read().result())
                .isInstanceOf(ClosedChannelException.class);
        channel.finishAndReleaseAll();
    }

    /** As {@code orTimeout} does: the future ends, and its read must end with it. */
    @Test
    void read_whenItsFutureIsCompletedFromOutside_losesNoMessage() throws Exception {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        CompletableFuture<ByteBuf> timedOut = handler.channel().read().toCompletableFuture();
        TimeoutException cause = new TimeoutException("planted");
        assertThat(timedOut.completeExceptionally(cause)).isTrue();

        ByteBuf message = Unpooled.buffer(8).writeLong(1);
        channel.writeInbound(message);

        assertThatThrownBy(timedOut::get).hasCause(cause);
        assertThat(handler.channel().read().result()).isSameAs(message);
        message.release();
        channel.finishAndReleaseAll();
    }
}
