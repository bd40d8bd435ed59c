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
 * times, and {@link #preserve()} a handle of such;</li>
 * <li>{@link #discard()} says that nobody wants the outcome.</li>
 * </ul>
 *
 * <p>Where a continuation runs is said as it is registered: without flags on the completing thread; with
 * {@link ValueTaskSourceOnCompletedFlags#USE_SCHEDULING_CONTEXT} on the executor that runs the caller, such as its event
 * loop; or on an executor of your choice. That is .NET's {@code ConfigureAwait}.
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
    private static final ValueTask<?> COMPLETED = new ValueTask<>(Handle.RESULT, null);
    private static final ValueTask<?> TRUE = new ValueTask<>(Handle.RESULT, true);
    private static final ValueTask<?> FALSE = new ValueTask<>(Handle.RESULT, false);

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
     * An operation that has succeeded. Handles of null, true and false are shared; for numbers there is
     * {@link IntValueTask#completed}.
     *
     * @param <T> the type of the result
     * @param result the result
     * @return a handle with that result
     */
    @SuppressWarnings("unchecked")
    public static <T extends @Nullable Object> ValueTask<T> completed(T result) {
        if (result == null) {
            return completed();
        } else if (result instanceof Boolean answer) {
            return (ValueTask<T>) (answer ? TRUE : FALSE);
        }
        return new ValueTask<>(Handle.RESULT, result);
    }

    /**
     * An operation that has failed.
     *
     * @param <T> the type of the result
     * @param failure the cause; a {@link CancellationException} makes the operation a cancelled one
     * @return a handle that throws {@code failure} itself
     */
    public static <T extends @Nullable Object> ValueTask<T> failed(Throwable failure) {
        return new ValueTask<>(Handle.FAILURE, Objects.requireNonNull(failure, "failure"));
    }

    /**
     * An operation that was cancelled.
     *
     * @param <T> the type of the result
     * @return a handle that throws a {@link CancellationException}, each time the same
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
        return new ValueTask<>(Handle.requireToken(token), Objects.requireNonNull(source, "source"));
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
     * @param <T> the type of the result
     * @param stage the future
     * @return a handle that asks the future
     */
    public static <T extends @Nullable Object> ValueTask<T> fromFuture(CompletionStage<T> stage) {
        return new ValueTask<>(Handle.STAGE, Handle.futureOf(stage));
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
    public T result() throws IOException {
        return token >= 0
                ? InlineBarrier.result(Handle.<T>source(payload), token)
                : InlineBarrier.immediate(token, payload);
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
        return token >= 0
                ? InlineBarrier.await(Handle.<T>source(payload), token)
                : InlineBarrier.awaitImmediate(token, payload);
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
        Handle.untilCompleted(token, payload, timeout);
        return Handle.result(token, payload);
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
    public T await(CancellationToken cancellation) throws IOException, InterruptedException {
        Handle.untilCompleted(token, payload, cancellation);
        return Handle.result(token, payload);
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
    public CompletableFuture<T> toCompletableFuture() {
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
    public ValueTask<T> preserve() {
        return token >= 0 ? fromFuture(toCompletableFuture()) : this;
    }

    /**
     * Says that nobody wants the outcome, and consumes the handle. The operation goes on; when it has ended, its source
     * is free for the next one, its result is released (see {@link ResultReleaser}) and its failure forgotten. A future,
     * and its result, is left alone, since others may hold it. A handle that was {@linkplain #completed made of a result}
     * has no source that could refuse the second of two calls: each releases the result.
     *
     * @throws ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public void discard() {
        InlineBarrier.discard(token, payload);
    }

    // Its parts, for those who must not be handed the handle itself, see Handle

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
        return other instanceof ValueTask<?> that && Handle.equal(token, payload, that.token, that.payload);
    }

    @Override
    public int hashCode() {
        return Handle.hash(token, payload);
    }

    /** Tells what is behind the handle. Does not consume, and does not touch the result. */
    @Override
    public String toString() {
        return "ValueTask[" + Handle.describe(token, payload) + "]";
    }
}
