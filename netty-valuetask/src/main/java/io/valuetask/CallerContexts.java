package io.valuetask;

import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** All the {@link CallerContext}s of this JVM as one; without a provider every thread may block. */
final class CallerContexts implements CallerContext {
    static final CallerContext INSTANCE = combine(ServiceLoader
            .load(CallerContext.class, CallerContext.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get).toList());

    private final CallerContext[] all;

    private CallerContexts(CallerContext[] all) {
        this.all = all;
    }

    static CallerContext combine(List<CallerContext> providers) {
        // Nearly always there is one. Then it is asked without a detour.
        return providers.size() == 1
                ? providers.get(0)
                : new CallerContexts(providers.toArray(CallerContext[]::new));
    }

    /**
     * Whether this executor is running the current thread, for who resumes a continuation there. A provider that throws is
     * one that does not know: to lose the continuation would hang whoever waits.
     */
    static boolean isCurrent(Executor executor) {
        try {
            return executor == INSTANCE.currentExecutor();
        } catch (Throwable failure) {
            Failures.report(failure);
            return false;
        }
    }

    @Override
    public void checkMayBlock() {
        for (CallerContext each : all) {
            each.checkMayBlock();
        }
    }

    @Override
    public @Nullable Executor currentExecutor() {
        for (CallerContext each : all) {
            Executor executor = each.currentExecutor();
            if (executor != null) {
                return executor;
            }
        }
        return null;
    }
}
