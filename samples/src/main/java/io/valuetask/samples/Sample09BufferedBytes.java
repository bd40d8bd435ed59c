// $ java -jar samples/target/netty-valuetask-samples.jar buffered-bytes
package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.stream.ChannelStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Writes single bytes to a connection and reads single bytes from it. Nearly all of these operations are complete when
 * they are started, as a buffer has room for the byte, or has the byte: a value task costs nothing then, and the rare one
 * that has to wait costs nothing either.
 *
 * <p>A read answers an {@code int} in an {@link io.valuetask.IntValueTask}. In a {@code ValueTask<Integer>} or a future
 * it would be a box, for which the JDK has a cache up to 127, and every byte above is an object.
 */
@Command(name = "buffered-bytes", mixinStandardHelpOptions = true, description = "Single bytes over a connection, without an object for any.")
public final class Sample09BufferedBytes implements SampleCommand {
    private static final int BYTES = 64 * 1024;
    private static final int ROUNDS = 60;

    @Mixin
    private SampleLoops loops;

    public static void main(String... arguments) {
        Samples.run(new Sample09BufferedBytes(), arguments);
    }

    @Override
    public void run() throws Exception {
        try (SampleLoopback echo = new SampleLoopback(loops,
                ValueTaskChannelInitializer.serve(Sample01EchoServer::serve))) {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = echo.<ByteBuf, ByteBuf>connect(pipeline -> {})
                    .await();
            try (ChannelStream stream = new ChannelStream(channel)) {
                compare(stream);
            }
        }
    }

    /** Each round writes what the sockets can hold, and reads the echoes; what both allocate is in one figure. */
    private static void compare(ChannelStream stream) throws Exception {
        System.out
                .println("waited for " + write(stream) + " of " + BYTES + " writes, and read the echoes: sum "
                        + read(stream));
        report("readByte()", () -> write(stream) + read(stream));
        report("readByte().boxed()", () -> write(stream) + readBoxed(stream));
        report("readByte().toCompletableFuture()", () -> write(stream) + readFutures(stream));
    }

    private static void report(String name, Callable<?> round) throws Exception {
        System.out.printf("%-32s %6.2f bytes of heap for each byte written and read%n", name,
                SampleAllocations.perOperation(ROUNDS, BYTES, round));
    }

    /** Answers how many of the writes had to wait until the buffer had been sent. */
    private static int write(ChannelStream stream) throws Exception {
        int waits = 0;
        for (int i = 0; i < BYTES; i++) {
            ValueTask<Void> written = stream.writeByte(i);
            if (!written.isCompletedSuccessfully()) {
                waits++;
                written.await();
            }
        }
        stream.flush().await();
        return waits;
    }

    private static int read(ChannelStream stream) throws Exception {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += requireByte(stream.readByte().await());
        }
        return sum;
    }

    private static int readBoxed(ChannelStream stream) throws Exception {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += requireByte(stream.readByte().boxed().await());
        }
        return sum;
    }

    private static int readFutures(ChannelStream stream) throws Exception {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += requireByte(stream.readByte().toCompletableFuture().get());
        }
        return sum;
    }

    private static int requireByte(int value) throws SampleException {
        if (value < 0) {
            throw new SampleException("the server has closed the connection");
        }
        return value;
    }
}
/*
waited for 5 of 65536 writes, and read the echoes: sum 8355840
readByte()                         0.01 bytes of heap for each byte written and read
readByte().boxed()                 8.01 bytes of heap for each byte written and read
readByte().toCompletableFuture()  48.01 bytes of heap for each byte written and read
*/
