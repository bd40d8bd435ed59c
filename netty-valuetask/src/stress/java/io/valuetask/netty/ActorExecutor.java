package io.valuetask.netty;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;

/**
 * An executor without a thread of its own, since actors cannot wait for one: its thread is whoever {@linkplain #enter
 * has entered} it, and its tasks wait until that one runs them.
 */
public final class ActorExecutor extends AbstractEventExecutor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final MockTicker ticker = Ticker.newMockTicker();
    /** Plain: a thread finds itself here only if it was the last to write, and what others find tells them enough. */
    private Thread thread;
    /** The last one that was set. For who has entered. */
    private Timer timer;
    private final Promise<Object> terminated = ImmediateEventExecutor.INSTANCE.newPromise();
    private volatile boolean shutDown;

    /** The calling thread is the executor's. */
    public void enter() {
        thread = Thread.currentThread();
    }

    /** Nobody is in the executor. */
    public void leave() {
        thread = null;
    }

    /** For who has entered. */
    public void runTasks() {
        for (Runnable task; (task = tasks.poll()) != null;) {
            task.run();
        }
    }

    boolean hasTasks() {
        return !tasks.isEmpty();
    }

    boolean hasTimer() {
        return timer != null && !timer.isDone();
    }

    void fireTimer() {
        timer.trySuccess(null);
        timer.task.run();
    }

    @Override
    public boolean inEventLoop(Thread asked) {
        return thread == asked;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        timer = new Timer(task);
        return timer;
    }

    @Override
    public MockTicker ticker() {
        return ticker;
    }

    /** Fires when it is told to. */
    private final class Timer extends DefaultPromise<Object> implements ScheduledFuture<Object> {
        private final Runnable task;

        Timer(Runnable task) {
            super(ActorExecutor.this);
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

    // It ends only where a test says so, and runs its tasks all the same: which of them an executor that ends still runs
    // is what the others cannot know.

    void shutDown() {
        shutDown = true;
    }

    void terminate() {
        terminated.trySuccess(null);
    }

    @Override
    public boolean isShuttingDown() {
        return shutDown;
    }

    @Override
    public boolean isShutdown() {
        return shutDown;
    }

    @Override
    public boolean isTerminated() {
        return terminated.isDone();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
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
        return terminated;
    }
}
