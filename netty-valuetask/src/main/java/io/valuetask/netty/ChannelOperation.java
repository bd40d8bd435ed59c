package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.schedule.EventLoopCarrier;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One outbound operation of a channel: the source that its caller awaits, the task that carries it to the
 * handler's executor, and a link in the list of what is in flight there. One object for all three, so that a
 * caller on another thread allocates nothing.
 */
abstract class ChannelOperation extends ManualResetValueTaskSource<@Nullable Void> implements PostedTask {
    final ValueTaskHandler<?, ?> handler;

    /** Any thread; once true, for ever. */
    private volatile boolean retired;

    /** Any thread; once true, for ever: its caller has cancelled it, and nobody waits for it any more. */
    private volatile boolean letGo;

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
        // See RetiredClaimStress, and its broken twin.
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

    /** Whether it was {@linkplain #cancelAndRetire cancelled}: so it may be taken from where it waits. */
    final boolean isLetGo() {
        return letGo;
    }

    /**
     * Starts what {@link #tryClaim} claimed: now if on the handler's executor, else as a task of it. When this
     * returns, the token is issued.
     */
    final void start() {
        EventExecutor executor = handler.executor();
        if (executor.inEventLoop()
                && ((mayOvertake() && handler.entrance().isAtHome(executor))
                        || !handler.outbound().writability().isTravelling())) {
            perform(true);
        } else {
            Entrance entrance = handler.entrance();
            EventExecutor first = entrance.executor(executor);
            EventLoopCarrier carrier = entrance.carrierOfCaller(first);
            aboutToPost(carrier != null);
            if (isAwaited()) {
                pend();
            }
            post(first, carrier);
        }
    }

    // The task

    @Override
    public final ValueTaskHandler<?, ?> handler() {
        return handler;
    }

    @Override
    public final void arrived() {
        proceed();
    }

    @Override
    public final void gone(RejectedExecutionException terminated) {
        reject(terminated);
    }

    @Override
    public final void full(RejectedExecutionException rejected) {
        reject(rejected);
    }

    /** It may have been performed, and is not posted again. */
    @Override
    public final void mayBeLost(EventExecutor executor) {
        retire();
        executor.terminationFuture().addListener(ended -> reject(PostedTask.hasEnded(executor)));
    }

    /**
     * Whether this, on the executor, may come before writes of others that are on their way there. Who flushes or ends the
     * output there may know of them, and means them, too.
     */
    boolean mayOvertake() {
        return false;
    }

    /** What the task does, on the handler's executor. */
    abstract void proceed();

    /**
     * Called by the claimer before the operation travels to the executor.
     *
     * @param fromLoop true if the caller is a virtual thread that the executor carries
     */
    void aboutToPost(boolean fromLoop) {}

    /** Whether anybody is going to have the token. */
    boolean isAwaited() {
        return true;
    }

    /**
     * Does the work, on the handler's executor.
     *
     * @param claimed true if the caller has just claimed the operation and its token is not issued yet
     */
    abstract void perform(boolean claimed);

    /**
     * The executor has been shut down, and nothing will be performed any more; or it has no room for this. Any thread. Does
     * nothing if it was performed.
     */
    void reject(RejectedExecutionException terminated) {
        tryCompleteExceptionally(token(), FullQueue.failure(handler.executor(), terminated));
    }

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

    /** For what goes on without its waiter, or stays in a list: it is not used again. */
    final boolean cancelAndRetire(long operation) {
        if (operation != token()) {
            return false;
        }
        retire();
        if (!tryCancel(operation)) {
            return false;
        }
        letGo = true;
        return true;
    }
}
