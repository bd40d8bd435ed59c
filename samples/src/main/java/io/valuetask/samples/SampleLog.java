package io.valuetask.samples;

import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints lines without keeping their writers: they write from event loops, and a terminal that is stopped or a pipe that
 * nobody reads would hold up all connections of the loop. A thread prints what a bounded queue holds; what finds it full is
 * counted and not printed.
 */
final class SampleLog {
    private static final int MOST_LINES = 10_000;

    private final BlockingQueue<Runnable> printing = new ArrayBlockingQueue<>(MOST_LINES);
    private final AtomicLong lost = new AtomicLong();
    private final PrintStream out;

    SampleLog(PrintStream out) {
        this.out = out;
        Thread.ofPlatform().daemon().name("log").start(this::printAll);
    }

    /** Any thread; returns at once. */
    void print(String line) {
        if (!printing.offer(() -> out.println(line))) {
            lost.incrementAndGet();
        }
    }

    /** Waits until all is printed, but not for long: for the end of a program. */
    void flush() throws InterruptedException {
        CountDownLatch printed = new CountDownLatch(1);
        if (printing.offer(printed::countDown, 1, TimeUnit.SECONDS)) {
            printed.await(1, TimeUnit.SECONDS);
        }
    }

    private void printAll() {
        try {
            for (;;) {
                printing.take().run();
                long missing = lost.getAndSet(0);
                if (missing > 0) {
                    out.println(
                            missing + " lines are missing here: they came faster than they could be printed");
                }
            }
        } catch (InterruptedException end) {
            // Nobody does that.
        }
    }
}
