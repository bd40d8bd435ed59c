package io.valuetask.perf.jmh;

import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.ValueTaskSourceOnCompletedFlags;
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
 * One whole operation, from its start to its result, on one thread: with a reusable source in its various
 * forms, with a {@link CompletableFuture}, and with Netty's promise. Those named {@code ...Continuation}
 * register before the completion, the others find the result there.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class SourceBenchmark {
    private static final String RESULT = "result";
    private static final Consumer<SourceBenchmark> TAKE_BY_TOKEN = SourceBenchmark::takeByToken;
    private static final Consumer<SourceBenchmark> TAKE_FROM_AWAITER = SourceBenchmark::takeFromAwaiter;

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final ValueTaskAwaiter<String> awaiter = new ValueTaskAwaiter<>();
    private long token;
    private String taken;

    // The reusable source

    /** The form for owners of sources: never an object. */
    @Benchmark
    public String sourceByToken() throws IOException {
        long operation = source.arm();
        source.complete(operation, RESULT);
        return source.getResult(operation);
    }

    /** The form for callers, in straight-line code: the compiler takes the handle apart. */
    @Benchmark
    public String sourceByHandle() throws IOException {
        long operation = source.arm();
        ValueTask<String> task = ValueTask.fromSource(source, operation);
        source.complete(operation, RESULT);
        return task.result();
    }

    /** What a handle costs when the call that returns it is not inlined: one object of two words. */
    @Benchmark
    public String sourceByHandleNotInlined() throws IOException {
        long operation = source.arm();
        ValueTask<String> task = handle(operation);
        source.complete(operation, RESULT);
        return task.result();
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private ValueTask<String> handle(long operation) {
        return ValueTask.fromSource(source, operation);
    }

    @Benchmark
    public String sourceContinuation() {
        token = source.arm();
        source.onCompleted(TAKE_BY_TOKEN, this, token, ValueTaskSourceOnCompletedFlags.NONE);
        source.complete(token, RESULT);
        return taken;
    }

    private void takeByToken() {
        try {
            taken = source.getResult(token);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Benchmark
    public String sourceAwaiterContinuation() {
        long operation = source.arm();
        awaiter.onCompleted(ValueTask.fromSource(source, operation), TAKE_FROM_AWAITER, this);
        source.complete(operation, RESULT);
        return taken;
    }

    private void takeFromAwaiter() {
        try {
            taken = awaiter.result();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    // What it replaces

    @Benchmark
    public String completableFuture() {
        CompletableFuture<String> future = newFuture();
        future.complete(RESULT);
        return future.join();
    }

    @Benchmark
    public String completableFutureContinuation() {
        CompletableFuture<String> future = newFuture();
        CompletableFuture<Void> accepted = future.thenAccept(result -> taken = result);
        future.complete(RESULT);
        return accepted.isDone() ? taken : null;
    }

    @Benchmark
    public String nettyPromise() {
        Promise<String> promise = newPromise();
        promise.setSuccess(RESULT);
        return promise.getNow();
    }

    @Benchmark
    public String nettyPromiseContinuation() {
        Promise<String> promise = newPromise();
        promise.addListener(future -> taken = promise.getNow());
        promise.setSuccess(RESULT);
        return taken;
    }

    /** Not inlined, since a future that never leaves the method would not be an object at all. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static CompletableFuture<String> newFuture() {
        return new CompletableFuture<>();
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static Promise<String> newPromise() {
        return new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);
    }
}
