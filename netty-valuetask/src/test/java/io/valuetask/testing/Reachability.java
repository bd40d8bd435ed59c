package io.valuetask.testing;

import java.lang.ref.WeakReference;
import java.time.Duration;

/** Asks the garbage collector whether anything still refers to an object. */
public final class Reachability {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Reachability() {}

    /** Returns when the object is gone. What the caller's frame refers to is not: make the object in another method. */
    public static void awaitUnreachable(WeakReference<?> reference, String whoMustNotRefer)
            throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!reference.refersTo(null)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(whoMustNotRefer + " still refers to " + reference.get());
            }
            System.gc();
            Thread.sleep(1); // the collector has no signal to wait for
        }
    }
}
