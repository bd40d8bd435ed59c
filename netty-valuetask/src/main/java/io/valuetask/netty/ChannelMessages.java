package io.valuetask.netty;

import io.valuetask.AsyncIterator;
import io.valuetask.CancellationToken;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSource;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a channel, or the connections of a server channel, as a sequence. A move is a read, seen as the answer to "is there another one": so it has a
 * read's rules, and nothing of its own that could be out of step.
 */
final class ChannelMessages<I> implements AsyncIterator<I>, ValueTaskSource<Boolean> {
    /*
     * close() cancels the move that is pending, and no read of somebody else. Between it and the consumer, one of the two
     * always sees the other:
     *
     *   consumer: read; moving (volatile); closed     close(): closed (volatile); moving
     *
     * The token of a move before it cancels nothing, as a source issues none twice. See MessagesCloseStress, and its broken
     * twin.
     */

    private final ReadSource<I> reads;

    /** Written by the consumer as it takes an answer; its next move may be on another thread, which the word orders. */
    private @Nullable I current;

    /** Written by any thread. Volatile: read by the consumer. */
    private volatile boolean closed;

    /** The last move that had to wait, or -1. Written by the consumer. Volatile: read by whoever closes. */
    private volatile long moving = -1;

    ChannelMessages(ReadSource<I> reads) {
        this.reads = reads;
    }

    @Override
    public ValueTask<Boolean> moveNext() {
        if (closed) {
            return ValueTask.failed(closedException());
        }
        long token = InlineBarrier.read(reads, CancellationToken.NONE);
        current = null;
        if (reads.isPending(token)) {
            moving = token;
            if (closed) {
                reads.cancel(token); // close() may have come before there was a read to cancel
            }
        }
        return ValueTask.fromSource(this, token);
    }

    @Override
    public I current() {
        I message = current;
        if (message == null) {
            throw new IllegalStateException("there is no current message: iterator=" + this
                    + "; await moveNext(), and go on if it answers true");
        }
        return message;
    }

    /** {@inheritDoc} The channel stays open, and its messages stay there to be read. */
    @Override
    public ValueTask<@Nullable Void> close() {
        closed = true;
        long token = moving;
        if (token >= 0) {
            reads.cancel(token);
        }
        return ValueTask.completed();
    }

    static CancellationException closedException() {
        return new CancellationException("the sequence is closed; the channel may be read on");
    }

    // The read as a move

    @Override
    public ValueTaskSourceStatus getStatus(long token) {
        return reads.getStatus(token);
    }

    @Override
    public <S extends @Nullable Object> boolean onCompleted(Consumer<? super S> continuation, S state,
            long token,
            int flags) {
        return reads.onCompleted(continuation, state, token, flags);
    }

    @Override
    public Boolean getResult(long token) throws IOException {
        // A message that is taken after close() may have no taker; untaken, it is the next reader's.
        I message = closed ? reads.leave(token) : reads.getResult(token);
        current = message;
        return message != null;
    }

    @Override
    public boolean cancel(long token) {
        return reads.cancel(token);
    }

    @Override
    public String toString() {
        return "ChannelMessages[reads=" + reads + ", current=" + (current != null) + ", closed=" + closed
                + "]";
    }
}
