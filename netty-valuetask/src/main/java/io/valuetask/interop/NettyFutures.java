package io.valuetask.interop;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.valuetask.ValueTask;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * From Netty's futures to value tasks and back, for what has no value task of its own: an {@code SslHandler}'s handshake,
 * a name resolver, a pool of channels; or a handler that has to complete a promise.
 *
 * {@snippet :
 * NettyFutures.toValueTask(sslHandler.handshakeFuture()).await(Duration.ofSeconds(10));
 *
 * NettyFutures.cascade(connection.read(), promise);
 * }
 *
 * <p>For {@link java.util.concurrent.CompletionStage} there are {@link ValueTask#fromFuture} and
 * {@link ValueTask#toCompletableFuture()}.
 *
 * <p><b>Threading.</b> Every method may be called by any thread. To await a future on its own event loop is refused, as
 * everywhere. <b>Ownership.</b> Said at each method. <b>Allocation.</b> Futures: these are for what is done once in a
 * while.
 */
public final class NettyFutures {
    private NettyFutures() {}

    /**
     * The operation that a Netty future stands for. As with {@link ValueTask#fromFuture}, the handle may be awaited any
     * number of times, and a party that gives up waiting cancels the future for all. One that
     * {@linkplain Promise#setUncancellable cannot be cancelled any more} is waited for.
     *
     * @param <T> the type of the result
     * @param future the future
     * @return a handle that asks the future, and whose continuations run where its listeners do. The result stays the
     *         future's, and is not released by {@link ValueTask#discard()}
     */
    public static <T extends @Nullable Object> ValueTask<T> toValueTask(Future<? extends T> future) {
        return ValueTask.fromFuture(FutureStage.of(Objects.requireNonNull(future, "future")));
    }

    /**
     * Makes a future of a value task, and consumes that. To cancel the future cancels the operation in the call, as with
     * {@link ValueTask#toCompletableFuture()}: if that answers true the result is not lost, and a channel can be read again
     * at once; if the result is on its way already it answers false, and the future completes with that.
     *
     * @param <T> the type of the result
     * @param task the operation
     * @param executor where the future's listeners run
     * @return a future with the outcome, to which the result belongs
     * @throws io.valuetask.ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public static <T extends @Nullable Object> Future<T> toFuture(ValueTask<T> task, EventExecutor executor) {
        Objects.requireNonNull(executor, "executor");
        ValueTask<T> preserved = task.preserve();
        CompletableFuture<T> operation = preserved.toCompletableFuture();
        Promise<T> promise = new OperationFuture<>(executor, operation);
        operation.whenComplete(new Cascade<>(task, preserved, promise));
        return promise;
    }

    /**
     * Completes a promise with the outcome of a value task, and consumes that: counterpart of
     * {@link io.netty.util.concurrent.PromiseNotifier#cascade}. If the promise is cancelled first, so is the operation, but
     * not before the promise tells its listeners, on its executor: a result that comes until then has no taker. Where none
     * may be lost, as of a read, cancel a future of {@link #toFuture}.
     *
     * @param <T> the type of the result
     * @param task the operation
     * @param promise gets the outcome, and the result. If somebody else has completed it, the operation goes on, and the
     *        result is {@linkplain ValueTask#discard() released}, unless the value task was made of a future, where others
     *        may have it; a failure is forgotten
     * @throws io.valuetask.ValueTaskMisuseException if the value task was consumed, or another party waits for it
     */
    public static <T extends @Nullable Object> void cascade(ValueTask<T> task, Promise<? super T> promise) {
        Objects.requireNonNull(promise, "promise");
        ValueTask<T> preserved = task.preserve();
        CompletableFuture<T> operation = preserved.toCompletableFuture();
        promise.addListener(done -> {
            if (done.isCancelled()) {
                operation.cancel(true);
            }
        });
        operation.whenComplete(new Cascade<>(task, preserved, promise));
    }

    /** Hands the outcome on. */
    private record Cascade<T extends @Nullable Object>(ValueTask<T> task, ValueTask<T> preserved,
            Promise<? super T> promise)
            implements
                BiConsumer<T, @Nullable Throwable> {
        @Override
        public void accept(T result, @Nullable Throwable failure) {
            if (failure != null) {
                fail(promise, failure);
            } else if (!promise.trySuccess(result)) {
                ValueTask<T> lost = ValueTask.completed(result);
                // Where it had a source, or the result in itself, nobody else can take that.
                if (!preserved.equals(task) || task.equals(lost)) {
                    lost.discard();
                }
            }
        }
    }

    private static void fail(Promise<?> promise, Throwable failure) {
        if (!(failure instanceof CancellationException) || !promise.cancel(false)) {
            promise.tryFailure(failure);
        }
    }
}
