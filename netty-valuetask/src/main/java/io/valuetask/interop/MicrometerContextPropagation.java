package io.valuetask.interop;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.valuetask.ContextPropagation;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries what Micrometer's context-propagation knows of a thread (traces, logging contexts, whatever registered a
 * {@code ThreadLocalAccessor}) from the waiter to its continuation. Found by {@link java.util.ServiceLoader}, and takes
 * part only when {@code io.micrometer:context-propagation} is on the class path; not made by hand.
 *
 * <p>A continuation sees exactly the context that was captured: what it lacks is cleared meanwhile, as with .NET's
 * {@code ExecutionContext}.
 *
 * <p><b>Threading.</b> Stateless. <b>Ownership.</b> A snapshot belongs to its continuation. <b>Allocation.</b> A snapshot
 * per wait that asks for the flow, and a scope per continuation; none while nothing has registered an accessor.
 */
public final class MicrometerContextPropagation implements ContextPropagation {
    private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder().clearMissing(true)
            .build();

    /** For {@link java.util.ServiceLoader}. */
    public MicrometerContextPropagation() {}

    @Override
    public @Nullable Object capture() {
        // Without an accessor a snapshot would neither set nor clear anything.
        return ContextRegistry.getInstance().getThreadLocalAccessors().isEmpty()
                ? null
                : snapshots.captureAll();
    }

    @Override
    public <S extends @Nullable Object> void run(Object context, Consumer<? super S> continuation, S state) {
        ContextSnapshot.Scope scope = ((ContextSnapshot) context).setThreadLocals();
        try {
            continuation.accept(state);
        } finally {
            scope.close();
        }
    }
}
