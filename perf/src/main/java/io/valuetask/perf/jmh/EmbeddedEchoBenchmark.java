package io.valuetask.perf.jmh;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A message into a pipeline and back out of it, on one thread and without a transport: the difference of the two rows is what
 * value tasks add to a round trip, and the least that can be measured of it. A socket's costs and a second thread's are
 * those of {@link TransportBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class EmbeddedEchoBenchmark {
    private static final Object MESSAGE = "message";

    /** By hand, and each write with a promise, so that it learns what became of it. */
    private static final class RawEcho extends ChannelInboundHandlerAdapter {
        private long written;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message).addListener(write -> written++);
        }
    }

    /** With continuations: awaits each read, and then each write. */
    private static final class Echo {
        private static final Consumer<Echo> READ = Echo::onRead;
        private static final Consumer<Echo> WRITTEN = Echo::onWritten;

        private final ValueTaskChannel<Object, Object> channel;
        private final ValueTaskAwaiter<@Nullable Object> read = new ValueTaskAwaiter<>();
        private final ValueTaskAwaiter<@Nullable Void> write = new ValueTaskAwaiter<>();

        Echo(ValueTaskChannel<Object, Object> channel) {
            this.channel = channel;
            next();
        }

        private void next() {
            read.onCompleted(channel.read(), READ, this);
        }

        private void onRead() {
            try {
                Object message = read.result();
                if (message != null) {
                    write.onCompleted(channel.writeAndFlush(message), WRITTEN, this);
                }
            } catch (IOException closed) {
                // The end of the trial.
            }
        }

        private void onWritten() {
            try {
                write.result();
                next();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    private final MessageSink rawSink = new MessageSink();
    private final EmbeddedChannel raw = new EmbeddedChannel(rawSink, new RawEcho());
    private final MessageSink sink = new MessageSink();
    private final ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.trustedHandlers(MessageSink.class), null);
    private final EmbeddedChannel embedded = new EmbeddedChannel(sink, handler);
    private final Echo echo = new Echo(handler.channel());

    /** Both do what they are measured for. */
    @Setup
    public void check() {
        if (embeddedEchoRaw() != MESSAGE || embeddedEchoCallback() != MESSAGE) {
            throw new IllegalStateException("a message has not come back");
        }
    }

    @TearDown
    public void close() {
        raw.close();
        embedded.close();
    }

    @Benchmark
    public @Nullable Object embeddedEchoRaw() {
        raw.pipeline().fireChannelRead(MESSAGE).fireChannelReadComplete();
        raw.runPendingTasks();
        return rawSink.takeLast();
    }

    @Benchmark
    public @Nullable Object embeddedEchoCallback() {
        embedded.pipeline().fireChannelRead(MESSAGE).fireChannelReadComplete();
        embedded.runPendingTasks(); // the end of the turn
        return sink.takeLast();
    }
}
