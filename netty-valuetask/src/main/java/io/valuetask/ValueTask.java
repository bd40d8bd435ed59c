package io.valuetask;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The handle of one operation: its result or failure when that is known already, otherwise the
 * {@link ValueTaskSource} that runs it and the token that names it there. Counterpart of .NET's
 * {@code ValueTask<TResult>}; a {@code ValueTask<Void>} is the non-generic one.
 *
 * <p>Consume it once and soon, in one of these ways:
 *
 * <ul>
 * <li>{@link #await()} parks the calling thread, virtual or platform;</li>
 * <li>{@link #onCompleted} registers a continuation, which takes the {@link #result()};</li>
 * <li>{@link #toCompletableFuture()} makes an object that can be kept, shared and awaited any number of
 * times.</li>
 * </ul>
 *
 * <p>Everything else about a source-backed handle (a second await, two at once, a result that is not there yet,
 * a handle kept from an earlier operation) throws {@link ValueTaskMisuseException} and harms nobody else. To
 * keep a handle across a suspension without allocating, put it into a {@link ValueTaskAwaiter}.
 *
 * <p>This is a value-based class, like {@link java.util.Optional}: do not lock it or compare it with
 * {@code ==}.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> The result passes to whoever takes it. Until then it belongs
 * to the source. <b>Allocation.</b> A handle is two words; where the compiler inlines the call that returns it,
 * as in {@code channel.read().await()}, it is never allocated.
 *
 * @param <T> the type of the result
 */
public final class ValueTask<T extends @Nullable Object> {
    // What the payload is. A token of a source is never negative.
    private static final long RESULT = -1;
    private static final long FAILURE = -2;
    private static final long STAGE = -3;
    /** What an awaiter holds that holds nothing. */
    static final long NO_TASK = -4;

    /** Half of the range, so that a deadline made of it does not overflow. */
    private static final long FOREVER_NANOS = Long.MAX_VALUE / 2;

    private static final ValueTask<?> COMPLETED = new ValueTask<>(RESULT, null);

    private final long token;
    private final @Nullable Object payload;

    ValueTask(long token, @Nullable Object payload) {
        this.token = token;
        this.payload = payload;
    }

    // How a handle is made

    /**
     * The operation that has succeeded and has nothing to say: one shared instance.
     *
     * @param <T> the type of the result
     * @return a handle whose result is null
     */
    @SuppressWarnings("unchecked")
    public static <T extends @Nullable Object> ValueTask<T> completed() {
        return (ValueTask<T>) COMPLETED;
    }

    /**
     * An operation that has succeeded.
     *
     * @param <T> the type of the result
     * @param result the result
     * @return a handle with that result
     */
    public static <T extends @Nullable Object> ValueTask<T> completed(T result) {
        return result == null ? completed() : new ValueTask<>(RESULT, result);
    }

    /**
     * An operation that has failed.
     *
     * @param <T> the type of the result
     * @param failure the cause; a {@link CancellationException} makes the operation a cancelled one
     * @return a handle that throws {@code failure} itself
     */
    public static <T extends @Nullable Object> ValueTask<T> failed(Throwable failure) {
        return new ValueTask<>(FAILURE, Objects.requireNonNull(failure, "failure"));
    }

    /**
     * An operation that was cancelled.
     *
     * @param <T> the type of the result
     * @return a handle that throws a new {@link CancellationException}
     */
    public static <T extends @Nullable Object> ValueTask<T> canceled() {
        return failed(new CancellationException("the operation was cancelled"));
    }

    /**
     * An operation of a source.
     *
     * @param <T> the type of the result
     * @param source who runs the operation
     * @param token the operation, as the source calls it
     * @return a handle that asks the source
     */
    public static <T extends @Nullable Object> ValueTask<T> fromSource(ValueTaskSource<T> source,
            long token) {
        if (token < 0) {
            throw new IllegalArgumentException("token: " + token + " (expected: >= 0)");
        }
        return new ValueTask<>(token, Objects.requireNonNull(source, "source"));
    }

    /**
     * An operation that somebody else's future stands for. Such a handle may be awaited any number of times.
     *
     * @param <T> the type of the result
     * @param stage the future
     * @return a handle that asks the future
     */
    public static <T extends @Nullable Object> ValueTask<T> fromFuture(CompletionStage<T> stage) {
        return new ValueTask<>(STAGE, stage.toCompletableFuture());
    }

    // What can be seen without consuming it

    /**
     * Where the operation stands.
     *
     * @return the status
     * @throws ValueTaskMisuseException if the result was taken already
     */
    public ValueTaskSourceStatus status() {
        return status(token, payload);
    }

    static ValueTaskSourceStatus status(long token, @Nullable Object payload) {
        if (token >= 0) {
            return source(payload).getStatus(token);
        } else if (token == RESULT) {
            return ValueTaskSourceStatus.SUCCEEDED;
        } else if (token == FAILURE) {
            return payload instanceof CancellationException
                    ? ValueTaskSourceStatus.CANCELED
                    : ValueTaskSourceStatus.FAULTED;
        }
        return switch (future(payload).state()) {
            case RUNNING -> ValueTaskSourceStatus.PENDING;
            case SUCCESS -> ValueTaskSourceStatus.SUCCEEDED;
            case FAILED -> ValueTaskSourceStatus.FAULTED;
            case CANCELLED -> ValueTaskSourceStatus.CANCELED;
        };
    }

    /**
     * Whether {@link #result()} would answer.
     *
     * @return true if the operation has ended, however
     */
    public boolean isCompleted() {
        return status() != ValueTaskSourceStatus.PENDING;
    }

    /**
     * Whether {@link #result()} would return a result.
     *
     * @return true if the operation has succeeded
     */
    public boolean isCompletedSuccessfully() {
        return status() == ValueTaskSourceStatus.SUCCEEDED;
    }

    /**
     * Whether the operation has failed, other than by cancellation.
     *
     * @return true if the operation has failed
     */
    public boolean isFaulted() {
        return status() == ValueTaskSourceStatus.FAULTED;
    }

    /**
     * Whether the operation was cancelled.
     *
     * @return true if the operation was cancelled
     */
    public boolean isCanceled() {
        return status() == ValueTaskSourceStatus.CANCELED;
    }

    // How it is consumed

    /**
     * Takes the outcome of an operation that has ended. Never blocks.
     *
     * @return the result
     * @throws ValueTaskMisuseException if the operation is pending, or its result was taken already
     * @throws IOException the operation's own failure, unchanged, where it is one; any other failure is thrown
     *         unchanged too
     */
    public T result() throws IOException {
        return result(token, payload);
    }

    @SuppressWarnings("TypeParameterUnusedInFormals")
    static <T extends @Nullable Object> T result(long token, @Nullable Object payload) throws IOException {
        return token >= 0 ? ValueTask.<T>source(payload).getResult(token) : immediate(token, payload);
    }

    /**
     * Waits for the operation and takes its outcome. A thread that is interrupted while it waits cancels the
     * operation; if that is too late, the outcome is returned and the thread stays interrupted.
     *
     * @return the result
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     * @throws IllegalStateException if the operation is pending and the calling thread must not block: on a
     *         Netty event loop this is a {@code BlockingOperationException}, and the operation goes on
     * @throws IOException the operation's own failure, unchanged, where it is one; any other failure is thrown
     *         unchanged too
     * @throws InterruptedException if the thread was interrupted and the operation was cancelled for it
     */
    public T await() throws IOException, InterruptedException {
        if (token >= 0) {
            return InlineBarrier.await(ValueTask.<T>source(payload), token);
        }
        if (token == STAGE) {
            try {
                waitFor(future(payload), FOREVER_NANOS);
            } catch (TimeoutException afterACentury) {
                throw new AssertionError(afterACentury);
            }
        }
        return immediate(token, payload);
    }

    /**
     * Waits for the operation, but not longer than told; then cancels it. If the operation cannot be cancelled
     * any more, its outcome is waited for and returned, since to drop it would lose it.
     *
     * @param timeout how long to wait at most; zero or less: cancel at once what is not complete
     * @return the result
     * @throws TimeoutException if the operation was cancelled because time was up
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     * @throws IllegalStateException if the operation is pending and the calling thread must not block
     * @throws IOException the operation's own failure, unchanged, where it is one; any other failure is thrown
     *         unchanged too
     * @throws InterruptedException if the thread was interrupted and the operation was cancelled for it
     */
    public T await(Duration timeout) throws IOException, InterruptedException, TimeoutException {
        long timeoutNanos = toNanosSaturated(Objects.requireNonNull(timeout, "timeout"));
        if (token >= 0) {
            return Waiting.await(ValueTask.<T>source(payload), token, timeoutNanos);
        }
        if (token == STAGE) {
            waitFor(future(payload), timeoutNanos);
        }
        return immediate(token, payload);
    }

    /**
     * Registers a continuation, unless the operation has already completed. See
     * {@link #onCompleted(Consumer, Object, int)}.
     *
     * @param <S> the type of the state
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation, so that it need not capture anything
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state) {
        return onCompleted(continuation, state, ValueTaskSourceOnCompletedFlags.NONE);
    }

    /**
     * Registers a continuation, unless the operation has already completed.
     *
     * @param <S> the type of the state
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation, so that it need not capture anything
     * @param flags a combination of {@link ValueTaskSourceOnCompletedFlags}
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            int flags) {
        return onCompleted(token, payload, continuation, state, flags);
    }

    static <S extends @Nullable Object> boolean onCompleted(long token, @Nullable Object payload,
            Consumer<? super S> continuation, S state, int flags) {
        if (token >= 0) {
            return source(payload).onCompleted(continuation, state, token, flags);
        }
        Objects.requireNonNull(continuation, "continuation");
        if (token != STAGE || future(payload).isDone()) {
            return false;
        }
        return registerWithFuture(future(payload), continuation, state, flags);
    }

    /**
     * Turns the handle into an ordinary future, and consumes the handle. A cancelled operation gives a cancelled
     * future; cancelling the future cancels the operation where that is still possible, and otherwise returns
     * false.
     *
     * @return a future with the outcome
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public CompletableFuture<T> toCompletableFuture() {
        if (token >= 0) {
            return SourceFuture.of(ValueTask.<T>source(payload), token);
        } else if (token == STAGE) {
            return future(payload);
        } else if (token == FAILURE) {
            return CompletableFuture.failedFuture(failure(payload));
        }
        return CompletableFuture.completedFuture(value(payload));
    }

    // What kind it is

    /*
     * All that depends on the kind is static and takes the two fields. A call that the compiler does not inline,
     * because that kind is rare in this program, would otherwise be a call on the handle, and a handle that is
     * passed to a call has to exist in the heap: 24 bytes for every operation, of the frequent kind too.
     */

    long token() {
        return token;
    }

    @Nullable
    Object payload() {
        return payload;
    }

    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
    private static <T extends @Nullable Object> ValueTaskSource<T> source(@Nullable Object payload) {
        return (ValueTaskSource<T>) payload;
    }

    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
    private static <T extends @Nullable Object> CompletableFuture<T> future(@Nullable Object payload) {
        return (CompletableFuture<T>) payload;
    }

    @SuppressWarnings("NullAway")
    private static Throwable failure(@Nullable Object payload) {
        return (Throwable) payload;
    }

    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
    private static <T extends @Nullable Object> T value(@Nullable Object payload) {
        return (T) payload;
    }

    /** The outcome of a handle that has no source. */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    private static <T extends @Nullable Object> T immediate(long token, @Nullable Object payload) {
        if (token == RESULT) {
            return value(payload);
        } else if (token == FAILURE) {
            throw Failures.sneaky(failure(payload));
        }
        CompletableFuture<T> future = future(payload);
        return switch (future.state()) {
            case SUCCESS -> future.resultNow();
            case FAILED -> throw Failures.sneaky(future.exceptionNow());
            // There is no exceptionNow() for a cancelled future, and get() may wrap its exception.
            case CANCELLED -> throw Failures.sneaky(future.handle((value, failure) -> failure).join());
            case RUNNING -> throw new ValueTaskMisuseException(
                    "the operation has not completed: state=PENDING, source=" + future
                            + "; await it, or check isCompleted() first");
        };
    }

    /** Returns when the future is done. As with a source, what cannot be cancelled any more is waited for. */
    private static void waitFor(CompletableFuture<?> future, long timeoutNanos)
            throws InterruptedException, TimeoutException {
        if (future.isDone()) {
            return;
        }
        CallerContexts.INSTANCE.checkMayBlock();
        long deadline = System.nanoTime() + timeoutNanos;
        boolean cancelable = true;
        boolean interrupted = false;
        try {
            while (!future.isDone()) {
                try {
                    long remaining = deadline - System.nanoTime();
                    future.get(cancelable ? remaining : FOREVER_NANOS, TimeUnit.NANOSECONDS);
                } catch (TimeoutException timedOut) {
                    if (future.cancel(true)) {
                        throw timedOut;
                    }
                    cancelable = false;
                } catch (InterruptedException interruption) {
                    if (future.cancel(true)) {
                        interrupted = false;
                        throw interruption;
                    }
                    interrupted = true;
                } catch (ExecutionException | CancellationException done) {
                    // immediate() throws what is inside.
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings({"unchecked", "FutureReturnValueIgnored"})
    private static <S extends @Nullable Object> boolean registerWithFuture(CompletableFuture<?> future,
            Consumer<? super S> continuation, S state, int flags) {
        Executor executor = SourceCore.requestedExecutor(flags);
        Consumer<@Nullable Object> waiter = (Consumer<@Nullable Object>) continuation;
        future.whenComplete((value, failure) -> SourceCore.resume(waiter, state, executor));
        return true;
    }

    private static long toNanosSaturated(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException tooLong) {
            return timeout.isNegative() ? -FOREVER_NANOS : FOREVER_NANOS;
        }
    }

    /** Equal if both name the same operation, or hold equal results. Does not consume. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ValueTask<?> that && token == that.token
                && (token == RESULT ? Objects.equals(payload, that.payload) : payload == that.payload);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(token)
                + (token == RESULT ? Objects.hashCode(payload) : System.identityHashCode(payload));
    }

    /** Tells what is behind the handle. Does not consume, and does not touch the result. */
    @Override
    public String toString() {
        if (token >= 0) {
            return "ValueTask[token=" + token + ", source=" + payload + "]";
        } else if (token == RESULT) {
            return "ValueTask[SUCCEEDED]";
        } else if (token == FAILURE) {
            return "ValueTask[" + status() + ": " + payload + "]";
        }
        return "ValueTask[" + payload + "]";
    }
}
