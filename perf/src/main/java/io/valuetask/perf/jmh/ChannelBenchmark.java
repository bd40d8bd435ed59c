package io.valuetask.perf.jmh;

import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;

/** What the library itself spends on a message, without a transport: the handler before it takes every one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ChannelBenchmark {
    private static final Object MESSAGE = "message";
    private static final List<Object> MESSAGES = new ArrayList<>(List.of(MESSAGE, MESSAGE));

    private final ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.trustedHandlers(MessageSink.class), null);
    private final EmbeddedChannel embedded = new EmbeddedChannel(new MessageSink(), handler);
    private final ValueTaskChannel<Object, Object> channel = handler.channel();

    /** Nobody awaits the message; there is room for the next one. */
    @Benchmark
    public void sendByHandle() throws IOException {
        channel.send(MESSAGE).result();
        embedded.runPendingTasks(); // the end of the turn
    }

    @Benchmark
    public void writeAndFlushByHandle() throws IOException {
        ValueTask<@Nullable Void> write = channel.writeAndFlush(MESSAGE);
        embedded.runPendingTasks();
        write.result();
    }

    /** Two messages as one step. */
    @Benchmark
    public void writeAllByHandle() throws IOException {
        ValueTask<@Nullable Void> batch = channel.writeAll(MESSAGES);
        embedded.runPendingTasks();
        batch.result();
    }
}
