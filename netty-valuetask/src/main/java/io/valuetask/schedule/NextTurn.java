package io.valuetask.schedule;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** When a carrier's next turn comes, if nobody asks for one before: as a task of its loop, or behind the loop's next I/O. */
final class NextTurn implements Runnable {
    /*
     * On the loop's thread only, but for turnAsTask():
     *
     *   `posted` -- this is among the loop's tasks, and a turn comes
     *   `putOff` -- `behindIo` is among the loop's timers, and due, since tasks that put themselves off would come before the
     *               I/O again. Until then there is no turn, whoever asks: the I/O would come after all of those
     *
     * A loop whose queue is full has room among its timers. One that shuts down cancels its timers each time that it looks
     * whether it can end: see cancelled().
     */

    /** While the loop shuts down: enough for those that have something to do, and then it wants to see no tasks. */
    private static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventLoopCarrier carrier;
    private final EventExecutor loop;
    private boolean posted;
    private boolean putOff;
    /** When the first timer was cancelled; 0 if none was. */
    private long hurriesSince;
    private final Runnable behindIo = this::runBehindIo;

    NextTurn(EventLoopCarrier carrier) {
        this.carrier = carrier;
        loop = carrier.loop();
    }

    boolean isPosted() {
        return posted;
    }

    boolean isPutOff() {
        return putOff;
    }

    void asTask() {
        if (!posted && !putOff) {
            posted = true;
            try {
                loop.execute(this);
            } catch (RejectedExecutionException full) {
                posted = false;
                behindIo(); // its timers have room
            }
        }
    }

    void behindIo() {
        if (!putOff) {
            putOff = true;
            try {
                loop.schedule(behindIo, 1, TimeUnit.NANOSECONDS).addListener(this::cancelled);
            } catch (RejectedExecutionException terminated) {
                putOff = false; // the end of the carrier empties its queue
            }
        }
    }

    /** The task. */
    @Override
    public void run() {
        posted = false;
        carrier.turn();
    }

    private void runBehindIo() {
        putOff = false;
        carrier.turn();
    }

    /**
     * A loop that shuts down cancels its timers, and goes on to run tasks. But it does not end while it finds some, so that
     * after a while they come through a timer of somebody else's.
     */
    private void cancelled(Future<?> timer) {
        if (timer.isCancelled()) {
            long now = System.nanoTime();
            if (hurriesSince == 0) {
                hurriesSince = now;
            }
            if (now - hurriesSince < HURRY_NANOS) {
                turnAsTask();
            } else {
                GlobalEventExecutor.INSTANCE.schedule(this::turnAsTask, 1, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Any thread. */
    private void turnAsTask() {
        try {
            loop.execute(behindIo);
        } catch (RejectedExecutionException full) {
            if (!loop.isShutdown()) { // else the end of the carrier empties its queue
                GlobalEventExecutor.INSTANCE.schedule(this::turnAsTask, 1, TimeUnit.MILLISECONDS);
            }
        }
    }
}
