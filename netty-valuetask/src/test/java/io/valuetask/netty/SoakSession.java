package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.CancellationToken;
import io.valuetask.CancellationTokenSource;
import io.valuetask.IntValueTask;
import io.valuetask.ValueTask;
import io.valuetask.netty.OperationTally.Kind;
import io.valuetask.netty.OperationTally.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * One side of a connection, whose operations are counted and awaited in whichever way comes up. Close it: that closes the
 * channel, and waits for that.
 */
final class SoakSession implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20;
    /** Whoever is cancelled goes on, but not for ever. */
    private static final int MOST_CANCELLED = 30;
    private static final int FAILS_ONE_IN = 300;
    private static final int MOST_PARTS = 12;

    private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private final OperationTally tally;
    private final Random dice;
    /** Who may be interrupted; null where continuations do the work. */
    private final Thread body;
    /** Written by the body. */
    private volatile CancellationTokenSource cancellation = new CancellationTokenSource();
    private int cancelled;

    SoakSession(ValueTaskChannel<ByteBuf, ByteBuf> channel, OperationTally tally, Random dice, Thread body) {
        this.channel = channel;
        this.tally = tally;
        this.dice = dice;
        this.body = body;
    }

    ValueTaskChannel<ByteBuf, ByteBuf> channel() {
        return channel;
    }

    // From outside

    void cancel() {
        try {
            cancellation.cancel();
        } catch (IllegalStateException closed) {
            // The session is over, or is about to replace it.
        }
    }

    void interrupt() {
        if (body != null) {
            body.interrupt();
        }
    }

    // The body

    /** The next message, or null. */
    ByteBuf read() throws Exception {
        return repeatIfCancelled(Kind.READ, () -> switch (dice.nextInt(3)) {
            case 0 -> channel.read(token()).await();
            case 1 -> channel.read(patience()).await();
            default -> await(channel.read());
        });
    }

    /** For what loses nothing when it is cancelled. */
    <T> T repeatIfCancelled(Kind kind, Callable<T> operation) throws Exception {
        for (;;) {
            try {
                return count(kind, operation);
            } catch (Exception failure) {
                if (!OperationTally.isCancellation(failure) || cancelled++ >= MOST_CANCELLED) {
                    throw failure;
                }
            }
        }
    }

    /** As a body may at any time. */
    void maybeFail() throws IOException {
        if (dice.nextInt(FAILS_ONE_IN) == 0) {
            throw new SoakEnding.PlantedException();
        }
    }

    void write(ByteBuf message) throws Exception {
        switch (dice.nextInt(3)) {
            case 0 -> count(Kind.SEND, () -> await(channel.send(message)));
            case 1 -> count(Kind.WRITE, () -> await(channel.writeAndFlush(message)));
            default -> count(Kind.WRITE_ALL, () -> await(channel.writeAll(inParts(message))));
        }
    }

    /** One message as several of its bytes, of which some may be empty. */
    private List<ByteBuf> inParts(ByteBuf message) {
        List<ByteBuf> parts = new ArrayList<>();
        for (int i = dice.nextInt(MOST_PARTS); i > 0; i--) {
            parts.add(message.readRetainedSlice(dice.nextInt(message.readableBytes() + 1)));
        }
        parts.add(message);
        return parts;
    }

    void flush() throws Exception {
        count(Kind.FLUSH, () -> await(channel.flush()));
    }

    /** Nobody waits for it before the channel is closed. */
    void writeLate(ByteBuf message) {
        Operation operation = tally.start(Kind.WRITE, channel);
        ValueTask<Void> write = channel.write(message);
        if (!write.onCompleted(task -> operation.settle(task), write)) {
            operation.settle(write);
        }
    }

    <T> T count(Kind kind, Callable<T> operation) throws Exception {
        return tally.count(kind, channel, operation);
    }

    <T> T await(ValueTask<T> task) throws Exception {
        return switch (dice.nextInt(4)) {
            case 0 -> task.await(patience());
            case 1 -> task.await(token());
            default -> task.await();
        };
    }

    int await(IntValueTask task) throws Exception {
        return switch (dice.nextInt(4)) {
            case 0 -> task.await(patience());
            case 1 -> task.await(token());
            default -> task.await();
        };
    }

    private Duration patience() {
        return Duration.ofMillis(dice.nextInt(PATIENCE_MILLIS));
    }

    private CancellationToken token() {
        if (cancellation.isCancellationRequested()) {
            cancellation.close();
            cancellation = new CancellationTokenSource();
        }
        return cancellation.token();
    }

    /** {@inheritDoc} An interruption does not end the waiting. */
    @Override
    public void close() {
        channel.close();
        Operation operation = tally.start(Kind.CLOSED, channel);
        ValueTask<CloseReason> closed = channel.closed().preserve();
        closed.toCompletableFuture().handle((reason, failure) -> reason).join();
        operation.settle(closed);
        cancellation.close();
    }
}
