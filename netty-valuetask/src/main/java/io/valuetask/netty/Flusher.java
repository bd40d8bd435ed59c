package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.valuetask.schedule.EventLoopCarrier;
import org.jspecify.annotations.Nullable;

/**
 * Flushes a channel as its {@link FlushPolicy} says, and gathers the writes that complete meanwhile. On the handler's
 * executor only.
 */
final class Flusher extends HomingTask {
    /*
     * When a turn ends:
     *
     *   written between channelRead and channelReadComplete -- at channelReadComplete. There are handlers that forget
     *                                                          to pass that on, so that a task looks once more
     *   written by a task, and nothing waits behind it      -- at once
     *   written by a virtual thread of the loop             -- when none of those can go on, or sixteen writes wait
     *   otherwise                                           -- when a task of ours has its turn, behind what waits now
     *   the channel has left its event loop                 -- when it is registered with one again: NIO would throw, to
     *                                                          whoever reads. What then waits for room in the socket is
     *                                                          not looked for again by any transport, but by a flush
     *
     * A write that the transport completes while we flush is recorded and published after the flush has returned, as
     * long as it is we who were called by the executor, and no user's call is below us on the stack (R1, R8).
     */

    /** So many times a turn may flush before others have theirs. */
    private static final int MAX_PASSES = 16;

    private final ValueTaskHandler<?, ?> handler;
    private final FlushPolicy policy;

    /** Something was written that the policy wants flushed by the end of the turn. */
    private boolean due;
    /** This is among the executor's tasks. */
    private boolean posted;
    /** Between channelRead and channelReadComplete, or while a turn ends: its end will flush. */
    private boolean inTurn;
    private boolean ending;
    private long unflushedBytes;
    /** The channel was on no event loop when it was to be flushed. */
    private boolean putOff;

    private boolean gathering;
    private @Nullable WriteOperation firstRecorded;
    private @Nullable WriteOperation lastRecorded;

    Flusher(ValueTaskHandler<?, ?> handler, FlushPolicy policy) {
        this.handler = handler;
        this.policy = policy;
    }

    // What was written

    /**
     * A message that is to be flushed was given to the pipeline.
     *
     * @param byTask true if an executor's task wrote it, not a caller on the executor
     */
    void written(ChannelHandlerContext context, int bytes, boolean byTask) {
        unflushedBytes += bytes;
        if (policy == FlushPolicy.NOW || unflushedBytes >= policy.bytes()) {
            flush(context);
        } else if (policy.atEndOfTurn()) {
            due = true;
            if (byTask && !inTurn && !isSomethingWaiting()) {
                flush(context);
            } else if (!ending) { // the end of the turn looks again
                postOnce();
            }
        }
    }

    private boolean isSomethingWaiting() {
        return handler.entrance().turning() != null
                || !(handler.executor() instanceof SingleThreadEventExecutor loop)
                || loop.pendingTasks() > 0;
    }

    private void postOnce() {
        EventLoopCarrier turning = handler.entrance().turning();
        if (turning == null) {
            postBehindOthers();
        } else if (!posted) {
            posted = true;
            turning.afterwards(this);
        }
    }

    private void postBehindOthers() {
        if (posted) {
            return;
        }
        posted = true;
        if (!post()) {
            posted = false;
            flush(handler.context());
        }
    }

    @Override
    EventExecutor executor() {
        return handler.executor();
    }

    @Override
    void runAtHome() {
        posted = false;
        turnEnds();
    }

    void turnBegins() {
        inTurn = true;
    }

    /** The channel is closed: what is not flushed has failed. */
    void forget() {
        due = false;
        inTurn = false;
    }

    /** The batch of reads is over, or will not come to a proper end. */
    void turnEnds() {
        if (ending) {
            return;
        }
        ending = true;
        inTurn = true;
        try {
            // A write that completes may lead to the next one, as in a chain of messages that have been read ahead.
            for (int passes = 0; due && passes < MAX_PASSES; passes++) {
                gatherAndFlush(handler.context());
            }
        } finally {
            ending = false;
            inTurn = false;
            if (due) {
                postBehindOthers(); // the others have their turn now, those of the loop, too
            }
        }
    }

    // Flushing

    /** Inside a frame of our caller. */
    void flush(ChannelHandlerContext context) {
        due = false;
        unflushedBytes = 0;
        Channel channel = context.channel();
        putOff = channel.isOpen() && !channel.isRegistered();
        if (!putOff) {
            context.flush();
        }
    }

    /** The channel is on an event loop, perhaps again. */
    void registered(ChannelHandlerContext context) {
        if (putOff || !handler.outbound().inFlight().isEmpty()) {
            flush(context);
        }
    }

    /** Called by nobody but the executor. */
    void gatherAndFlush(ChannelHandlerContext context) {
        boolean outermost = gather();
        try {
            flush(context);
        } finally {
            if (outermost) {
                publish();
            }
        }
    }

    /**
     * From now on writes that succeed are recorded. Only where the executor has called us.
     *
     * @return true if the caller must {@link #publish}; false if one below on the stack does
     */
    boolean gather() {
        boolean outermost = !gathering;
        gathering = true;
        return outermost;
    }

    /** Whether a write that succeeds now is to be {@linkplain #record recorded}. */
    boolean isGathering() {
        return gathering;
    }

    void record(WriteOperation write) {
        WriteOperation last = lastRecorded;
        if (last == null) {
            firstRecorded = write;
        } else {
            last.nextRecorded = write;
        }
        lastRecorded = write;
    }

    /** Publishes what was recorded, in order. What completes meanwhile takes the long way. */
    void publish() {
        gathering = false;
        WriteOperation write = firstRecorded;
        firstRecorded = null;
        lastRecorded = null;
        while (write != null) {
            WriteOperation next = write.nextRecorded;
            write.nextRecorded = null;
            write.publishSuccess();
            write = next;
        }
    }
}
