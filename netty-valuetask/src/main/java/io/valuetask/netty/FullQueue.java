package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * An executor that refuses a task may have ended, or take only so many and have them: the channel is as alive as before then.
 * What has to be done there sooner or later is handed in again; an operation that somebody can repeat fails, and says so,
 * since to hand in a write later would put it behind those that follow.
 *
 * <p>Any thread.
 */
final class FullQueue {
    private FullQueue() {}

    /** If not, it has ended, or is about to. */
    static boolean isWhy(EventExecutor refused) {
        return !refused.isShuttingDown();
    }

    /** From another thread, when there may be room. */
    static void again(Runnable task) {
        GlobalEventExecutor.INSTANCE.schedule(task, 1, TimeUnit.MILLISECONDS);
    }

    /** Has the task done there, as soon as there is room; or if that has ended, whatever then is to be done. */
    static void execute(EventExecutor executor, Runnable task, Runnable ifEnded) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException rejected) {
            if (isWhy(executor)) {
                again(() -> execute(executor, task, ifEnded));
            } else {
                ifEnded.run();
            }
        }
    }

    /** For who awaits what was refused. */
    static IOException failure(EventExecutor refused, RejectedExecutionException rejected) {
        IOException failure = isWhy(refused)
                ? new IOException("nothing was done, since the queue of the channel's event loop is full;"
                        + " try again when it has done some of its tasks: " + refused)
                : new ClosedChannelException();
        failure.initCause(rejected);
        return failure;
    }
}
