package io.valuetask.schedule;

import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.OrderedEventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import io.valuetask.CallerContext;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Tells the core which Netty executor runs the calling thread. Found by {@link java.util.ServiceLoader}, not
 * made by hand.
 *
 * <p><b>Threading.</b> Stateless. <b>Ownership.</b> None. <b>Allocation.</b> None: Netty keeps the executor of
 * each of its threads in a thread-local, and virtual threads, for which that would make a new table each, are
 * not asked. An executor that runs on one of those is known once a channel that has a {@code ValueTaskHandler} has been
 * registered with it.
 */
public final class EventLoopCallerContext implements CallerContext {
    /** For {@link java.util.ServiceLoader}. */
    public EventLoopCallerContext() {}

    /**
     * {@inheritDoc}
     *
     * @throws BlockingOperationException on the thread of an event loop, or of any other executor that
     *         runs handlers in order: what it would wait for may only be
     *         done by an event loop
     */
    @Override
    public void checkMayBlock() {
        if (currentExecutor() instanceof OrderedEventExecutor loop) {
            throw new BlockingOperationException(
                    "await() here would block every channel and handler of this executor: thread="
                            + Thread.currentThread().getName() + ", loop=" + loop
                            + "; register a continuation with onCompleted(), or await on a virtual thread");
        }
    }

    @Override
    public @Nullable Executor currentExecutor() {
        return Thread.currentThread().isVirtual()
                ? VirtualLoops.current()
                : ThreadExecutorMap.currentExecutor();
    }
}
