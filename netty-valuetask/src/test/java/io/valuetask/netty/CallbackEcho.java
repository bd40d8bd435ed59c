package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.OperationTally.Kind;
import io.valuetask.netty.OperationTally.Operation;
import java.util.function.Consumer;

/** An echo as a state machine of continuations. Closes its channel when it ends. */
final class CallbackEcho {
    private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private final OperationTally tally;
    private final Consumer<Throwable> ended;
    private final ValueTaskAwaiter<ByteBuf> reading = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<Void> writing = new ValueTaskAwaiter<>();

    // One step at a time, ordered by what it waits for.
    private Operation current;
    private boolean written = true;

    /**
     * Not started yet.
     *
     * @param ended learns how it ended; null is the peer's FIN
     */
    CallbackEcho(ValueTaskChannel<ByteBuf, ByteBuf> channel, OperationTally tally,
            Consumer<Throwable> ended) {
        this.channel = channel;
        this.tally = tally;
        this.ended = ended;
    }

    void start() {
        if (!read()) {
            go();
        }
    }

    /** True if it has to be waited for. */
    private boolean read() {
        current = tally.start(Kind.READ, channel);
        return reading.onCompleted(channel.read(), CallbackEcho::go, this);
    }

    private boolean write(ByteBuf message) {
        current = tally.start(Kind.WRITE, channel);
        return writing.onCompleted(channel.writeAndFlush(message), CallbackEcho::go, this);
    }

    /** One of the two operations has completed. */
    private void go() {
        try {
            for (;;) {
                if (!written) {
                    writing.result();
                    current.ended(null);
                    written = true;
                    if (read()) {
                        return;
                    }
                }
                ByteBuf message = reading.result();
                current.ended(null);
                if (message == null) {
                    end(null);
                    return;
                }
                written = false;
                if (write(message)) {
                    return;
                }
            }
        } catch (Throwable failure) {
            current.ended(failure);
            end(failure);
        }
    }

    private void end(Throwable failure) {
        ended.accept(failure);
        channel.close();
    }
}
