package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * One flush: complete when everything written before it has left, which is when it becomes the oldest in flight.
 * It fails if a write since the flush before has failed.
 */
class FlushOperation extends ChannelOperation {
    /** Executor only. */
    private @Nullable Throwable failure;
    /** Executor only: the next one in {@link PendingFlushes}. */
    @Nullable
    FlushOperation youngerFlush;

    FlushOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    @Override
    final void proceed() {
        perform(false);
    }

    @Override
    void perform(boolean claimed) {
        collectFailure();
        flush(claimed);
    }

    /** What has failed since the flush before is told by this one. */
    final void collectFailure() {
        failure = handler.outbound().takeUnflushedFailure();
    }

    /** Flushes, and completes behind what is in flight then. */
    final void flush(boolean claimed) {
        ChannelHandlerContext context = handler.contextIfWritable();
        if (context == null) {
            failure = handler.ending().refusal();
        } else if (claimed) {
            handler.outbound().flusher().flush(context);
        } else {
            handler.outbound().flusher().gatherAndFlush(context);
        }
        if (context != null && !handler.outbound().inFlight().isEmpty()) {
            handler.outbound().pendingFlushes().add(this);
            if (claimed) {
                pend();
            }
        } else if (failure == null && claimed) {
            succeed(null);
        } else {
            if (claimed) {
                pend();
            }
            publish();
        }
    }

    /** A write before this one has failed while this was waiting for it; the first one counts. Executor only. */
    final void writeFailed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    private void publish() {
        Throwable cause = failure;
        failure = null;
        if (cause == null) {
            tryComplete(token(), null);
        } else if (!tryCompleteExceptionally(token(), cause)) {
            failedUntold(cause);
        }
    }

    /** It was given up, and is taken out before it is complete. */
    final void dropped() {
        Throwable cause = failure;
        failure = null;
        if (cause != null) {
            failedUntold(cause);
        }
    }

    /** Whoever waited has been let go, and does not learn of this failure: the next flush will. Executor only. */
    private void failedUntold(Throwable cause) {
        handler.outbound().unflushedWriteFailed(cause);
    }

    @Override
    final boolean isBarrier() {
        return true;
    }

    @Override
    final void passBarrier() {
        handler.outbound().pendingFlushes().removeOldest(this);
        publish();
    }

    /** {@inheritDoc} The flush itself goes on; only its waiter is let go, and this object is not used again. */
    @Override
    public boolean cancel(long operation) {
        return cancelAndRetire(operation);
    }

    @Override
    final void abandon(Throwable cause) {
        writeFailed(cause);
    }
}
