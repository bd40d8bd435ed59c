package io.valuetask;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the core carries the execution context of a waiter over to its continuation, when the waiter asks for
 * {@link ValueTaskSourceOnCompletedFlags#FLOW_EXECUTION_CONTEXT}. Counterpart of .NET's {@code ExecutionContext}.
 *
 * <p>A provider is found by {@link java.util.ServiceLoader}. {@code io.valuetask.interop} brings one for Micrometer's
 * context-propagation, which takes part when that library is there; one of your own is preferred to it.
 *
 * <p><b>Threading.</b> Called by any thread, also by event loops; must not block. <b>Ownership.</b> A captured context
 * is held until the continuation has run or the registration was refused. <b>Allocation.</b> As the provider likes.
 */
public interface ContextPropagation {
    /**
     * Takes a snapshot of the calling thread's context.
     *
     * @return the snapshot, or null if there is nothing that could be restored
     */
    @Nullable
    Object capture();

    /**
     * Runs a continuation inside a context, and afterwards restores the calling thread's own one, also when the
     * continuation throws; what it throws is passed on.
     *
     * @param <S> the type of the state
     * @param context what {@link #capture} returned, on this or another thread
     * @param continuation what to run
     * @param state handed to the continuation
     */
    <S extends @Nullable Object> void run(Object context, Consumer<? super S> continuation, S state);
}
