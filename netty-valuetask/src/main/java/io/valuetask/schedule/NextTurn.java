package io.valuetask.schedule;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** When a carrier's next turn comes, if nobody asks for one before: as a task of its loop, or behind the loop's next I/O. */
final class NextTurn implements Runnable {
    /*
     * How each signal is caught. What is plain here is touched by the loop's thread only; another one calls handIn(), which
     * reads constants. The signal is that somebody is ready, and there are two:
     *
     *   `posted` -- this is among the loop's tasks, and a turn comes
     *   `putOff` -- a turn comes behind the loop's I/O. Until then there is none, whoever asks: the I/O would come after all
     *               of those. So what brings it must not get lost, and is in one of these places:
     *
     *   asked for ------------------------------> timer, and due    // tasks that put themselves off come before the I/O
     *             -- the loop shuts down -------> task -> timer     // it may just cancel its timers, and forgets a new one
     *   timer ------ its time has come ---------> turn
     *         ------ cancelled, in a hurry -----> task              // the loop shuts down, see cancelled()
     *         ------ cancelled, later on -------> elsewhere
     *   task ------- the loop has run it -------> turn
     *        ------- rejected, the loop lives --> elsewhere         // a full queue. A loop's timers have room, if it has any
     *        ------- run at once, by a handler
     *                of rejected tasks ---------> as if rejected    // in the frame that asks, or on another thread
     *        ------- rejected, or forgotten, as
     *                the loop is shut down -----> the end of the carrier
     *   elsewhere -- in a millisecond ----------> task              // on that thread, see handIn()
     *
     * A loop that is shut down stays so: who is rejected and then finds it shut down may forget the task, and so may the
     * loop. Who is ready is no thread's but the loop's, which may be in its last pass, until it has ended. The listener of
     * its end comes behind all that it has done, and finds them, see CarrierTurns.leave().
     *
     * See NextTurnStress, and its twins: one takes every rejection for the end and loses the turn, one does not wait for the
     * end and resumes somebody twice. And NextTurnModelTest, for the order of all these steps; of its twins one never
     * comes from elsewhere, and keeps the loop from its end.
     */

    /** While the loop shuts down: enough for those that have something to do, and then it wants to see no tasks. */
    private static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CarrierTurns turns;
    private final EventExecutor loop;
    private final Executor elsewhere;
    private final LongSupplier clock;
    private boolean posted;
    /** In the frame that asks for the task. */
    private boolean asking;
    private boolean putOff;
    /** When the first timer was cancelled; 0 if none was. */
    private long hurriesSince;
    private final Runnable behindIo = this::runBehindIo;

    /** Elsewhere is another thread, after a while. The clock, in nanoseconds, is asked when a timer is cancelled. */
    NextTurn(CarrierTurns turns, EventExecutor loop, Executor elsewhere, LongSupplier clock) {
        this.turns = turns;
        this.loop = loop;
        this.elsewhere = elsewhere;
        this.clock = clock;
    }

    /** That other thread, for all loops. */
    static void inAMillisecond(Runnable task) {
        GlobalEventExecutor.INSTANCE.schedule(task, 1, TimeUnit.MILLISECONDS);
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
            asking = true;
            try {
                loop.execute(this);
            } catch (Throwable thrown) {
                CarriedThread.checkRejected(thrown);
                posted = false;
                behindIo();
            } finally {
                asking = false;
            }
        }
    }

    void behindIo() {
        if (!putOff) {
            putOff = true;
            if (loop.isShuttingDown()) {
                handIn(this::setTimer);
            } else {
                setTimer();
            }
        }
    }

    private void setTimer() {
        try {
            loop.schedule(behindIo, 1, TimeUnit.NANOSECONDS).addListener(this::cancelled);
        } catch (RejectedExecutionException rejected) {
            putOff = false; // the end of the carrier empties its queue; where the loop lives, the next who is ready asks
        }
    }

    /** The task. */
    @Override
    public void run() {
        if (!loop.inEventLoop()) {
            elsewhere.execute(() -> handIn(this));
            return;
        }
        posted = false;
        if (asking) {
            behindIo();
        } else {
            turns.turnAsTask();
        }
    }

    private void runBehindIo() {
        putOff = false;
        turns.turn();
    }

    /**
     * A loop that shuts down cancels its timers each time that it looks whether it can end, and goes on to run tasks. But it
     * does not end while it finds some, so that after a while they come from elsewhere.
     */
    private void cancelled(Future<?> timer) {
        if (timer.isCancelled()) {
            long now = clock.getAsLong();
            if (hurriesSince == 0) {
                hurriesSince = now;
            }
            if (now - hurriesSince < HURRY_NANOS) {
                handIn(behindIo);
            } else {
                elsewhere.execute(() -> handIn(behindIo));
            }
        }
    }

    /** One that is run where it is handed in was rejected so. */
    private final class HandedIn implements Runnable {
        private final Runnable task;
        /** Who hands it in, till it has. Plain: who finds himself here has written it. */
        private @Nullable Thread asking = Thread.currentThread();

        HandedIn(Runnable task) {
            this.task = task;
        }

        void handIn() {
            loop.execute(this);
            asking = null;
        }

        @Override
        public void run() {
            if (loop.inEventLoop() && asking != Thread.currentThread()) {
                task.run();
            } else {
                elsewhere.execute(() -> NextTurn.this.handIn(task));
            }
        }
    }

    /** Any thread. */
    private void handIn(Runnable task) {
        try {
            new HandedIn(task).handIn();
        } catch (Throwable thrown) {
            CarriedThread.checkRejected(thrown);
            if (!loop.isShutdown()) {
                elsewhere.execute(() -> handIn(task));
            }
        }
    }
}
