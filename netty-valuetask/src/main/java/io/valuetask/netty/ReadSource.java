package io.valuetask.netty;

import io.valuetask.ManualResetValueTaskSource;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The one reusable source of a channel's reads. A read completes when there is something to take, and the
 * message is taken out of the queue in the step that consumes the value task. So a read that is cancelled, timed
 * out or never awaited loses nothing: what arrived stays first in the queue.
 */
final class ReadSource<I> extends ManualResetValueTaskSource<@Nullable I> {
    /*
     * Between the executor, which offers and then looks for a pending read, and the reader, which makes its read
     * pending and then looks for messages, one of the two always sees the other:
     *
     *   executor: offer or end; full fence; pendingToken()     reader: pend() (full fence); queue, end
     *
     * The executor looks once before its fence, too: a read that it sees pending needs none.
     *
     * Both may see each other; then the word lets one of them complete the read.
     * See PendDekkerStress, and its twin without the fence for the hang it prevents.
     */

    private final ValueTaskHandler<I, ?> handler;
    private final InboundQueue queue;

    /** Written on the executor, after the last offer. Volatile: read by the reader. */
    private volatile @Nullable InboundEnd end;

    ReadSource(ValueTaskHandler<I, ?> handler, InboundQueue queue) {
        this.handler = handler;
        this.queue = queue;
    }

    /** Starts the next read; any thread, but one at a time. Answers its token. */
    long read() {
        long token = begin();
        if (hasOutcome()) {
            succeed(null);
        } else {
            pend();
            if (hasOutcome()) {
                tryComplete(token, null);
            }
        }
        return token;
    }

    private boolean hasOutcome() {
        return !queue.isEmpty() || end != null;
    }

    /** Completes the pending read, if there is one, because there is something to take. Executor only. */
    void signal() {
        long token = pendingToken();
        if (token < 0) {
            // A reader that is about to pend sees what was offered, or is seen now.
            VarHandle.fullFence();
            token = pendingToken();
        }
        // The reader may have taken what this signal is about, and be waiting for the next message already. What
        // it took before that read is visible with the token.
        if (token >= 0 && (end != null || queue.size() > 0)) {
            tryComplete(token, null);
        }
    }

    /**
     * Nothing is going to be offered any more. The first reason stays, but for an end of stream whose last
     * messages are about to be swept: whoever has not read them must not take the stream for complete. Executor
     * only.
     */
    void end(InboundEnd reason) {
        if (end == null || end == InboundEnd.END_OF_STREAM) {
            end = reason;
        }
        signal();
    }

    boolean isEnded() {
        return end != null;
    }

    @Override
    protected @Nullable I take(@Nullable I unused) throws IOException {
        Object element = queue.poll();
        if (element == null) {
            InboundEnd reason = end;
            if (reason == null) {
                throw new AssertionError("a read completed with nothing to take: " + this);
            }
            return reason.outcome();
        }
        handler.taken();
        return InboundFailure.messageOrThrow(element);
    }
}
