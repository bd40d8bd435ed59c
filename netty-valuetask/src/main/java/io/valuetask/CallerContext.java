package io.valuetask;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The two questions about the calling thread that the core cannot answer itself. A provider is found by
 * {@link java.util.ServiceLoader}; {@code io.valuetask.schedule} brings the one that knows Netty's event loops. Bring
 * your own for threads that it does not know: a thread may block if no provider objects, and its executor is what the
 * first provider says that knows one.
 *
 * <p><b>Threading.</b> Called on the thread it is asked about, from any thread, and must not block.
 * <b>Ownership.</b> None. <b>Allocation.</b> Must not allocate, since it is asked before every wait.
 */
public interface CallerContext {
    /**
     * Throws if the current thread must never block, because others depend on its progress.
     *
     * @throws IllegalStateException naming the thread, if blocking it could dead-lock
     */
    void checkMayBlock();

    /**
     * The executor that is running the current thread.
     *
     * @return the executor, or null if the thread belongs to none that is known
     */
    @Nullable
    Executor currentExecutor();
}
