package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;

/**
 * A task for the executor that a channel has. One that is found on another, because the channel was registered
 * elsewhere after it was posted, goes on to that one, behind what was posted there meanwhile.
 *
 * <p>Where the executor has ended it is forgotten. What must not be is a {@link PostedTask}.
 */
abstract class HomingTask implements Runnable {
    /** Whose task this is now. Any thread. */
    abstract EventExecutor executor();

    /** The task itself, on that executor. */
    abstract void runAtHome();

    /** By the way that fits the calling thread, if there are several. Any thread. */
    void execute(EventExecutor executor) {
        executor.execute(this);
    }

    /** Answers false if the executor has ended, and refuses it. Any thread. */
    final boolean post() {
        EventExecutor executor = executor();
        try {
            execute(executor);
            return true;
        } catch (Throwable thrown) {
            FullQueue.rejection(thrown);
            boolean full = FullQueue.isWhy(executor);
            if (full) {
                FullQueue.again(this);
            }
            return full;
        }
    }

    /** Now if this is the executor, else as its task. Where that has ended nothing happens. Any thread. */
    final void enter() {
        if (executor().inEventLoop()) {
            runAtHome();
        } else {
            post();
        }
    }

    /** As {@link #enter}, for who was handed this in. */
    @Override
    public final void run() {
        if (executor().inEventLoop()) {
            runAtHome();
        } else if (FullQueue.beginHandingOn()) {
            try {
                post();
            } finally {
                FullQueue.endHandingOn();
            }
        } else {
            FullQueue.again(this);
        }
    }
}
