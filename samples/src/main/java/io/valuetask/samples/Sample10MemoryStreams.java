// $ java -jar samples/target/netty-valuetask-samples.jar memory-streams
package io.valuetask.samples;

import io.valuetask.IntValueTask;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/**
 * A stream over bytes in memory, whose reads never wait, behind an interface for streams that may: once with futures and
 * once with value tasks. A future is an object, and so is the number in it. The usual way out is to keep the last one, as
 * one read is often as long as the one before, and it does not go far.
 */
@Command(name = "memory-streams", mixinStandardHelpOptions = true, description = "Reads that never wait: kept futures beside value tasks.")
public final class Sample10MemoryStreams implements SampleCommand {
    private static final int READS = 10_000;
    private static final int ROUNDS = 200;
    private static final int LONGEST_READ = 1000;

    public static void main(String... arguments) {
        Samples.run(new Sample10MemoryStreams(), arguments);
    }

    @Override
    public void run() throws Exception {
        byte[] content = new byte[READS * LONGEST_READ];
        byte[] destination = new byte[LONGEST_READ];
        for (boolean varying : new boolean[]{false, true}) {
            String lengths = varying ? "reads of 200 to 999 bytes" : "reads of 200 bytes";
            report(lengths + ", future",
                    () -> readFutures(new FutureStream(content), destination, varying));
            report(lengths + ", value task",
                    () -> readValueTasks(new ValueTaskStream(content), destination, varying));
        }
    }

    private static void report(String name, Callable<?> round) throws Exception {
        System.out.printf("%-38s %6.2f bytes of heap for each read%n", name,
                SampleAllocations.perOperation(ROUNDS, READS, round));
    }

    private static long readFutures(FutureStream stream, byte[] destination, boolean varying)
            throws Exception {
        long sum = 0;
        for (int i = 0; i < READS; i++) {
            sum += stream.read(destination, 0, length(i, varying)).get();
        }
        return sum;
    }

    private static long readValueTasks(ValueTaskStream stream, byte[] destination, boolean varying)
            throws Exception {
        long sum = 0;
        for (int i = 0; i < READS; i++) {
            sum += stream.read(destination, 0, length(i, varying)).await();
        }
        return sum;
    }

    private static int length(int read, boolean varying) {
        return 200 + (varying ? read % 800 : 0);
    }

    /** What both do, apart from how they answer. For one reader at a time. */
    private abstract static class MemoryStream {
        private final byte[] content;
        private int position;
        private boolean closed;

        MemoryStream(byte[] content) {
            this.content = content;
        }

        /** Copies what there is, and answers how much, or -1 at the end. */
        final int copy(byte[] destination, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, destination.length);
            if (closed) {
                throw new IOException("the stream is closed");
            } else if (position == content.length && length > 0) {
                return -1;
            }
            int count = Math.min(length, content.length - position);
            System.arraycopy(content, position, destination, offset, count);
            position += count;
            return count;
        }

        final void close() {
            closed = true;
        }
    }

    static final class FutureStream extends MemoryStream {
        /** The answer of the last read, shared with whoever has it: one more thing that can go wrong with it. */
        private CompletableFuture<Integer> lastRead;

        FutureStream(byte[] content) {
            super(content);
        }

        CompletableFuture<Integer> read(byte[] destination, int offset, int length) {
            try {
                int count = copy(destination, offset, length);
                if (lastRead == null || lastRead.join() != count) {
                    lastRead = CompletableFuture.completedFuture(count);
                }
                return lastRead;
            } catch (IOException failure) {
                return CompletableFuture.failedFuture(failure);
            }
        }
    }

    static final class ValueTaskStream extends MemoryStream {
        ValueTaskStream(byte[] content) {
            super(content);
        }

        IntValueTask read(byte[] destination, int offset, int length) {
            try {
                return IntValueTask.completed(copy(destination, offset, length));
            } catch (IOException failure) {
                return IntValueTask.failed(failure);
            }
        }
    }
}
/*
reads of 200 bytes, future               0.01 bytes of heap for each read
reads of 200 bytes, value task           0.00 bytes of heap for each read
reads of 200 to 999 bytes, future       40.01 bytes of heap for each read
reads of 200 to 999 bytes, value task    0.00 bytes of heap for each read
*/
