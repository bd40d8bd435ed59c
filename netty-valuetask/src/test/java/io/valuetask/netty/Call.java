package io.valuetask.netty;

import io.netty.channel.EventLoop;
import io.valuetask.ValueTask;
import io.valuetask.schedule.EventLoopVirtualThreads;
import io.valuetask.testing.BackgroundCall;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * An operation that somebody has started and waits for: a continuation on the event loop, or a thread. Tests learn
 * when it waits, and what came of it; all of that is bounded.
 */
final class Call<T> {
    /** Who starts the operation and awaits it. */
    enum By {
        LOOP(null),
        VIRTUAL(BackgroundCall.Kind.VIRTUAL),
        PLATFORM(BackgroundCall.Kind.PLATFORM),
        /** A virtual thread that the channel's own loop carries. */
        CARRIED_HERE(null),
        /** A virtual thread that another loop carries. */
        CARRIED_ELSEWHERE(BackgroundCall.Kind.CARRIED);

        private final BackgroundCall.Kind kind;

        By(BackgroundCall.Kind kind) {
            this.kind = kind;
        }

        /** Whether the channel's loop does nothing else while the caller does something. */
        boolean isOnTheLoop() {
            return this == LOOP || (this == CARRIED_HERE && EventLoopVirtualThreads.isSupported());
        }

        /** Runs something that may wait. Not for {@link #LOOP}, which may not. */
        <T> BackgroundCall<T> run(ValueTaskChannel<?, ?> channel, Callable<T> call) {
            return this == CARRIED_HERE
                    ? BackgroundCall.start(channel.channel().eventLoop(), call)
                    : BackgroundCall.start(kind, call);
        }

        <T> Call<T> start(ValueTaskChannel<?, ?> channel, Supplier<ValueTask<T>> operation) {
            return this == LOOP
                    ? new Call<>(channel.channel().eventLoop(), operation)
                    : new Call<>(run(channel, () -> operation.get().await()));
        }

        /** Starts the operation and waits for its outcome. */
        <T> T call(ValueTaskChannel<?, ?> channel, Supplier<ValueTask<T>> operation) throws Throwable {
            return start(channel, operation).result();
        }
    }

    static final int LIMIT_SECONDS = 20;

    private final BackgroundCall<T> thread;
    private final CompletableFuture<Boolean> waits = new CompletableFuture<>();
    private final CompletableFuture<T> outcome = new CompletableFuture<>();

    private Call(BackgroundCall<T> thread) {
        this.thread = thread;
    }

    private Call(EventLoop loop, Supplier<ValueTask<T>> operation) {
        thread = null;
        if (loop.inEventLoop()) {
            start(operation); // the loop of an embedded channel is whichever thread calls
        } else {
            loop.execute(() -> start(operation));
        }
    }

    private void start(Supplier<ValueTask<T>> operation) {
        try {
            ValueTask<T> task = operation.get();
            boolean registered = task.onCompleted(this::take, task);
            waits.complete(registered);
            if (!registered) {
                take(task);
            }
        } catch (Throwable failure) {
            waits.complete(false);
            outcome.completeExceptionally(failure);
        }
    }

    private void take(ValueTask<T> task) {
        try {
            outcome.complete(task.result());
        } catch (Throwable failure) {
            outcome.completeExceptionally(failure);
        }
    }

    /** Returns when the operation has a waiter. */
    Call<T> awaitWaiting() throws Exception {
        if (thread != null) {
            thread.awaitParked();
        } else if (!waits.get(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the operation was complete at once: " + outcome);
        }
        return this;
    }

    boolean isWaiting() {
        return thread != null ? thread.thread().isAlive() : !outcome.isDone();
    }

    T result() throws Throwable {
        if (thread != null) {
            return thread.result();
        }
        Throwable failure = failure();
        if (failure != null) {
            throw failure;
        }
        return outcome.resultNow();
    }

    /** What the operation failed with, or null. */
    Throwable failure() throws Exception {
        if (thread != null) {
            return thread.failure();
        }
        // Not get(), which would wrap the failure of a cancelled operation into a new one.
        return outcome.handle((result, failure) -> failure).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
