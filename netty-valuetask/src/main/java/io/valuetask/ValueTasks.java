package io.valuetask;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with value tasks that is not an operation of one of them: make one of straight-line code, and wait
 * for several at once.
 *
 * {@snippet :
 * ValueTask<Row> row = ValueTasks.start(workers, () -> database.query(key));
 *
 * List<Row> rows = ValueTasks.whenAll(first, second).await();
 *
 * int index = ValueTasks.whenAny(primary, backup).await();
 * Row fastest = index == 0 ? primary.result() : backup.result();
 * }
 *
 * <p><b>Threading.</b> Every method may be called by any thread. <b>Ownership.</b> A value task that is given to a
 * combination is consumed by it; what becomes of its result is said there. <b>Allocation.</b> Said at each method.
 */
public final class ValueTasks {
    private ValueTasks() {}

    // One value task of a body

    /**
     * Starts straight-line code and answers with its outcome to come: counterpart of .NET's async methods with
     * {@code PoolingAsyncValueTaskMethodBuilder}, where the body runs on a thread, best a virtual one.
     *
     * <p>What the body returns is the result, and what it throws is the failure, unchanged, errors too. A
     * {@link CancellationException} makes the operation a cancelled one.
     *
     * <p>To cancel the operation, by {@link ValueTask#await(java.time.Duration)}, interruption of the waiter, or the
     * future, interrupts the thread that runs the body, and keeps a body from running that has not begun. The interrupt
     * reaches the body or nobody: it is cleared when the body returns, together with one that the executor may have
     * sent at the same time. If the body returns a result all the same, that is released (see {@link ResultReleaser}).
     * {@link ValueTask#discard()} does not cancel.
     *
     * <p>The body has the context of the thread that runs it. Where the executor runs it within this call, that is the
     * caller's, and what the body does to it does not flow out, as in .NET: the {@link ContextPropagation} takes it before
     * and restores it after. Of a thread local that the provider does not know, as of .NET's {@code ThreadLocal}, what the
     * body does stays; and of each, if there is no provider.
     *
     * <p><b>Threading.</b> A continuation runs on the body's thread, after the body; of a cancelled operation, on
     * the thread that cancels it. <b>Ownership.</b> The value task is
     * the caller's; the result is its consumer's. <b>Allocation.</b> None but what the executor needs to run a
     * {@link Runnable}, as long as the value task is consumed, the body returns, and no more than a few hundred run at
     * once; within this call, what the provider of contexts needs, if there is one that has something to restore. A
     * cancelled operation costs a new source later on.
     *
     * @param <T> the type of the result
     * @param executor runs the body, by one call of the {@link Runnable} it is given
     * @param body the code to run
     * @return the operation
     * @throws RejectedExecutionException if the executor refuses the body, and whatever else it throws; the body does
     *         not run then
     */
    public static <T extends @Nullable Object> ValueTask<T> start(Executor executor,
            Callable<? extends T> body) {
        StartedBody<T> started = InlineBarrier.start(executor, body);
        return ValueTask.fromSource(started, started.token());
    }

    // One value task of several

    /**
     * Combines value tasks into one that completes when all have, with their results in order. An {@link IntValueTask}
     * joins them {@linkplain IntValueTask#boxed boxed}.
     *
     * <p>If an operation fails, the others are still waited for, but not cancelled. The failure of the combination is
     * that of the first in order that failed, unchanged; a cancellation only if none failed. Those of the others are
     * forgotten, as where .NET's {@code WhenAll} is awaited. The results of those that succeeded are released then (see
     * {@link ResultReleaser}), as nobody gets them. The same happens when the combination is cancelled, which cancels
     * every operation that can be.
     *
     * <p>.NET has this for tasks only.
     *
     * <p><b>Threading.</b> The last one that completes takes all the results, on its thread. <b>Ownership.</b> Consumes
     * every value task, once. The results pass to the consumer of the combination. A value task that was
     * {@linkplain ValueTask#fromFuture made of a future} shares its fate: to cancel it cancels the future, for others
     * too; but its result is not released, as it may have other takers.
     * <b>Allocation.</b> One object and its array, the list of results, and a table of ints to find what is there
     * twice; nothing for each operation, but where there are more than 64, an object for as many.
     *
     * @param <T> the type of the results
     * @param tasks the operations; each value task once, unless it has no source
     * @return the combination; complete at once if there are none
     * @throws ValueTaskMisuseException if a value task was consumed, has a waiter, or has a source and is there twice.
     *         Nothing has been consumed then; but if another party comes between this check and the registration, the
     *         value tasks before the refused one are cancelled and discarded
     */
    public static <T extends @Nullable Object> ValueTask<List<T>> whenAll(List<ValueTask<T>> tasks) {
        ValueTask<?>[] inputs = tasks.toArray(new ValueTask<?>[0]);
        CombinatorInputs.check(inputs);
        if (inputs.length == 0) {
            return ValueTask.completed(List.of());
        }
        AllOf<T> all = new AllOf<>(inputs);
        return ValueTask.fromSource(all, all.start());
    }

    /**
     * Combines value tasks into one that completes when all have; see {@link #whenAll(List)}.
     *
     * @param <T> the type of the results
     * @param tasks the operations; each value task once, unless it has no source
     * @return the combination; complete at once if there are none
     * @throws ValueTaskMisuseException if a value task was consumed, has a waiter, or has a source and is there twice
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the list is only read, and not kept
    public static <T extends @Nullable Object> ValueTask<List<T>> whenAll(ValueTask<T>... tasks) {
        return whenAll(Arrays.asList(tasks));
    }

    /**
     * Combines value tasks into one that completes with the index of the first that does, whether it succeeded or not.
     * <strong>All the others are cancelled, and their results are gone.</strong> An {@link IntValueTask}, such as that of
     * another {@code whenAny}, joins them {@linkplain IntValueTask#boxed boxed}; nothing is boxed then.
     *
     * <p>Take the outcome of the one that is named with {@link ValueTask#result()}, also when it is of no interest, as
     * it is left to you; {@code await()} is refused, since the combination has been its waiter. Every other operation
     * is cancelled and consumed before the index is told: a read that is cancelled loses no message. An operation that
     * is too late to be cancelled, or cannot be, ends in its own time; <strong>its result is released</strong> (see
     * {@link ResultReleaser}), and its failure forgotten. So race operations whose results you can do without, and
     * not two reads of which you need both.
     *
     * <p>If several are complete already, the first in order is named. To cancel the combination cancels all of them,
     * and leaves none to you. To discard it discards the one that it would name, and so does a combination that contains
     * this one and does not want its outcome.
     *
     * <p>.NET has this for tasks only, and leaves the others running.
     *
     * <p><b>Threading.</b> The others are cancelled on the thread that completes the first. <b>Ownership.</b> Consumes
     * every value task but the one that is named. A value task that was
     * {@linkplain ValueTask#fromFuture made of a future} shares its fate: to cancel it cancels the future, for others
     * too; but its result is not released, as it may have other takers.
     * <b>Allocation.</b> One object and its array, and a table of ints to find what is there twice; nothing for each
     * operation, but where there are more than 64, an object for as many.
     *
     * @param tasks the operations, at least one; each value task once, unless it has no source
     * @return the combination
     * @throws IllegalArgumentException if there are none
     * @throws ValueTaskMisuseException if a value task was consumed, has a waiter, or has a source and is there twice.
     *         Nothing has been consumed then; but if another party comes between this check and the registration, the
     *         value tasks before the refused one are cancelled and discarded
     */
    public static IntValueTask whenAny(List<? extends ValueTask<?>> tasks) {
        ValueTask<?>[] inputs = tasks.toArray(new ValueTask<?>[0]);
        if (inputs.length == 0) {
            throw new IllegalArgumentException("tasks: none (expected: at least one)");
        }
        CombinatorInputs.check(inputs);
        AnyOf any = new AnyOf(inputs);
        return IntValueTask.fromSource(any, any.start());
    }

    /**
     * Combines value tasks into one that completes with the index of the first that does.
     * <strong>All the others are cancelled, and their results are gone;</strong> see {@link #whenAny(List)}.
     *
     * @param tasks the operations, at least one; each value task once, unless it has no source
     * @return the combination
     * @throws IllegalArgumentException if there are none
     * @throws ValueTaskMisuseException if a value task was consumed, has a waiter, or has a source and is there twice
     */
    public static IntValueTask whenAny(ValueTask<?>... tasks) {
        return whenAny(Arrays.asList(tasks));
    }
}
