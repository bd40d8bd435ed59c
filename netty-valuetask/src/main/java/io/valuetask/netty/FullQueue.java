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
 * <p>The user of an executor may say how it refuses. It may throw something else, see {@link #rejection}; or run the task in
 * the thread that hands it in. That one finds itself on a thread that is not its executor's, and has to go there: it is handed
 * in from there, and if that is refused so, too, it is taken for refused, see {@link #beginHandingOn}. To drop it silently
 * is what nobody can see.
 *
 * <p>Any thread.
 */
final class FullQueue {
    /** Of each thread: whether it hands on a task which it was given and is not its own to do. Left false, not removed. */
    private static final ThreadLocal<Boolean> HANDING_ON = ThreadLocal.withInitial(() -> false);

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
            executor.execute(() -> {
                if (executor.inEventLoop()) {
                    task.run();
                } else {
                    again(() -> execute(executor, task, ifEnded));
                }
            });
        } catch (Throwable thrown) {
            rejection(thrown);
            if (isWhy(executor)) {
                again(() -> execute(executor, task, ifEnded));
            } else {
                ifEnded.run();
            }
        }
    }

    /** What an executor throws that does not take a task, as a rejection. Throws it on if it tells of the JVM. */
    static RejectedExecutionException rejection(Throwable thrown) {
        if (thrown instanceof RejectedExecutionException rejected) {
            return rejected;
        } else if (thrown instanceof VirtualMachineError broken) {
            throw broken;
        }
        return new RejectedExecutionException(
                "an executor has thrown this in place of a rejection, or its handler of"
                        + " rejected tasks has: " + thrown,
                thrown);
    }

    /**
     * For a task that is run by another thread than its executor's: one that it was on its way over, or its executor has
     * refused it by running it there. Answers false in the second case, if it was handed on from the same thread; else
     * {@link #endHandingOn} follows.
     */
    static boolean beginHandingOn() {
        if (HANDING_ON.get()) {
            return false;
        }
        HANDING_ON.set(true);
        return true;
    }

    static void endHandingOn() {
        HANDING_ON.set(false);
    }

    static RejectedExecutionException ranElsewhere(EventExecutor refused) {
        return new RejectedExecutionException("a task was run by the thread that handed it in: " + refused);
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
