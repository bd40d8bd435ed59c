package io.valuetask.perf.jmh;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What may end an operation early: what it costs where it does, and where it does not, which is the usual case. One thread,
 * so that nobody races; the reads are of a channel without a transport.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CancellationBenchmark {
    private static final Object MESSAGE = "message";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
    private final EmbeddedChannel embedded = new EmbeddedChannel(handler);
    private final ValueTaskChannel<Object, Object> channel = handler.channel();
    private final CancellationTokenSource server = new CancellationTokenSource();

    @TearDown
    public void close() {
        embedded.close();
    }

    // It ends early

    /** A token of its own, since each cancels once: registered, cancelled, and the failure consumed. */
    @Benchmark
    public CancellationException sourceCancelled() throws IOException {
        try (CancellationTokenSource canceller = new CancellationTokenSource()) {
            long operation = source.arm(canceller.token());
            canceller.cancel();
            return failure(ValueTask.fromSource(source, operation));
        }
    }

    /** A read that waits, and is called off; the channel goes on. */
    @Benchmark
    public CancellationException readCancelled() throws IOException {
        ValueTask<@Nullable Object> read = channel.read();
        channel.cancelPendingRead();
        return failure(read);
    }

    private static CancellationException failure(ValueTask<?> cancelled) throws IOException {
        try {
            throw new IllegalStateException("has not been cancelled: " + cancelled.result());
        } catch (CancellationException expected) {
            return expected;
        }
    }

    /** What the first one replaces. */
    @Benchmark
    public CancellationException completableFutureCancelled() {
        CompletableFuture<String> future = new CompletableFuture<>();
        future.cancel(false);
        try {
            throw new IllegalStateException("has not been cancelled: " + future.join());
        } catch (CancellationException expected) {
            return expected;
        }
    }

    // It does not

    /** As a transport does it: {@code writeInbound} would make an array for its arguments. */
    private void arrive() {
        embedded.pipeline().fireChannelRead(MESSAGE).fireChannelReadComplete();
    }

    /** The measure of those below. */
    @Benchmark
    public Object readByHandle() throws IOException {
        ValueTask<@Nullable Object> read = channel.read();
        arrive();
        return read.result();
    }

    /** With a token that lives as long as its server. */
    @Benchmark
    public Object readWithToken() throws IOException {
        ValueTask<@Nullable Object> read = channel.read(server.token());
        arrive();
        return read.result();
    }

    /** With a deadline, of which a channel has one timer for all its reads. */
    @Benchmark
    public Object readWithTimeout() throws IOException {
        ValueTask<@Nullable Object> read = channel.read(TIMEOUT);
        arrive();
        return read.result();
    }

    /** What the last one replaces: a timer for each read, set and cancelled. */
    @Benchmark
    public Object readWithTimerOfItsOwn() throws IOException {
        ScheduledFuture<?> timer = embedded.eventLoop().schedule(channel::cancelPendingRead,
                TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        ValueTask<@Nullable Object> read = channel.read();
        arrive();
        timer.cancel(false);
        return read.result();
    }
}
