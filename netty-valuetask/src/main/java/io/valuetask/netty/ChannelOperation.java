package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ManualResetValueTaskSource;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One outbound operation of a channel: the source that its caller awaits, the task that carries it to the
 * handler's executor, and a link in the list of what is in flight there. One object for all three, so that a
 * caller on another thread allocates nothing.
 */
abstract class ChannelOperation extends ManualResetValueTaskSource<@Nullable Void> implements Runnable {
    final ValueTaskHandler<?, ?> handler;

    /** Any thread; once true, for ever. */
    private volatile boolean retired;

    /** Written by the winner of {@link #begin}; read by the caller that won, until it consumes. */
    private long token;

    // Executor only: the neighbours in OperationList.
    @Nullable
    ChannelOperation previous;
    @Nullable
    ChannelOperation next;
    boolean linked;
    /** Grows along the list; of the last time this was in it. */
    long sequence;

    ChannelOperation(ValueTaskHandler<?, ?> handler) {
        this.handler = handler;
    }

    /** Claims this operation for the caller, if it is free and may be used again. */
    final boolean tryClaim() {
        if (isRetired()) {
            return false;
        }
        long claimed = tryBegin();
        // Once more: a canceller retires first and frees the word then, so whoever won a freed word sees it here.
        // The operation may still be queued or in flight; its claim is not ended, so nobody else can win.
        if (claimed < 0 || isRetired()) {
            return false;
        }
        token = claimed;
        return true;
    }

    final long token() {
        return token;
    }

    /** From now on this object serves nobody but those who already hold it. */
    final void retire() {
        retired = true;
    }

    final boolean isRetired() {
        return retired;
    }

    /**
     * Starts what {@link #tryClaim} claimed: now if on the handler's executor, else as a task of it. When this
     * returns, the token is issued.
     */
    final void start() {
        EventExecutor executor = handler.executor();
        if (executor.inEventLoop()) {
            perform(true);
        } else {
            aboutToPost();
            pend();
            try {
                executor.execute(this);
                if (executor.isShutdown()) {
                    rejectIfLost(executor);
                }
            } catch (RejectedExecutionException terminated) {
                reject(terminated);
            }
        }
    }

    /**
     * Netty's executors refuse a task that comes too late by removing it again, and the queues of event loops
     * cannot remove: a task that is added while the loop ends may be neither run nor refused.
     */
    private void rejectIfLost(EventExecutor executor) {
        retire();
        executor.terminationFuture().addListener(
                ended -> reject(new RejectedExecutionException("has ended: " + executor)));
    }

    /** Called by the claimer before the operation travels to the executor. */
    void aboutToPost() {}

    /**
     * Does the work, on the handler's executor.
     *
     * @param claimed true if the caller has just claimed the operation and its token is not issued yet
     */
    abstract void perform(boolean claimed);

    /**
     * The executor has been shut down; nothing will be performed any more. Any thread. Does nothing if it was
     * performed.
     */
    abstract void reject(RejectedExecutionException terminated);

    /** Whether this waits for nothing but the operations before it in the list. */
    boolean isBarrier() {
        return false;
    }

    /** Called on a barrier that has become the oldest and was removed from the list. */
    void passBarrier() {
        throw new AssertionError("not a barrier: " + this);
    }

    /** Ends an operation that nobody will complete any more: its channel or its handler is gone. */
    abstract void abandon(Throwable cause);
}
