package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.valuetask.IntValueTask;
import io.valuetask.IntValueTaskAwaiter;
import io.valuetask.ValueTask;
import io.valuetask.testing.AllocatedBytes;
import io.valuetask.testing.AllocatedBytes.Operation;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Reading and writing what is buffered costs no object. Counted by the JVM for one platform thread, after the
 * code has been compiled, and after everything that is not the straight path has been seen, too.
 *
 * <p>The messages and the write buffers are large, and so few that their share of an operation is below the limit.
 * They come from an allocator that uses its memory again, and without leak detection, which would record every access.
 */
@Timeout(60)
class StreamAllocationTest {
    private static final int SEEN_ROUNDS = 1000;
    private static final double LIMIT_BYTES_PER_OPERATION = 0.5;
    private static final int MESSAGE = 1024 * 1024;
    private static final int WRITE_BUFFER = 64 * 1024;

    private final EmbeddedStream embedded = new EmbeddedStream(WRITE_BUFFER);
    private final ChannelStream stream = embedded.stream;
    private final ByteBuf message = Unpooled.buffer(MESSAGE).writeZero(MESSAGE);
    private final byte[] array = new byte[16];
    private final ByteBuf destination = Unpooled.buffer(16);
    private final IntValueTaskAwaiter awaiter = new IntValueTaskAwaiter();
    private final Consumer<StreamAllocationTest> takeIt = StreamAllocationTest::takeIt;
    private int sum;

    StreamAllocationTest() {
        embedded.channel.config().setAllocator(new ReusingAllocator());
    }

    @AfterEach
    void close() {
        embedded.close();
    }

    private void refill() {
        if (stream.available() == 0) {
            embedded.channel.writeInbound(message.retainedDuplicate());
        }
    }

    @Test
    void readByte_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            refill();
            sum += stream.readByte().await();
        });
    }

    @Test
    void read_ofAnArray_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            refill();
            sum += stream.read(array, 0, array.length).await();
        });
    }

    @Test
    void read_ofANettyBuffer_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            refill();
            sum += stream.read(destination.clear()).await();
        });
    }

    @Test
    void readExactly_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            refill();
            sum += stream.readExactly(destination.clear(), 4).await();
        });
    }

    @Test
    void readUntil_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            refill();
            sum += stream.readUntil((byte) 0, destination.clear(), 16).await();
        });
    }

    @Test
    void readByte_throughAnAwaiter_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            refill();
            if (awaiter.onCompleted(stream.readByte(), takeIt, this)) {
                throw new AssertionError("it was there");
            }
            takeIt();
        });
    }

    private void takeIt() {
        try {
            sum += awaiter.result();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void writeByte_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            stream.writeByte(sum).await();
            discardSent();
        });
    }

    @Test
    void write_ofAnArray_allocatesNothing() throws Exception {
        assertAllocatesNothing(() -> {
            stream.write(array, 0, 4).await();
            discardSent();
        });
    }

    private void discardSent() {
        if (!embedded.channel.outboundMessages().isEmpty()) {
            ((ByteBuf) embedded.channel.readOutbound()).release();
        }
    }

    private void assertAllocatesNothing(Operation operation) throws Exception {
        assertThat(AllocatedBytes.onceWarm(StreamAllocationTest::seeEveryBranch, operation,
                () -> AllocatedBytes.leastOf(LIMIT_BYTES_PER_OPERATION,
                        () -> AllocatedBytes.perOperation(operation))))
                .isLessThan(LIMIT_BYTES_PER_OPERATION);
    }

    /** Of other streams: reads that wait, are cancelled, end and fail, and writes that fail. */
    private static void seeEveryBranch() throws Exception {
        for (int i = 0; i < SEEN_ROUNDS; i++) {
            try (EmbeddedStream other = new EmbeddedStream(4)) {
                IntValueTask late = other.stream.readByte();
                other.arrive("ab");
                late.await();
                CompletableFuture<Integer> both = other.stream.readExactly(Unpooled.buffer(2), 2)
                        .toCompletableFuture();
                both.cancel(true);
                assertThatThrownBy(both::join).isInstanceOf(CancellationException.class);
                IntValueTask line = other.stream.readUntil((byte) 'c', Unpooled.buffer(2), 10);
                IntValueTaskAwaiter waiting = new IntValueTaskAwaiter();
                waiting.onCompleted(line, unused -> {}, null);
                other.arrive("c");
                waiting.result();
                ValueTask<Void> large = other.stream.write(new byte[10], 0, 10);
                large.await();
                other.stream.writeByte(1).await();
                other.stream.flush().await();
                other.arriveFailure(new IOException("reset"));
                assertThatThrownBy(() -> other.stream.readByte().await()).isInstanceOf(IOException.class);
                other.arriveEnd();
                assertThatThrownBy(() -> other.stream.readByte().await()).isInstanceOf(IOException.class);
                other.stream.close();
                assertThatThrownBy(() -> other.stream.writeByte(1).await()).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> other.stream.readByte().await()).isInstanceOf(IOException.class);
            }
            try (EmbeddedStream ended = new EmbeddedStream(4)) {
                ended.arriveEnd();
                assertThat(ended.stream.readByte().await()).isEqualTo(-1);
            }
        }
    }
}
