package io.valuetask.schedule;

import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Executors that run on virtual threads themselves. Those may not wait, as others may; and to ask Netty's thread-local, as
 * platform threads are asked, would make a table for each virtual thread that ever waits.
 *
 * <p>Known are those that a channel of ours has been registered with. Any thread.
 */
final class VirtualLoops {
    private static final Map<Thread, EventExecutor> ALL = new ConcurrentHashMap<>();
    /** Whether there ever was one: nearly nobody has them, and everybody asks. */
    private static volatile boolean any;

    private VirtualLoops() {}

    /** Tells of an executor, which may be the calling thread's own. Not of one that takes every thread for its own. */
    static void note(EventExecutor executor) {
        Thread current = Thread.currentThread();
        if (current.isVirtual() && !ALL.containsKey(current) && executor.inEventLoop(current)) {
            ALL.keySet().removeIf(each -> !each.isAlive()); // an executor that was suspended has another one
            ALL.put(current, executor);
            any = true;
            executor.terminationFuture().addListener(ended -> ALL.remove(current));
        }
    }

    /** Whose thread the calling one, which is virtual, is; else null. */
    static @Nullable EventExecutor current() {
        return any ? ALL.get(Thread.currentThread()) : null;
    }
}
