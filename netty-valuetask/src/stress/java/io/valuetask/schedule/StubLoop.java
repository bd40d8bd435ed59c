package io.valuetask.schedule;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * An event loop whose thread is whoever runs its tasks, as far as Netty's promises go: it takes a task as long as its queue
 * has room, also in its last moments, and then may not run it.
 */
class StubLoop extends AbstractEventExecutor {
    private final Queue<Runnable> tasks;
    /** All are due at once. A first turn, before it is compiled, may take so long that the next one is put off. */
    private final Queue<Runnable> timers = new ConcurrentLinkedQueue<>();
    private volatile boolean shutDown;
    /** Whoever runs its tasks. Plain: a thread finds itself here only if it was the last to write. */
    private Thread thread;
    final Termination termination = new Termination();

    /** With room for any number of tasks. */
    StubLoop() {
        this(new ConcurrentLinkedQueue<>());
    }

    StubLoop(Queue<Runnable> tasks) {
        this.tasks = tasks;
    }

    /** For the one thread that it has. */
    final void runTasks() {
        thread = Thread.currentThread();
        runAll(tasks);
        runAll(timers);
    }

    private static void runAll(Queue<Runnable> queue) {
        for (Runnable task; (task = queue.poll()) != null;) {
            task.run();
        }
    }

    /** Likewise. */
    final void runLastTasks() {
        shutDown = true;
        runTasks();
    }

    @Override
    public boolean inEventLoop(Thread asked) {
        return thread == asked;
    }

    @Override
    public void execute(Runnable task) {
        if (!tasks.offer(task)) {
            throw new RejectedExecutionException();
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        timers.add(task);
        return new Timer();
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
        return termination;
    }

    /** Nobody is told that it has run. */
    private static final class Timer extends DefaultPromise<Object> implements ScheduledFuture<Object> {
        Timer() {
            super(ImmediateEventExecutor.INSTANCE);
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

    /** Does not come: the arbiter looks again in its place. */
    static final class Termination extends DefaultPromise<Object> {
        boolean isListenedTo;

        Termination() {
            super(ImmediateEventExecutor.INSTANCE);
        }

        @Override
        public Promise<Object> addListener(
                GenericFutureListener<? extends Future<? super Object>> listener) {
            isListenedTo = true;
            return this;
        }
    }
}
