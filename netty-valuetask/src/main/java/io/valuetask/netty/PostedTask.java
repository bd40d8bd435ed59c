package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import io.valuetask.schedule.EventLoopCarrier;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A task of any thread for the executor of a channel, which is done there or given up, whatever becomes of the executor. It
 * is posted to the {@linkplain Entrance entrance}, and goes on to the executor that the channel has when it
 * is run there, as all that are posted after it do.
 */
interface PostedTask extends Runnable {
    /*
     *   posted -> arrived()      // by the executor, if it is the channel's
     *   posted -> posted         // by an executor that the channel has left; or by whoever finds that it refuses tasks
     *   posted -> gone()         // by whoever finds that the channel's executor refuses tasks, since it has ended
     *   posted -> full()         // the same, since it has too many; or by whoever runs this in place of the executor
     *   posted -> mayBeLost()    // by who posted to an executor that is shut down; when it has ended, as if it had refused
     *
     * The last one may come beside the others. Netty's executors refuse a task that comes too late by removing it again, and
     * the queues of event loops cannot remove: a task that is added while the loop ends may be neither run nor refused.
     */

    ValueTaskHandler<?, ?> handler();

    /** The task itself, on the channel's executor. */
    void arrived();

    /** Called where this has arrived, before it goes on to another executor, which the channel has now. */
    default void leavesLoop() {}

    /** The channel's executor has ended, and the channel with it. Any thread. */
    void gone(RejectedExecutionException terminated);

    /** The channel's executor has no room for it now. Any thread. Overridden by what may as well fail. */
    default void full(RejectedExecutionException rejected) {
        FullQueue.again(() -> post(handler().executor(), null));
    }

    /** Now, if this is the channel's executor and no message is on its way there, which comes first; else as its task. */
    default void enter() {
        EventExecutor executor = handler().executor();
        if (executor.inEventLoop() && !handler().outbound().writability().isTravelling()) {
            arrived();
        } else {
            Entrance entrance = handler().entrance();
            EventExecutor first = entrance.executor(executor);
            post(first, entrance.carrierOfCaller(first));
        }
    }

    /** By the way that fits the calling thread: the carrier, if it is one that the executor carries. */
    default void post(EventExecutor executor, @Nullable EventLoopCarrier carrier) {
        try {
            execute(this, executor, carrier);
            if (executor.isShutdown()) {
                mayBeLost(executor);
            }
        } catch (Throwable thrown) {
            refused(executor, FullQueue.rejection(thrown));
        }
    }

    /** Throws what the executor throws. */
    static void execute(Runnable task, EventExecutor executor, @Nullable EventLoopCarrier carrier) {
        if (carrier == null) {
            executor.execute(task);
        } else {
            carrier.post(task);
        }
    }

    private void refused(EventExecutor executor, RejectedExecutionException rejected) {
        EventExecutor current = handler().executor();
        if (current == executor) {
            if (FullQueue.isWhy(executor)) {
                full(rejected);
            } else {
                gone(rejected);
            }
        } else {
            leavesLoop();
            post(current, null); // that was the first one, and the channel has left it
        }
    }

    /** Overridden by what may not be done twice. */
    default void mayBeLost(EventExecutor executor) {
        executor.terminationFuture().addListener(ended -> refused(executor, hasEnded(executor)));
    }

    static RejectedExecutionException hasEnded(EventExecutor executor) {
        return new RejectedExecutionException("has ended: " + executor);
    }

    @Override
    default void run() {
        EventExecutor executor = handler().executor();
        if (executor.inEventLoop()) {
            arrived();
        } else if (FullQueue.beginHandingOn()) {
            try {
                leavesLoop();
                post(executor, null);
            } finally {
                FullQueue.endHandingOn();
            }
        } else {
            refused(executor, FullQueue.ranElsewhere(executor));
        }
    }
}
