package io.valuetask.perf.jmh;

import io.valuetask.IntValueTask;
import io.valuetask.IntValueTaskAwaiter;
import io.valuetask.ManualResetIntValueTaskSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@link SourceBenchmark} for numbers. The results are larger than what {@link Integer#valueOf(int)} caches, so that a
 * box anywhere would show.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class IntSourceBenchmark {
    private static final int MORE_THAN_CACHED = 100_000;
    private static final Consumer<IntSourceBenchmark> TAKE_FROM_AWAITER = IntSourceBenchmark::takeFromAwaiter;

    private final ManualResetIntValueTaskSource source = new ManualResetIntValueTaskSource();
    private final IntValueTaskAwaiter awaiter = new IntValueTaskAwaiter();
    private int next = MORE_THAN_CACHED;
    private int taken;

    @Benchmark
    public int intSourceByToken() throws IOException {
        long operation = source.arm();
        source.complete(operation, next++);
        return source.getResultAsInt(operation);
    }

    @Benchmark
    public int intSourceByHandle() throws IOException {
        long operation = source.arm();
        IntValueTask task = IntValueTask.fromSource(source, operation);
        source.complete(operation, next++);
        return task.result();
    }

    /** A number that is known already, and not one of the shared ones. */
    @Benchmark
    public int intCompletedByHandle() throws IOException {
        return IntValueTask.completed(next++).result();
    }

    @Benchmark
    public int intSourceAwaiterContinuation() {
        long operation = source.arm();
        awaiter.onCompleted(IntValueTask.fromSource(source, operation), TAKE_FROM_AWAITER, this);
        source.complete(operation, next++);
        return taken;
    }

    private void takeFromAwaiter() {
        try {
            taken = awaiter.result();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** What it replaces: a future, and a box. */
    @Benchmark
    public int completableFutureOfInteger() {
        CompletableFuture<Integer> future = newFuture();
        future.complete(next++);
        return future.join();
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static CompletableFuture<Integer> newFuture() {
        return new CompletableFuture<>();
    }
}
