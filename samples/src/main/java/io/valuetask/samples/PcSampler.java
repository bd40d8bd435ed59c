package io.valuetask.samples;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The background thread of the monitors: takes a {@link PcReading} again and again, and hands on each. */
final class PcSampler implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 50;

    private final Thread thread;

    /**
     * Prepares the thread; {@link #start} starts it.
     *
     * @param listener called with each reading, on the thread
     */
    PcSampler(Consumer<? super PcReading> listener) {
        thread = new Thread(() -> sample(listener), "sampler");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private static void sample(Consumer<? super PcReading> listener) {
        try {
            for (;;) {
                TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
                listener.accept(PcReading.now());
            }
        } catch (InterruptedException closed) {
            // The end, which nobody waits for: a listener may be the one who closes.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
