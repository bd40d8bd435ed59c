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
 * What a handle does, told by its two parts: a token that says what the payload is, and the payload.
 *
 * <p>All that depends on the kind is static and takes the parts. A call that the compiler does not inline, because that
 * kind is rare in this program, would otherwise be a call on the handle, and a handle that is passed to a call has to
 * exist in the heap: 24 bytes for every operation, of the frequent kind too.
 */
final class Handle {
    // What the payload is, where it is no source. A token of a source is never negative.
    static final long RESULT = -1;
    static final long FAILURE = -2;
    static final long STAGE = -3;
    /** What an awaiter holds that holds nothing. */
    static final long NO_TASK = -4;

    private static final Consumer<CompletableFuture<?>> CANCEL_FUTURE = Handle::cancelFuture;

    private Handle() {}

    static long requireToken(long token) {
        if (token < 0) {
            throw negative(token);
        }
        return token;
    }

    /** Apart, so that whoever makes handles does not inline the making of a text. */
    private static IllegalArgumentException negative(long token) {
        return new IllegalArgumentException("token: " + token + " (expected: >= 0)");
    }

    static CompletableFuture<?> futureOf(CompletionStage<?> stage) {
        return Objects.requireNonNull(Objects.requireNonNull(stage, "stage").toCompletableFuture(),
                "stage.toCompletableFuture()");
    }

    static ValueTaskSourceStatus status(long token, @Nullable Object payload) {
        if (token >= 0) {
            return source(payload).getStatus(token);
        } else if (token == RESULT) {
            return ValueTaskSourceStatus.SUCCEEDED;
        } else if (token == FAILURE) {
            return statusOf(failure(payload));
        }
        return switch (future(payload).state()) {
            case RUNNING -> ValueTaskSourceStatus.PENDING;
            case SUCCESS -> ValueTaskSourceStatus.SUCCEEDED;
            // A future that depends on a cancelled one has failed, with a cancellation inside.
            case FAILED -> statusOf(failureNow(future(payload)));
            case CANCELLED -> ValueTaskSourceStatus.CANCELED;
        };
    }

    private static ValueTaskSourceStatus statusOf(Throwable failure) {
        return failure instanceof CancellationException
                ? ValueTaskSourceStatus.CANCELED
                : ValueTaskSourceStatus.FAULTED;
    }

    @SuppressWarnings("TypeParameterUnusedInFormals")
    static <T extends @Nullable Object> T result(long token, @Nullable Object payload) throws IOException {
        return token >= 0 ? Handle.<T>source(payload).getResult(token) : immediate(token, payload);
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
        return FutureWaiter.register(future(payload), continuation, state, flags);
    }

    static <S extends @Nullable Object> boolean onCompleted(long token, @Nullable Object payload,
            Consumer<? super S> continuation, S state, Executor executor, int flags) {
        return onCompleted(token, payload, DispatchedContinuation.DISPATCH,
                DispatchedContinuation.of(executor, continuation, state, flags),
                ValueTaskSourceOnCompletedFlags.NONE);
    }

    static <T extends @Nullable Object> CompletableFuture<T> toCompletableFuture(long token,
            @Nullable Object payload) {
        if (token >= 0) {
            return SourceFuture.of(Handle.<T>source(payload), token);
        } else if (token == STAGE) {
            return future(payload);
        } else if (token == FAILURE) {
            return CompletableFuture.failedFuture(failure(payload));
        }
        return CompletableFuture.completedFuture(value(payload));
    }

    static void discard(long token, @Nullable Object payload) {
        if (token >= 0) {
            Discarding.discard(source(payload), token);
        } else if (token == RESULT) {
            Discarding.release(payload);
        }
    }

    static boolean equal(long token, @Nullable Object payload, long otherToken,
            @Nullable Object otherPayload) {
        return token == otherToken
                && (token == RESULT ? Objects.equals(payload, otherPayload) : payload == otherPayload);
    }

    static int hash(long token, @Nullable Object payload) {
        return 31 * Long.hashCode(token)
                + (token == RESULT ? Objects.hashCode(payload) : System.identityHashCode(payload));
    }

    /** Does not touch the result, whose own text may have side effects. */
    static String describe(long token, @Nullable Object payload) {
        if (token >= 0) {
            return "token=" + token + ", source=" + payload;
        } else if (token == RESULT) {
            return "SUCCEEDED";
        } else if (token == FAILURE) {
            return status(token, payload) + ": " + payload;
        }
        return String.valueOf(payload);
    }

    // What the payload is

    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
    static <T extends @Nullable Object> ValueTaskSource<T> source(@Nullable Object payload) {
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

    // Handles without a source

    /** The outcome of a handle that has no source. */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    static <T extends @Nullable Object> T immediate(long token, @Nullable Object payload) {
        if (token == RESULT) {
            return value(payload);
        } else if (token == FAILURE) {
            throw Failures.sneaky(failure(payload));
        }
        CompletableFuture<T> future = future(payload);
        return switch (future.state()) {
            case SUCCESS -> future.resultNow();
            case FAILED -> throw Failures.sneaky(failureNow(future));
            // There is no exceptionNow() for a cancelled future, and get() may wrap its exception.
            case CANCELLED -> throw Failures.sneaky(future.handle((value, failure) -> failure).join());
            case RUNNING -> throw new ValueTaskMisuseException(
                    "the operation has not completed: state=PENDING, source=" + future
                            + "; await it, or check isCompleted() first");
        };
    }

    /**
     * What a failed future failed with. A {@link java.util.concurrent.CompletionException} is what futures put around the
     * failure of another one; but where the future is an operation's, it is that operation's own.
     */
    private static Throwable failureNow(CompletableFuture<?> future) {
        return future instanceof SourceFuture<?> own ? own.failureNow() : future.exceptionNow();
    }

    /** A future of numbers that brought none has failed its owner's promise. */
    static int number(@Nullable Integer result, @Nullable Object payload) {
        return Objects.requireNonNull(result,
                () -> "the future of an IntValueTask was completed with null: source="
                        + payload + "; complete it with a number, or use ValueTask.fromFuture");
    }

    /** {@link #immediate}, once there is one. */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    static <T extends @Nullable Object> T awaitImmediate(long token, @Nullable Object payload)
            throws InterruptedException {
        if (token == STAGE) {
            try {
                waitFor(future(payload), Waiting.FOREVER_NANOS, CancellationToken.NONE);
            } catch (TimeoutException afterACentury) {
                throw new AssertionError(afterACentury);
            }
        }
        return immediate(token, payload);
    }

    /** Returns when {@link #result} can answer; cancels the operation when time is up. */
    static void untilCompleted(long token, @Nullable Object payload, Duration timeout)
            throws IOException, InterruptedException, TimeoutException {
        long timeoutNanos = toNanosSaturated(Objects.requireNonNull(timeout, "timeout"));
        if (token >= 0) {
            Waiting.untilCompleted(source(payload), token, timeoutNanos, CancellationToken.NONE);
        } else if (token == STAGE) {
            waitFor(future(payload), timeoutNanos, CancellationToken.NONE);
        }
    }

    /** Returns when {@link #result} can answer; cancels the operation when the token fires. */
    static void untilCompleted(long token, @Nullable Object payload, CancellationToken cancellation)
            throws IOException, InterruptedException {
        Objects.requireNonNull(cancellation, "cancellation");
        try {
            if (token >= 0) {
                Waiting.untilCompleted(source(payload), token, Waiting.FOREVER_NANOS, cancellation);
            } else if (token == STAGE) {
                waitFor(future(payload), Waiting.FOREVER_NANOS, cancellation);
            }
        } catch (TimeoutException afterACentury) {
            throw new AssertionError(afterACentury);
        }
    }

    /** Never negative, and never more than {@link Waiting#FOREVER_NANOS}. */
    static long toNanosSaturated(Duration timeout) {
        try {
            return Math.max(Math.min(timeout.toNanos(), Waiting.FOREVER_NANOS), 0);
        } catch (ArithmeticException tooLong) {
            return timeout.isNegative() ? 0 : Waiting.FOREVER_NANOS;
        }
    }

    /** Returns when the future is done. As with a source, what cannot be cancelled any more is waited for. */
    private static void waitFor(CompletableFuture<?> future, long timeoutNanos,
            CancellationToken cancellation) throws InterruptedException, TimeoutException {
        if (future.isDone()) {
            return;
        }
        CallerContexts.INSTANCE.checkMayBlock();
        CancellationRegistration registration = cancellation.canBeCanceled()
                ? cancellation.register(CANCEL_FUTURE, future)
                : null;
        long deadline = System.nanoTime() + timeoutNanos;
        boolean cancelable = true;
        boolean interrupted = false;
        try {
            while (!future.isDone()) {
                Trampoline.handOverWaiting(); // perhaps it is what completes the future
                try {
                    long remaining = deadline - System.nanoTime();
                    future.get(cancelable ? remaining : Waiting.FOREVER_NANOS, TimeUnit.NANOSECONDS);
                } catch (TimeoutException timeIsUp) {
                    if (future.cancel(true)) {
                        throw Waiting.timedOut(timeoutNanos);
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
            if (registration != null) {
                registration.close();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void cancelFuture(CompletableFuture<?> future) {
        future.cancel(true);
    }
}
