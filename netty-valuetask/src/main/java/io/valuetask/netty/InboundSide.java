package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The reading half of a channel: what waits to be read, the read that waits for it, and what asks the transport for more.
 * Read by any thread, one at a time; the rest is the executor's, unless said.
 */
final class InboundSide<I> {
    private final ValueTaskHandler<I, ?> handler;
    private final InboundQueue queue;
    private final ReadPump pump;
    private final ReadSource<I> reads;

    /** Null until there is something to hold back. */
    private @Nullable ReadGate gate;

    /** Messages of the batch that is being read. */
    private int arrived;
    /** What arrives goes on to the next handlers. */
    private boolean passing;
    /** The next handlers take over: they have their own bounds, or none. Executor only. */
    private boolean takenOver;
    /** The channel has left its event loop. */
    private boolean left;

    InboundSide(ValueTaskHandler<I, ?> handler, ValueTaskChannelOptions options) {
        this.handler = handler;
        queue = new InboundQueue(options.maxQueuedMessages(), options.maxQueuedBytes());
        pump = new MessagePump(options.readsAhead());
        reads = new ReadSource<>(pump, queue);
    }

    /** Reads ahead for this channel. */
    private final class MessagePump extends ReadPump {
        MessagePump(boolean ahead) {
            super(queue, ahead);
        }

        @Override
        EventExecutor executor() {
            return handler.executor();
        }

        @Override
        void execute(EventExecutor executor) {
            handler.entrance().execute(executor, this);
        }

        @Override
        Future<?> schedule(HomingTask task, long nanos) {
            return handler.schedule(task, nanos);
        }

        @Override
        boolean mayRequest() {
            return !reads.isEnded();
        }

        @Override
        boolean isWanted() {
            return reads.isPending() || (gate != null && gate.hasHeldBack());
        }

        @Override
        void heldUp() {
            ChannelPipeline pipeline = handler.nettyChannel().pipeline();
            if (takenOver) {
                return;
            }
            ReadGate known = gate;
            if (known == null || !known.isInFront(pipeline)) {
                gate = new ReadGate(InboundSide.this);
                pipeline.addFirst(gate);
                if (known != null) {
                    known.leave(pipeline); // what it has held back is held back by the new one
                }
            }
        }

        @Override
        void request() {
            handler.context().read();
        }
    }

    // The reader's, any thread

    ReadSource<I> reads() {
        return reads;
    }

    // What the pipeline tells

    ReadPump pump() {
        return pump;
    }

    void unregistered() {
        left = true;
    }

    /** A read that was pending on another event loop was forgotten there, and its timer left behind. */
    void registered() {
        if (left) {
            left = false;
            IoUringTransport.registeredAgain(handler.nettyChannel());
        }
        pump.pump();
        reads.registered();
    }

    void batchEnded() {
        IoUringTransport.batchEnded(handler.nettyChannel());
        if (isHeldUp()) {
            pump.heldUp(); // somebody may have come before the gate
        }
        pump.pump();
    }

    void received(ChannelHandlerContext context, Object message) {
        if (passing) {
            context.fireChannelRead(message);
        } else if (!reads.isEnded()) {
            arrived++;
            queue.offer(message, MessageSize.of(message));
            reads.signal();
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    void failed(ChannelHandlerContext context, Throwable cause) {
        if (passing) {
            context.fireExceptionCaught(cause);
        } else if (!reads.isEnded()) {
            queue.offer(new InboundFailure(cause), 0);
            reads.signal();
        } else {
            BodyFailures.reportUnread(handler.channel(), cause);
        }
    }

    /** Whether there are bounds to keep, and no room within them. Any thread. */
    boolean isHeldUp() {
        return queue.isPaused() && !reads.isEnded();
    }

    /** Its bounds are nobody's any more. */
    void openGate(ChannelPipeline pipeline) {
        if (gate != null) {
            gate.leave(pipeline);
        }
    }

    /** How many messages the batch had that is over now. */
    int takeArrived() {
        int messages = arrived;
        arrived = 0;
        return messages;
    }

    boolean isFull() {
        return queue.isFull();
    }

    /** The channel is inactive. */
    void ended(InboundEnd reason, @Nullable Throwable unread) {
        if (unread != null && !reads.isEnded()) {
            queue.offer(new InboundFailure(unread), 0); // what arrived is not the whole
        }
        reads.end(reason);
    }

    /** Reads end, and what was not read is released. Any thread, where the executor is gone. */
    void endAndSweep(InboundEnd reason) {
        reads.end(reason);
        queue.sweep(this::discard);
    }

    /** Must not throw: others wait behind this element, and the channel for being closed. */
    private void discard(Object element) {
        if (element instanceof InboundFailure unread) {
            BodyFailures.reportUnread(handler.channel(), unread.cause());
        } else {
            ReferenceCountUtil.safeRelease(element);
        }
    }

    /**
     * Gives what was not read, and all that follows, to the next handlers. Only where the reader waits for this: its role is
     * taken over.
     */
    void passOn(ChannelHandlerContext context) {
        takenOver = true; // before what was held back arrives, perhaps at once
        openGate(context.pipeline()); // whoever is next reads for itself
        // What arrives meanwhile is behind what waits.
        for (Object element; (element = queue.poll()) != null;) {
            if (element instanceof InboundFailure failure) {
                context.fireExceptionCaught(failure.cause());
            } else {
                context.fireChannelRead(element);
            }
        }
        passing = true;
    }

    /** For messages to people, from any thread. */
    @Override
    public String toString() {
        return "reads=" + reads + ", queued=" + queue;
    }
}
