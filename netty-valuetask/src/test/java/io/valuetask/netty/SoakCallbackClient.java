package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.OperationTally.Kind;
import io.valuetask.netty.OperationTally.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Sends a message and reads until it is back, a few times, as a state machine of continuations. */
final class SoakCallbackClient {
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final int ROUNDS = 10;

    interface Check {
        /** True if everything is back that was sent. */
        boolean received(ByteBuf message) throws IOException;
    }

    private final SoakSession session;
    private final OperationTally tally;
    private final Supplier<ByteBuf> messages;
    private final Check check;
    private final ValueTaskAwaiter<Void> writing = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<ByteBuf> reading = new ValueTaskAwaiter<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    // One step at a time, ordered by what it waits for.
    private Operation current;
    private int rounds;

    SoakCallbackClient(SoakSession session, OperationTally tally, Supplier<ByteBuf> messages, Check check) {
        this.session = session;
        this.tally = tally;
        this.messages = messages;
        this.check = check;
    }

    /** Returns when it is over. An interruption does not end it. */
    void live() {
        write();
        over.join();
    }

    private void write() {
        current = tally.start(Kind.WRITE, session.channel());
        if (!writing.onCompleted(session.channel().writeAndFlush(messages.get()), SoakCallbackClient::written,
                this)) {
            written();
        }
    }

    private void written() {
        try {
            writing.result();
            current.ended(null);
        } catch (Throwable failure) {
            end(failure);
            return;
        }
        read();
    }

    private void read() {
        current = tally.start(Kind.READ, session.channel());
        if (!reading.onCompleted(session.channel().read(PATIENCE), SoakCallbackClient::arrived, this)) {
            arrived();
        }
    }

    private void arrived() {
        ByteBuf message;
        try {
            message = reading.result();
            current.ended(null);
        } catch (Throwable failure) {
            end(failure);
            return;
        }
        try {
            if (!check.received(message)) {
                read();
            } else if (++rounds < ROUNDS) {
                write();
            } else {
                over.complete(null);
            }
        } catch (IOException ended) {
            over.complete(null);
        }
    }

    private void end(Throwable failure) {
        current.ended(failure);
        over.complete(null);
    }
}
