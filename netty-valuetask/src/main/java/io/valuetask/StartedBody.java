package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A body that an executor runs and whose outcome is an operation of this source; see {@link ValueTasks#start}. */
final class StartedBody<T extends @Nullable Object> extends ManualResetValueTaskSource<T>
        implements
            Runnable {
    /*
     * Three parties meet here besides those of the word: the runner, who is inside run(); the consumer, who won
     * getResult; and the canceller, who won COMPLETING in cancel(). The word says who decides the outcome. The stage
     * says where the runner is, and keeps two promises:
     *
     * - An interrupt reaches the runner inside run() or not at all.
     * - This goes back to its pool when the outcome was taken and run() is over: a run() that is still inside must not
     *   meet the next body. Whichever comes second gives it back.
     *
     *          QUEUED -> the runner's thread    // runner: wins the body
     *          QUEUED -> ABANDONED              // canceller, or a starter whose executor failed: there will be no run
     *          QUEUED -> RETURNED               // starter whose executor refused the body
     *      its thread -> INTERRUPTING           // canceller: the runner may not leave now
     *    INTERRUPTING -> INTERRUPTED            // same canceller: the interrupt was sent
     *      its thread -> RETURNED               // runner, first: the consumer is going to give this back
     *      its thread -> CONSUMED               // consumer, first: the runner is going to give this back
     *        RETURNED -> QUEUED                 // starter of the next body, who rented this
     *        CONSUMED -> QUEUED                 // same
     *
     * ABANDONED and INTERRUPTED are never left: the executor may still hold this, or the runner may still be inside and
     * stay there for long. Then the consumer retires this from the pool.
     *
     * The canceller sends the interrupt while the word is COMPLETING, so before there is an outcome to be consumed. So
     * it is done with the runner before anybody can give this back, also where it found the runner gone.
     *
     * See BodyCancelStress, and its broken twin for an interrupt that comes late.
     */
    private enum Stage {
        QUEUED,
        ABANDONED,
        INTERRUPTING,
        INTERRUPTED,
        RETURNED,
        CONSUMED
    }

    /** Enough for the bodies that run at once on a large machine, and little to scan when there are many more. */
    private static final int POOLED = 256;

    private static final ValueTaskSourcePool<StartedBody<?>> POOL = new ValueTaskSourcePool<>(POOLED,
            StartedBody::new);

    private static final Consumer<StartedBody<?>> RUN_BODY = StartedBody::runBody;

    private static final VarHandle STAGE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "stage",
            VarHandle.class, StartedBody.class, Object.class);

    /** A {@link Stage}, or the thread that runs the body. By CAS, and setVolatile where only one party may. */
    private volatile Object stage = Stage.RETURNED;

    // Written plainly by the starter before QUEUED, read by who wins QUEUED. The body is also cleared then.
    private @Nullable Callable<? extends T> body;
    private long token;

    /**
     * The thread that is inside {@link #submit}, else null. Plain: a runner compares it with itself, and the only thread
     * that finds itself here is the one that wrote it. Left null where no contexts are propagated.
     */
    private @Nullable Thread starter;

    StartedBody() {}

    /** Called behind {@link InlineBarrier}. */
    static StartedBody<?> start(Executor executor, Callable<?> body) {
        return start(POOL, executor, body);
    }

    @SuppressWarnings("unchecked")
    static StartedBody<?> start(ValueTaskSourcePool<StartedBody<?>> pool, Executor executor,
            Callable<?> body) {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(body, "body");
        StartedBody<@Nullable Object> started = (StartedBody<@Nullable Object>) pool.rent();
        started.submit(executor, body);
        return started;
    }

    static ValueTaskSourcePool<StartedBody<?>> pool() {
        return POOL;
    }

    /** The started operation. For the starter, who has not handed it out yet. */
    long token() {
        return token;
    }

    private void submit(Executor executor, Callable<? extends T> submitted) {
        token = arm();
        body = submitted;
        if (ContextualContinuation.PROPAGATION != null) {
            starter = Thread.currentThread();
        }
        stage = Stage.QUEUED;
        try {
            execute(executor);
        } catch (Throwable rejection) {
            withdraw(rejection);
            throw rejection;
        }
    }

    private void execute(Executor executor) {
        try {
            executor.execute(this);
        } finally {
            starter = null; // before anybody else can have this
        }
    }

    /** Nobody but the starter knows the token, and the starter gets the rejection in its place. */
    private void withdraw(Throwable rejection) {
        // An executor that failed in another way may have kept this, and run it later.
        Stage instead = rejection instanceof RejectedExecutionException ? Stage.RETURNED : Stage.ABANDONED;
        if (STAGE.compareAndSet(this, Stage.QUEUED, instead)) {
            body = null;
            tryCancel(token);
        }
        Discarding.discard(this, token);
    }

    /** For the executor. A second call for the same body does nothing. */
    @Override
    public void run() {
        Thread runner = Thread.currentThread();
        if (!STAGE.compareAndSet(this, Stage.QUEUED, runner)) {
            return;
        }
        if (starter == runner) {
            // Within the starter's call. What the body does to its context must not be done to the starter's.
            ContextualContinuation.runInside(RUN_BODY, this);
        } else {
            runBody();
        }
    }

    private void runBody() {
        Thread runner = Thread.currentThread();
        long running = token;
        Callable<? extends T> called = Objects.requireNonNull(body);
        body = null;
        T result;
        try {
            result = called.call();
        } catch (Throwable failure) {
            fail(running, failure, runner);
            return;
        }
        boolean accepted = false;
        try {
            accepted = tryComplete(running, result);
        } finally {
            leave(runner);
        }
        if (!accepted) {
            Discarding.release(result); // it was cancelled: nobody gets it
        }
    }

    private void fail(long running, Throwable failure, Thread runner) {
        try {
            tryCompleteExceptionally(running, failure);
        } finally {
            leave(runner);
        }
    }

    /** The last that run() does with this. */
    @SuppressWarnings("ThreadPriorityCheck") // as in FutureTask: the canceller is between two statements
    private void leave(Thread runner) {
        if (STAGE.compareAndSet(this, runner, Stage.RETURNED)) {
            return;
        }
        if (stage == Stage.CONSUMED) {
            super.endOperation();
            return;
        }
        while (stage == Stage.INTERRUPTING) {
            Thread.yield();
        }
        Thread.interrupted(); // it was meant for the body, not for what this thread does next
    }

    @Override
    public boolean cancel(long canceled) {
        if (claimCompletion(canceled) != 0) {
            return false;
        }
        try {
            stop();
        } finally {
            publishOutcome(StateWord.CANCELED);
        }
        return true;
    }

    /** For the canceller, in COMPLETING. */
    private void stop() {
        for (;;) {
            Object seen = stage;
            if (seen == Stage.QUEUED) {
                if (STAGE.compareAndSet(this, seen, Stage.ABANDONED)) {
                    body = null;
                    return;
                }
            } else if (seen instanceof Thread runner) {
                if (STAGE.compareAndSet(this, runner, Stage.INTERRUPTING)) {
                    interrupt(runner);
                    return;
                }
            } else {
                return; // the body has just ended; its outcome came too late
            }
        }
    }

    private void interrupt(Thread runner) {
        try {
            runner.interrupt();
        } finally {
            stage = Stage.INTERRUPTED;
        }
    }

    /** For the consumer. */
    @Override
    void endOperation() {
        if (stage instanceof Thread runner && STAGE.compareAndSet(this, runner, Stage.CONSUMED)) {
            return;
        }
        if (stage == Stage.RETURNED) {
            super.endOperation();
        } else {
            retire();
        }
    }
}
