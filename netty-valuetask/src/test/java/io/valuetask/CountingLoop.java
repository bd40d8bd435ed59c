package io.valuetask;

import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import static org.assertj.core.api.Assertions.assertThat;

/** An executor of Netty's, with one thread, that counts what it is given. */
final class CountingLoop extends SingleThreadEventExecutor implements AutoCloseable {
    private final AtomicInteger executed = new AtomicInteger();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

    CountingLoop() {
        super(null, Thread.ofPlatform().name("counting-loop").daemon().factory(), true);
    }

    @Override
    protected void run() {
        while (!confirmShutdown()) {
            Runnable task = takeTask();
            if (task != null) {
                runTask(task);
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        RuntimeException failsWith = failure.getAndSet(null);
        if (failsWith != null) {
            throw failsWith;
        }
        executed.incrementAndGet();
        super.execute(task);
    }

    /** Fails what it is given next. */
    void failNext(RuntimeException failsWith) {
        failure.set(failsWith);
    }

    /** How many tasks it was given since this was asked last. */
    int takeExecuted() {
        return executed.getAndSet(0);
    }

    /** Makes a call on its thread, which does not count. */
    <T> T on(Callable<T> call) throws Exception {
        T result = submit(call).get(10, TimeUnit.SECONDS);
        executed.decrementAndGet();
        return result;
    }

    @Override
    public void close() {
        assertThat(shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(10_000)).isTrue();
    }
}
