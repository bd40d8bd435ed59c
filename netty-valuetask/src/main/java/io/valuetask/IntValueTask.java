package io.valuetask;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code int} twin of {@link ValueTask}: the handle of one operation whose result is a number, which is nowhere
 * boxed between the source and the caller. Counterpart of .NET's {@code ValueTask<int>}.
 *
 * <p>Consume it once and soon: {@link #await()}, {@link #onCompleted} and {@link #result()},
 * {@link #toCompletableFuture()}, {@link #preserve()} or {@link #discard()}. The rules are those of {@link ValueTask}.
 *
 * <p>This is a value-based class, like {@link java.util.OptionalInt}: do not lock it or compare it with {@code ==}.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> A number has no owner. <b>Allocation.</b> A handle is two words;
 * where the compiler inlines the call that returns it, it is never allocated.
 */
public final class IntValueTask {
    private static final int LEAST_SHARED = -1;
    private static final int MOST_SHARED = 255;
    /** The results of reading a byte: all of them, and the end. */
    private static final IntValueTask[] SHARED = IntStream.rangeClosed(LEAST_SHARED, MOST_SHARED)
            .mapToObj(IntValueTask::of).toArray(IntValueTask[]::new);

    private final long token;
    private final @Nullable Object payload;

    IntValueTask(long token, @Nullable Object payload) {
        this.token = token;
        this.payload = payload;
    }

    // How a handle is made

    /**
     * An operation that has succeeded. Handles of -1 to 255 are shared.
     *
     * @param result the result
     * @return a handle with that result
     */
    public static IntValueTask completed(int result) {
        return result >= LEAST_SHARED && result <= MOST_SHARED ? SHARED[result - LEAST_SHARED] : of(result);
    }

    private static IntValueTask of(int result) {
        return new IntValueTask(ImmediateInt.token(result), ImmediateInt.INSTANCE);
    }

    /**
     * An operation that has failed.
     *
     * @param failure the cause; a {@link CancellationException} makes the operation a cancelled one
     * @return a handle that throws {@code failure} itself
     */
    public static IntValueTask failed(Throwable failure) {
        return new IntValueTask(Handle.FAILURE, Objects.requireNonNull(failure, "failure"));
    }

    /**
     * An operation that was cancelled.
     *
     * @return a handle that throws a {@link CancellationException}, each time the same
     */
    public static IntValueTask canceled() {
        return failed(new CancellationException("the operation was cancelled"));
    }

    /**
     * An operation of a source.
     *
     * @param source who runs the operation
     * @param token the operation, as the source calls it
     * @return a handle that asks the source
     */
    public static IntValueTask fromSource(IntValueTaskSource source,
            long token) {
        return new IntValueTask(Handle.requireToken(token), Objects.requireNonNull(source, "source"));
    }

    /**
     * An operation that somebody else's future stands for. Such a handle may be awaited any number of times, but not
     * independently: to await it with a timeout or a cancellation token, or to be interrupted while one waits, cancels
     * the future, for all who hold it. Hand over its {@link CompletableFuture#copy} where that must not happen:
     * such a copy is cancelled alone.
     *
     * <p>Of a {@link CompletionException}, which futures put around the failure of what they depend on, the cause is
     * thrown, and any other failure as it is. If that is a cancellation, the operation counts as cancelled.
     *
     * @param stage the future
     * @return a handle that asks the future
     */
    public static IntValueTask fromFuture(CompletionStage<Integer> stage) {
        return new IntValueTask(Handle.STAGE, Handle.futureOf(stage));
    }

    // What can be seen without consuming it

    /**
     * Where the operation stands.
     *
     * @return the status
     * @throws ValueTaskMisuseException if the result was taken already
     */
    public ValueTaskSourceStatus status() {
        return Handle.status(token, payload);
    }

    /**
     * Whether {@link #result()} would answer.
     *
     * @return true if the operation has ended, however
     * @throws ValueTaskMisuseException if the result was taken already
     */
    public boolean isCompleted() {
        return status() != ValueTaskSourceStatus.PENDING;
    }

    /**
     * Whether {@link #result()} would return a result.
     *
     * @return true if the operation has succeeded
     * @throws ValueTaskMisuseException if the result was taken already
     */
    public boolean isCompletedSuccessfully() {
        return status() == ValueTaskSourceStatus.SUCCEEDED;
    }

    /**
     * Whether the operation has failed, other than by cancellation.
     *
     * @return true if the operation has failed
     * @throws ValueTaskMisuseException if the result was taken already
     */
    public boolean isFaulted() {
        return status() == ValueTaskSourceStatus.FAULTED;
    }

    /**
     * Whether the operation was cancelled.
     *
     * @return true if the operation was cancelled
     * @throws ValueTaskMisuseException if the result was taken already
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
    public int result() throws IOException {
        return token >= 0 ? InlineBarrier.resultAsInt(source(payload), token) : result(token, payload);
    }

    /** By the parts, see {@link Handle}. */
    static int result(long token, @Nullable Object payload) throws IOException {
        return token >= 0
                ? source(payload).getResultAsInt(token)
                : Handle.number(InlineBarrier.<@Nullable Integer>immediate(token, payload), payload);
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
    public int await() throws IOException, InterruptedException {
        return token >= 0
                ? InlineBarrier.awaitAsInt(source(payload), token)
                : Handle.number(InlineBarrier.<@Nullable Integer>awaitImmediate(token, payload), payload);
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
    public int await(Duration timeout) throws IOException, InterruptedException, TimeoutException {
        Handle.untilCompleted(token, payload, timeout);
        return token >= 0 ? InlineBarrier.resultAsInt(source(payload), token) : result(token, payload);
    }

    /**
     * Waits for the operation, but not longer than until cancellation is requested; then cancels it. If the
     * operation cannot be cancelled any more, its outcome is waited for and returned, since to drop it would lose
     * it; what is complete is returned, whatever the token says. Registers with the token only if the operation is
     * really pending; such a wait costs one small object. An interruption acts as in {@link #await()}.
     *
     * @param cancellation whose request cancels the operation
     * @return the result
     * @throws CancellationException if the operation was cancelled, for this token or by somebody else; see
     *         {@link CancellationToken#isCancellationRequested()}
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     * @throws IllegalStateException if the operation is pending and the calling thread must not block; it goes on
     * @throws IOException the operation's own failure, unchanged, where it is one; any other failure is thrown
     *         unchanged too
     * @throws InterruptedException if the thread was interrupted and the operation was cancelled for it
     */
    public int await(CancellationToken cancellation) throws IOException, InterruptedException {
        Handle.untilCompleted(token, payload, cancellation);
        return token >= 0 ? InlineBarrier.resultAsInt(source(payload), token) : result(token, payload);
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
        return InlineBarrier.onCompleted(token, payload, continuation, state, flags);
    }

    /**
     * Registers a continuation that runs on an executor, unless the operation has already completed. Costs one small
     * object. If the executor has terminated by then, the continuation runs on the completing thread.
     *
     * @param <S> the type of the state
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation, so that it need not capture anything
     * @param executor where the continuation runs
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            Executor executor) {
        return onCompleted(continuation, state, executor, ValueTaskSourceOnCompletedFlags.NONE);
    }

    /**
     * Registers a continuation that runs on an executor, in the context of the caller if that is asked for, unless the
     * operation has already completed. See {@link #onCompleted(Consumer, Object, Executor)}.
     *
     * @param <S> the type of the state
     * @param continuation called once with {@code state} when the operation completes
     * @param state handed to the continuation, so that it need not capture anything
     * @param executor where the continuation runs
     * @param flags {@link ValueTaskSourceOnCompletedFlags#FLOW_EXECUTION_CONTEXT} or none; the executor is chosen already
     * @return true if registered; false if the operation is complete: go on and take the {@link #result()}
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            Executor executor, int flags) {
        return Handle.onCompleted(token, payload, continuation, state, executor, flags);
    }

    /**
     * Turns the handle into an ordinary future, and consumes the handle. A cancelled operation gives a cancelled
     * future; cancelling the future cancels the operation where that is still possible, and otherwise returns
     * false.
     *
     * @return a future with the outcome
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public CompletableFuture<Integer> toCompletableFuture() {
        return Handle.toCompletableFuture(token, payload);
    }

    /**
     * Makes a handle that may be kept, shared and awaited any number of times, and consumes this one. Costs the future
     * of {@link #toCompletableFuture()} where this handle has a source, and nothing where it has none. As with
     * {@link #fromFuture}, a party that gives up waiting cancels the operation for all; and as the result is shared, no
     * {@link #discard()} releases it.
     *
     * @return a handle of the same operation
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public IntValueTask preserve() {
        return token >= 0 && !isNumber() ? fromFuture(toCompletableFuture()) : this;
    }

    /**
     * Says that nobody wants the outcome, and consumes the handle. The operation goes on; when it has ended, its source
     * is free for the next one, its result is released (see {@link ResultReleaser}) and its failure forgotten.
     *
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public void discard() {
        InlineBarrier.discard(token, payload);
    }

    /**
     * The same operation for somebody who wants an object for a result. Does not consume this handle; consume one of
     * the two.
     *
     * @return a handle of the same operation
     */
    public ValueTask<Integer> boxed() {
        return isNumber() ? ValueTask.completed((int) token) : new ValueTask<>(token, payload);
    }

    // Its parts, for those who must not be handed the handle itself, see Handle

    @SuppressWarnings("NullAway")
    private static IntValueTaskSource source(@Nullable Object payload) {
        return (IntValueTaskSource) payload;
    }

    /** Whether the token is the result, see {@link ImmediateInt}. */
    private boolean isNumber() {
        return payload == ImmediateInt.INSTANCE;
    }

    long token() {
        return token;
    }

    @Nullable
    Object payload() {
        return payload;
    }

    /** Equal if both name the same operation, or hold equal results. Does not consume. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IntValueTask that && Handle.equal(token, payload, that.token, that.payload);
    }

    @Override
    public int hashCode() {
        return Handle.hash(token, payload);
    }

    /** Tells what is behind the handle. Does not consume, and does not touch the result. */
    @Override
    public String toString() {
        return isNumber()
                ? "IntValueTask[SUCCEEDED]"
                : "IntValueTask[" + Handle.describe(token, payload) + "]";
    }
}
