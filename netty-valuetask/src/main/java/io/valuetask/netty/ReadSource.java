package io.valuetask.netty;

import io.netty.util.ReferenceCountUtil;
import io.valuetask.CancellationToken;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;
import java.util.Collection;
import java.util.concurrent.CancellationException;
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

    private final ReadPump pump;
    private final InboundQueue queue;

    /** Made by the first reader that needs it; one at a time. Volatile: read by the executor. */
    private volatile @Nullable ReadDeadline deadline;

    /** Written on the executor, after the last offer. Volatile: read by the reader. */
    private volatile @Nullable InboundEnd end;

    /**
     * What broke the stream off, if its end is none. Written before {@link #end}; not an end that anybody may trust. See
     * BrokenOffStress, and its broken twin.
     */
    private volatile @Nullable Throwable brokenBy;

    /**
     * The thread that consumes a read in {@link #leave}. Written plainly by that thread, before it consumes, and cleared
     * after; whoever compares it looks for itself, and no thread can find itself that has not written it.
     */
    private @Nullable Thread leaver;

    ReadSource(ReadPump pump, InboundQueue queue) {
        this.pump = pump;
        this.queue = queue;
    }

    /** Starts the next read; any thread, but one at a time. Answers its token. */
    long read(CancellationToken cancellation) {
        long token = begin();
        Outcome outcome = outcome();
        if (outcome == Outcome.NONE) {
            pend(cancellation);
            if (!announce(token)) {
                pump.wanted();
            }
        } else {
            // What is there is not taken back by a cancellation that comes now.
            finish(token, outcome);
        }
        return token;
    }

    /** As {@link #read}, with a time after which the read fails if it still waits. */
    long readWithin(long timeoutNanos) {
        long token = read(CancellationToken.NONE);
        if (getStatus(token) == ValueTaskSourceStatus.PENDING) {
            ReadDeadline its = deadline;
            if (its == null) {
                its = new ReadDeadline(pump, this);
                deadline = its;
            }
            its.set(token, timeoutNanos);
        }
        return token;
    }

    /** Takes the next message, if there is one, or throws the next failure. */
    @Nullable
    I tryRead() throws IOException {
        Object next = queue.peek();
        if (next == null) {
            requireFree();
            return null;
        }
        long token = begin();
        finish(token, next instanceof InboundFailure ? Outcome.FAILURE : Outcome.RESULT);
        return getResult(token);
    }

    /** Takes what is there up to a failure. */
    int drainTo(Collection<? super I> messages, int most) {
        requireFree();
        int count = 0;
        try {
            while (count < most && hasMessage()) {
                I message = tryRead();
                if (message == null) {
                    break; // the channel was closed meanwhile, and the rest is released
                }
                add(message, messages);
                count++;
            }
        } catch (IOException closedMeanwhile) {
            // The same: what was taken before is the caller's.
        }
        return count;
    }

    private boolean hasMessage() {
        Object next = queue.peek();
        return next != null && !(next instanceof InboundFailure);
    }

    private static <I> void add(I message, Collection<? super I> messages) {
        try {
            messages.add(message);
        } catch (Throwable refused) {
            ReferenceCountUtil.release(message);
            throw refused;
        }
    }

    /** Ends the read that waits, if one does. */
    boolean cancelPending() {
        long token = pendingToken();
        return token >= 0 && cancel(token);
    }

    /** For the winner of {@link #begin}. */
    private void finish(long token, Outcome outcome) {
        if (outcome == Outcome.RESULT) {
            succeed(null);
        } else {
            pend();
            tryFault(token);
        }
    }

    /** Takes the reader's role for whoever ends reading here. Throws if somebody reads. */
    void claim() {
        begin();
    }

    /** Ends what {@link #claim} began. */
    void unclaim() {
        withdraw();
    }

    private enum Outcome {
        NONE,
        RESULT,
        FAILURE
    }

    /** What a read would come to. The reader; or the executor, while the reader waits. */
    private Outcome outcome() {
        Object next = queue.peek();
        InboundEnd reason = null;
        if (next == null) {
            reason = end;
            if (reason == null) {
                return Outcome.NONE;
            }
            next = queue.peek(); // what was offered before the end comes before it
        }
        boolean failure = next == null
                ? reason != InboundEnd.END_OF_STREAM || brokenBy != null
                : next instanceof InboundFailure;
        return failure ? Outcome.FAILURE : Outcome.RESULT;
    }

    /** Completes a pending read if there is something to take; false if there is not. */
    private boolean announce(long token) {
        switch (outcome()) {
            case NONE -> {
                return false;
            }
            case RESULT -> tryComplete(token, null);
            case FAILURE -> tryFault(token);
        }
        return true;
    }

    /** The channel has an executor, perhaps another one than before, which has the timers of before. Executor only. */
    void registered() {
        ReadDeadline its = deadline;
        if (its != null) {
            its.enter();
        }
    }

    /** Completes the pending read, if there is one, because there is something to take. Executor only. */
    void signal() {
        long token = pendingToken();
        if (token < 0) {
            // A reader that is about to pend sees what was offered, or is seen now.
            VarHandle.fullFence();
            token = pendingToken();
        }
        if (token >= 0) {
            // The reader may have taken what this signal is about, and be waiting for the next message already. What
            // it took before that read is visible with the token.
            announce(token);
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

    /**
     * The end that comes now is that of a broken connection. The cause itself is told to one read, in its place among the
     * messages. Executor only.
     */
    void brokenBy(Throwable cause) {
        if (end == null) {
            brokenBy = cause;
        }
    }

    /** False for a negative token. */
    boolean isPending(long token) {
        return token >= 0 && pendingToken() == token;
    }

    /** For the timer. */
    void timeOut(long token, long timeoutNanos) {
        tryCompleteExceptionally(token, new SocketTimeoutException("no message arrived within " + timeoutNanos
                + " ns; none is lost: read again, or close the channel"));
    }

    boolean isPending() {
        return pendingToken() >= 0;
    }

    boolean isEnded() {
        return end != null;
    }

    /** The stream has ended, and is neither broken off nor swept. Any thread. */
    boolean isWhole() {
        return end == InboundEnd.END_OF_STREAM && brokenBy == null;
    }

    /**
     * Consumes a read that has ended, and leaves what it came to, a message, a failure or the end, to the next one.
     *
     * @throws CancellationException always, unless another thread does the same, wrongly, in this moment: then as
     *         {@link #getResult}
     */
    @Nullable
    I leave(long token) throws IOException {
        leaver = Thread.currentThread();
        try {
            return getResult(token);
        } finally {
            leaver = null;
        }
    }

    @Override
    protected @Nullable I take(@Nullable I unused) throws IOException {
        if (leaver == Thread.currentThread()) {
            throw ChannelMessages.closedException();
        }
        Object element = queue.poll();
        if (element == null) {
            InboundEnd reason = end;
            if (reason == null) {
                throw new AssertionError("a read completed with nothing to take: " + this);
            }
            Throwable cause = brokenBy;
            if (reason == InboundEnd.END_OF_STREAM && cause != null) {
                // A new one for each: the cause tells where it was read first, and that reader may still work on it.
                throw new IOException("the stream was broken off by an earlier failure, see the cause: what "
                        + "arrived is not the whole, and nothing more will come; close the channel", cause);
            }
            return reason.outcome();
        }
        pump.taken();
        return InboundFailure.messageOrThrow(element);
    }
}
