package io.valuetask.netty;

import java.io.File;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The open files of this process, where Linux tells them. */
final class Descriptors {
    private static final File OPEN = new File("/proc/self/fd");

    private Descriptors() {}

    static int count() {
        String[] open = OPEN.list();
        assumeTrue(open != null, "this system does not tell its open files");
        return open.length;
    }

    /** Returns when there are no more than that. Sockets are closed on their loops, so some time after a call. */
    static void awaitAtMost(int expected) {
        awaitAtMost("open files", expected, Descriptors::count);
    }

    static void awaitAtMost(String what, int expected, IntSupplier count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Call.LIMIT_SECONDS);
        int now;
        while ((now = count.getAsInt()) > expected && System.nanoTime() < deadline) {
            Thread.yield();
        }
        assertThat(now).as(what).isLessThanOrEqualTo(expected);
    }
}
