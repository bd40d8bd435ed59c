package io.valuetask;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A continuation together with the execution context it is to run in. Itself the state of {@link #RUN}. */
final class ContextualContinuation {
    static final Consumer<ContextualContinuation> RUN = ContextualContinuation::run;
    private static final Consumer<ContextualContinuation> ENTER = ContextualContinuation::enter;

    /** The one provider of this JVM; null where contexts are not propagated. */
    static final @Nullable ContextPropagation PROPAGATION = findPropagation();

    private final ContextPropagation propagation;
    private final Object context;
    private final Consumer<@Nullable Object> continuation;
    private final @Nullable Object state;
    // Of the one thread that is inside run().
    private boolean entered;
    private boolean returned;

    private ContextualContinuation(ContextPropagation propagation, Object context,
            Consumer<@Nullable Object> continuation, @Nullable Object state) {
        this.propagation = propagation;
        this.context = context;
        this.continuation = continuation;
        this.state = state;
    }

    /** Answers the continuation with the current thread's context; null if none was asked for, or there is none. */
    @SuppressWarnings("unchecked")
    static @Nullable ContextualContinuation capture(int flags, Consumer<?> continuation,
            @Nullable Object state) {
        ContextPropagation propagation = PROPAGATION;
        if ((flags & ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT) == 0 || propagation == null) {
            return null;
        }
        Object context = propagation.capture();
        return context == null
                ? null
                : new ContextualContinuation(propagation, context, (Consumer<@Nullable Object>) continuation,
                        state);
    }

    /**
     * Runs it within this call, and gives the calling thread back the context that it has now, as far as there is a
     * provider and it knows of that.
     */
    static <S extends @Nullable Object> void runInside(Consumer<? super S> body, S state) {
        ContextualContinuation inContext = null;
        try {
            inContext = capture(ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT, body, state);
        } catch (Throwable failure) {
            Failures.report(failure);
        }
        if (inContext == null) {
            body.accept(state);
        } else {
            inContext.run();
        }
    }

    private void run() {
        try {
            propagation.run(context, ENTER, this);
        } catch (Throwable failure) {
            if (entered && !returned) {
                throw failure; // of the continuation, most likely
            }
            // The context could not be set, or the thread's own not restored.
            Failures.report(failure);
            if (!entered) {
                enter(); // to lose the continuation would hang it for ever
            }
        }
    }

    private void enter() {
        entered = true;
        continuation.accept(state);
        returned = true;
    }

    private static @Nullable ContextPropagation findPropagation() {
        ContextPropagation found = null;
        var providers = ServiceLoader
                .load(ContextPropagation.class, ContextPropagation.class.getClassLoader())
                .iterator();
        for (;;) {
            try {
                if (!providers.hasNext()) {
                    return found;
                }
                ContextPropagation next = providers.next();
                // A user's provider is there on purpose; ours because of what lies on the class path.
                if (found == null || isOurs(found)) {
                    found = next;
                }
            } catch (ServiceConfigurationError | LinkageError libraryIsMissing) {
                // Our provider does not load without the library it is for. Look on.
            }
        }
    }

    private static boolean isOurs(ContextPropagation propagation) {
        return propagation.getClass().getPackageName().startsWith("io.valuetask.");
    }
}
