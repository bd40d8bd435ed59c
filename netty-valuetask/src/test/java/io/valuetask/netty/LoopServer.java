package io.valuetask.netty;

import io.valuetask.ValueTaskAwaiter;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Answers every message of a channel from continuations on its event loop. */
final class LoopServer {
    private final ValueTaskChannel<Object, Object> channel;
    private final UnaryOperator<Object> answer;
    private final ValueTaskAwaiter<Object> reading = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<Void> writing = new ValueTaskAwaiter<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private boolean written = true;
    private int answered;

    private LoopServer(ValueTaskChannel<Object, Object> channel, UnaryOperator<Object> answer) {
        this.channel = channel;
        this.answer = answer;
    }

    /** Completes with the number of answers when the peer has finished. */
    static CompletableFuture<Integer> start(ValueTaskChannel<Object, Object> channel,
            UnaryOperator<Object> answer) {
        LoopServer server = new LoopServer(channel, answer);
        channel.channel().eventLoop().execute(() -> {
            if (!server.reading.onCompleted(channel.read(), LoopServer::go, server)) {
                server.go();
            }
        });
        return server.ended;
    }

    /** One of the two operations has completed. */
    private void go() {
        try {
            for (;;) {
                if (!written) {
                    writing.result();
                    written = true;
                    answered++;
                    if (reading.onCompleted(channel.read(), LoopServer::go, this)) {
                        return;
                    }
                }
                Object request = reading.result();
                if (request == null) {
                    end(null);
                    return;
                }
                written = false;
                if (writing.onCompleted(channel.writeAndFlush(answer.apply(request)), LoopServer::go, this)) {
                    return;
                }
            }
        } catch (Throwable failure) {
            end(failure);
        }
    }

    private void end(Throwable failure) {
        boolean first = failure == null ? ended.complete(answered) : ended.completeExceptionally(failure);
        if (!first) {
            throw new AssertionError("ended twice", failure);
        }
    }
}
