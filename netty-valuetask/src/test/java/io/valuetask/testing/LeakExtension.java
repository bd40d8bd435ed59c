package io.valuetask.testing;

import io.netty.buffer.ByteBufAllocator;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class that leaves a tracked resource unreleased. Registered for all of them by
 * {@code META-INF/services}.
 */
public final class LeakExtension implements AfterAllCallback {
    private static final Duration COLLECTION_LIMIT = Duration.ofSeconds(10);

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        if (!context.getEnclosingTestClasses().isEmpty()) {
            return; // the outer class may still hold what it is going to release
        }
        List<String> leaks = findLeaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(
                    context.getDisplayName() + " leaked " + leaks.size() + " resource(s):\n"
                            + String.join("\n", leaks));
        }
    }

    /** Collects garbage, and answers and forgets what the leak detectors find in it. */
    public static List<String> findLeaks() throws InterruptedException {
        // References that one collection clears reach their queues in any order. The second sentinel is cleared by
        // a later collection than all that the first one cleared, so it arrives behind them.
        collect();
        collect();
        // The allocators' detector exists from the first buffer on. The same buffer makes it look.
        ByteBufAllocator.DEFAULT.buffer(1).release();
        RecordingLeakDetector.pollAll();
        return RecordingLeakDetector.drainReports();
    }

    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> cleared = new ReferenceQueue<>();
        WeakReference<Object> sentinel = new WeakReference<>(new Object(), cleared);
        long deadline = System.nanoTime() + COLLECTION_LIMIT.toNanos();
        do {
            System.gc();
            if (cleared.remove(100) == sentinel) {
                return;
            }
        } while (System.nanoTime() < deadline);
        throw new AssertionError("System.gc() cleared nothing within " + COLLECTION_LIMIT
                + ": leaks cannot be detected; is -XX:+DisableExplicitGC set?");
    }
}
