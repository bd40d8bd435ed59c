// $ java -jar samples/target/netty-valuetask-samples.jar lines-iterator
package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import io.valuetask.AsyncIterator;
import io.valuetask.AsyncIteratorSource;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.stream.ChannelStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The lines of a connection as a sequence that is waited for: {@link Lines} is what an async iterator with
 * {@code yield return} is in C#. Nothing is read that was not asked for, so a slow consumer slows its peer.
 */
@Command(name = "lines-iterator", mixinStandardHelpOptions = true, description = "The lines of a connection, one after the other, as they are asked for.")
public final class Sample11LinesIterator implements SampleCommand {
    private static final String[] POEM = {"The fog comes", "on little cat feet.", "It sits looking",
        "over harbor and city", "on silent haunches", "and then moves on."};

    @Mixin
    private SampleLoops loops;

    public static void main(String... arguments) {
        Samples.run(new Sample11LinesIterator(), arguments);
    }

    @Override
    public void run() throws Exception {
        try (SampleLoopback server = new SampleLoopback(loops,
                ValueTaskChannelInitializer.serve(Sample11LinesIterator::recite))) {
            try (Lines lines = connect(server, 80); var each = lines.elements().iterable()) {
                System.out.println("in a loop:");
                for (String line : each) {
                    System.out.println("  " + line);
                }
            }
            try (Lines lines = connect(server, 80)) {
                System.out.println("by hand, and no more than wanted:");
                AsyncIterator<String> elements = lines.elements();
                for (int i = 0; i < 2 && elements.moveNext().await(); i++) {
                    System.out.println("  " + elements.current());
                }
                elements.close().await();
            }
            try (Lines lines = connect(server, 16); var each = lines.elements().iterable()) {
                System.out.println("at most 16 bytes in a line:");
                for (String line : each) {
                    System.out.println("  " + line);
                }
            } catch (UncheckedIOException failure) { // a loop cannot throw what moveNext().await() throws
                System.out.println("  " + failure.getCause().getMessage());
            }
        }
    }

    private static Lines connect(SampleLoopback server, int longestLine) throws Exception {
        return new Lines(new ChannelStream(server.<ByteBuf, ByteBuf>connect(pipeline -> {}).await()),
                longestLine);
    }

    /** The server: sends the poem in pieces of five bytes, which end where no line does. */
    private static void recite(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        ByteBuf text = ByteBufUtil.writeUtf8(channel.channel().alloc(), String.join("\n", POEM));
        try {
            while (text.isReadable()) {
                int length = Math.min(5, text.readableBytes());
                channel.writeAndFlush(text.readRetainedSlice(length)).await();
            }
        } finally {
            text.release();
        }
    }

    /** The lines that a stream brings, for one consumer; owns the stream. */
    static final class Lines implements AutoCloseable {
        private final ChannelStream stream;
        private final int longestLine;
        private final AsyncIteratorSource<String> elements = new AsyncIteratorSource<>();
        private final Thread producer;

        /**
         * Starts a virtual thread that reads when a line is asked for.
         *
         * @param stream where the lines come from; closed by {@link #close}
         * @param longestLine how many bytes a line may have, its end included; a longer one is the failure of the
         *        sequence
         */
        Lines(ChannelStream stream, int longestLine) {
            this.stream = stream;
            this.longestLine = longestLine;
            producer = Thread.ofVirtual().name("lines").start(this::produce);
        }

        AsyncIterator<String> elements() {
            return elements;
        }

        /** Waits until the thread has ended, which it does with the sequence. */
        void join() throws InterruptedException {
            producer.join();
        }

        private void produce() {
            ByteBuf line = Unpooled.buffer(longestLine);
            try {
                elements.requested().await();
                while (stream.readUntil((byte) '\n', line.clear(), longestLine).await() > 0) {
                    elements.emit(line.toString(CharsetUtil.UTF_8).stripTrailing()).await();
                }
                elements.complete();
            } catch (CancellationException closed) {
                // The consumer has closed the sequence, and wants no more of it.
            } catch (Throwable failure) {
                elements.completeExceptionally(failure); // thrown by the consumer's next move
            }
        }

        /** Ends the sequence and the connection. The thread ends, too, wherever it waits. */
        @Override
        public void close() {
            elements.close().discard();
            stream.close();
        }
    }
}
/*
in a loop:
  The fog comes
  on little cat feet.
  It sits looking
  over harbor and city
  on silent haunches
  and then moves on.
by hand, and no more than wanted:
  The fog comes
  on little cat feet.
at most 16 bytes in a line:
  The fog comes
  no delimiter within the bytes that may be taken: delimiter=0x0a, maxBytes=16, readable=94; nothing was taken: read on with a higher limit or without a delimiter, or close the stream
*/
