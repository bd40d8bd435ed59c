package io.valuetask.schedule;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.valuetask.schedule.NextTurnModelTest.Twin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The event loop of {@link NextTurnModelTest}: it has room for one task. One of the twins may be its fault. */
final class ModelLoop extends AbstractEventExecutor {
    private final Twin twin;
    final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    final List<Timer> timers = new ArrayList<>();
    boolean shuttingDown;
    boolean shut;
    boolean rejectsTimer;

    ModelLoop(Twin twin) {
        this.twin = twin;
    }

    boolean hasRoom() {
        return tasks.isEmpty() && !shut;
    }

    void runTimers() {
        List<Timer> due = List.copyOf(timers);
        timers.clear();
        for (Timer each : due) {
            each.task.run();
            each.setSuccess(null);
        }
    }

    /** As Netty does: forgets those that are set meanwhile. */
    void cancelTimers(Runnable amid) {
        List<Timer> all = List.copyOf(timers);
        amid.run();
        all.forEach(timer -> timer.cancel(false));
        timers.clear();
    }

    @Override
    public void execute(Runnable task) {
        if (!hasRoom() && (shut || twin != Twin.FORGETS_WHAT_IS_CANCELLED_LATER)) {
            throw new RejectedExecutionException();
        }
        tasks.add(task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        Timer timer = new Timer(task);
        boolean atItsEnd = shut && (twin == Twin.REJECTS_TIMERS_WHEN_SHUT || twin == Twin.FORGETS_TIMERS);
        if (rejectsTimer || atItsEnd) {
            rejectsTimer = false;
            if (twin == Twin.FORGETS_TIMERS) {
                return timer;
            }
            throw new RejectedExecutionException();
        }
        timers.add(timer);
        return timer;
    }

    @Override
    public boolean inEventLoop(Thread asked) {
        return true;
    }

    @Override
    public boolean isShuttingDown() {
        return shuttingDown && twin != Twin.ASKS_NOT_WHETHER_IT_SHUTS_DOWN;
    }

    @Override
    public boolean isShutdown() {
        return shut;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }

    @Override
    @Deprecated
    public void shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<?> terminationFuture() {
        throw new UnsupportedOperationException();
    }

    private static final class Timer extends DefaultPromise<Object> implements ScheduledFuture<Object> {
        final Runnable task;

        Timer(Runnable task) {
            super(ImmediateEventExecutor.INSTANCE);
            this.task = task;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
