package io.valuetask.perf.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.netty.ValueTaskHandler;
import io.valuetask.stream.ChannelStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads and writes of a {@link ChannelStream} whose bytes are buffered. A message and a write buffer have so many
 * bytes that theirs do not show.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class StreamBenchmark {
    private static final int MESSAGE = 1024 * 1024;
    private static final int LINE = 16;

    private final ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(handler);
    private final ChannelStream stream = new ChannelStream(handler.channel(), MESSAGE);
    private final ByteBuf message = lines();
    private final ByteBuf line = Unpooled.buffer(LINE);

    private static ByteBuf lines() {
        ByteBuf lines = Unpooled.buffer(MESSAGE);
        while (lines.isWritable()) {
            lines.writeZero(LINE - 1).writeByte('\n');
        }
        return lines;
    }

    private void refill() {
        if (stream.available() == 0) {
            channel.writeInbound(message.retainedDuplicate());
        }
    }

    @Benchmark
    public int streamReadByte() throws Exception {
        refill();
        return stream.readByte().await();
    }

    @Benchmark
    public int streamReadUntil() throws Exception {
        refill();
        return stream.readUntil((byte) '\n', line.clear(), LINE).await();
    }

    @Benchmark
    public void streamWriteByte() throws Exception {
        stream.writeByte('x').await();
        if (!channel.outboundMessages().isEmpty()) {
            ((ByteBuf) channel.readOutbound()).release();
        }
    }
}
