package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One flush: complete when everything written before it has left, which is when it becomes the oldest in flight.
 * It fails if a write since the flush before has failed.
 */
final class FlushOperation extends ChannelOperation {
    /** Executor only. */
    private @Nullable Throwable failure;

    FlushOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    @Override
    public void run() {
        perform(false);
    }

    @Override
    void perform(boolean claimed) {
        failure = handler.takeUnflushedFailure();
        ChannelHandlerContext context = handler.contextIfWritable();
        if (context == null) {
            failure = new ClosedChannelException();
        } else {
            context.flush();
        }
        if (context != null && !handler.inFlight().isEmpty()) {
            handler.inFlight().add(this);
            handler.pendingFlushes().addLast(this);
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

    /** A write before this one has failed while this was waiting for it. Executor only. */
    void writeFailed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    private void publish() {
        Throwable cause = failure;
        failure = null;
        if (cause == null) {
            tryComplete(token(), null);
        } else {
            tryCompleteExceptionally(token(), cause);
        }
    }

    @Override
    boolean isBarrier() {
        return true;
    }

    @Override
    void passBarrier() {
        handler.pendingFlushes().remove(this); // the first one
        publish();
    }

    /** {@inheritDoc} The flush itself goes on; only its waiter is let go, and this object is not used again. */
    @Override
    public boolean cancel(long operation) {
        if (operation != token()) {
            return false;
        }
        retire();
        return tryCancel(operation);
    }

    @Override
    void reject(RejectedExecutionException terminated) {
        ClosedChannelException closed = new ClosedChannelException();
        closed.initCause(terminated);
        tryCompleteExceptionally(token(), closed);
    }

    @Override
    void abandon(Throwable cause) {
        writeFailed(cause);
    }
}
