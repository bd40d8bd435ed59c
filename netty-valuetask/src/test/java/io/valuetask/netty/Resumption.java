package io.valuetask.netty;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A continuation that tests wait for, and that knows how often, where and with what it was run. */
final class Resumption implements Consumer<Object> {
    private final AtomicInteger times = new AtomicInteger();
    private final CompletableFuture<Thread> thread = new CompletableFuture<>();
    private volatile Object state;

    @Override
    public void accept(Object handed) {
        state = handed;
        times.incrementAndGet();
        thread.complete(Thread.currentThread());
    }

    /** Returns the thread that it ran on, once it has. */
    Thread thread() throws Exception {
        return thread.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    int times() {
        return times.get();
    }

    Object state() {
        return state;
    }
}
