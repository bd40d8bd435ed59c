package io.valuetask;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs continuations inline, but never deeper than {@link #MAX_DEPTH} inside one another.
 *
 * <p>A continuation often starts the next operation, and when that completes at once, its continuation would
 * run inside the first one, and so on: .NET's source overflows a 1 MiB stack after about 8,000 steps. Here the
 * ninth nested continuation is queued, and the outermost frame runs it after its own has returned. So a chain
 * of any length runs in constant stack, on the thread that completed it, in order.
 *
 * <p>Confined to one thread, hence no ordering to explain. The deque grows to the largest number of
 * continuations ever waiting at once on this thread and is then reused.
 */
final class Trampoline {
    /** As deep as Netty lets the listeners of its own promises nest. */
    static final int MAX_DEPTH = 8;

    private static final ThreadLocal<Trampoline> OF_THREAD = ThreadLocal.withInitial(Trampoline::new);

    /** Stands for a null state, which a deque cannot hold. */
    private static final Object NULL = new Object();

    /** Continuation and state alternate. */
    private final ArrayDeque<Object> waiting = new ArrayDeque<>();
    private int depth;

    private Trampoline() {}

    /** Runs the continuation now or, in a deep chain, before the outermost continuation's completer goes on. */
    static void run(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        OF_THREAD.get().enter(continuation, state);
    }

    private void enter(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        if (depth >= MAX_DEPTH) {
            waiting.addLast(continuation);
            waiting.addLast(state == null ? NULL : state);
            return;
        }
        depth++;
        accept(continuation, state);
        if (depth == 1 && !waiting.isEmpty()) {
            drain();
        }
        depth--;
    }

    @SuppressWarnings("unchecked")
    private void drain() {
        for (Object next; (next = waiting.pollFirst()) != null;) {
            Object state = waiting.removeFirst();
            accept((Consumer<@Nullable Object>) next, state == NULL ? null : state);
        }
    }

    /** A continuation that throws harms neither the completer nor the continuations behind it. */
    private static void accept(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        try {
            InlineBarrier.resume(continuation, state);
        } catch (Throwable failure) {
            report(failure);
        }
    }

    private static void report(Throwable failure) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        } catch (Throwable ofHandler) {
            // The last resort has failed; what is left is not to harm the event loop.
            failure.addSuppressed(ofHandler);
        }
    }
}
