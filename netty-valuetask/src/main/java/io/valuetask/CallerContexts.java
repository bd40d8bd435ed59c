package io.valuetask;

import java.util.ServiceLoader;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Holds the one {@link CallerContext} of this JVM; without a provider every thread may block. */
final class CallerContexts implements CallerContext {
    static final CallerContext INSTANCE = ServiceLoader
            .load(CallerContext.class, CallerContext.class.getClassLoader()).findFirst()
            .orElseGet(CallerContexts::new);

    private CallerContexts() {}

    @Override
    public void checkMayBlock() {}

    @Override
    public @Nullable Executor currentExecutor() {
        return null;
    }
}
