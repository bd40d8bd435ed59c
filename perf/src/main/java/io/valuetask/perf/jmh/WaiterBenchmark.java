package io.valuetask.perf.jmh;

import io.micrometer.context.ContextRegistry;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTaskSourceOnCompletedFlags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a waiter's wishes cost: one whole operation with a continuation, and one wish each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class WaiterBenchmark {
    private static final String RESULT = "result";
    private static final ThreadLocal<String> TRACE = new ThreadLocal<>();
    private static final Consumer<WaiterBenchmark> TAKE = WaiterBenchmark::take;

    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final CancellationTokenSource server = new CancellationTokenSource();
    private long token;
    private String taken;

    @Setup
    public void registerTrace() {
        ContextRegistry.getInstance().registerThreadLocalAccessor("trace", TRACE);
        TRACE.set("4711");
    }

    /** Outside an event loop there is no scheduling context: what it costs to ask. */
    @Benchmark
    public String schedulingContextAsked() {
        token = source.arm();
        source.onCompleted(TAKE, this, token, ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT);
        source.complete(token, RESULT);
        return taken;
    }

    /** A snapshot of one thread local, and its restoration. */
    @Benchmark
    public String contextCaptured() {
        token = source.arm();
        source.onCompleted(TAKE, this, token, ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT);
        source.complete(token, RESULT);
        return taken;
    }

    /** A token that lives as long as its server, registered for one operation and taken back. */
    @Benchmark
    public String cancellationRegistered() {
        token = source.arm(server.token());
        source.onCompleted(TAKE, this, token, ValueTaskSourceOnCompletedFlags.NONE);
        source.complete(token, RESULT);
        return taken;
    }

    private void take() {
        try {
            taken = source.getResult(token);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
