package io.valuetask.netty;

import io.valuetask.CancellationTokenSource;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends on one channel what another one receives, until the end of its stream. Used once. */
final class Pump<M> extends ManualResetValueTaskSource<@Nullable Void> {
    /*
     *               message                     end of stream
     *   READING ---------------> SENDING    READING ------------> FLUSHING ---flushed---> SUCCEEDED
     *      ^                        |
     *      +--------- room ---------+       any ---failure---> FAULTED      any ---cancel()---> CANCELED
     *
     * At most one wait is registered, so the steps come one after another, on the loop that ended the last wait: of the
     * receiving channel when a message came, of the sending one when there is room again. What one step wrote is visible
     * to the next by the word of the source that it waited for. What need not be waited for leads to the next step in a
     * loop; it ends when the receiving channel's bounded queue is empty.
     *
     * The steps come on several threads, and each sends behind what is on its way to the sending channel: what the step before
     * has sent, and what its user has written before the pump was started.
     *
     * Whoever learns that it was cancelled may read and send. So a step in progress, which may have a read that it has not
     * consumed or a message that it has not handed on, ends first. The phase says who completes:
     *
     *   STEPPING -> WAITING    // step: for room or for the flush, with nothing in its hands
     *    WAITING -> STEPPING   // the next step; or the same one, which need not wait after all
     *   STEPPING -> ENDED      // step: with the end or a failure
     *   STEPPING -> STOPPED    // cancel(): the step completes, now or when the end of its read lets it go on
     *    WAITING -> STOPPED    // cancel(), which completes; the next step has only its wait to consume
     *
     * While the receiving channel is silent, only the end of the other one tells that nothing can be sent any more. Whoever
     * tells it cancels the read that waits, or the next one, so that nothing is taken which could only be lost; the step
     * that finds its read cancelled ends the pump, as a send would have. A wait for room or for the flush ends by itself.
     */
    private static final int STEPPING = 0;
    private static final int WAITING = 1;
    private static final int ENDED = 2;
    private static final int STOPPED = 3;

    private static final VarHandle PHASE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "phase",
            VarHandle.class, Pump.class, int.class);

    private static final Consumer<Pump<?>> MESSAGE = Pump::run;
    private static final Consumer<Pump<?>> ROOM = Pump::sent;
    private static final Consumer<Pump<?>> FLUSHED = Pump::flushed;

    private final ValueTaskChannel<? extends M, ?> in;
    private final ValueTaskChannel<?, ? super M> out;
    private final ValueTaskAwaiter<@Nullable M> reading = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<@Nullable Void> writing = new ValueTaskAwaiter<>();
    private final CancellationTokenSource stop = new CancellationTokenSource();
    private final Consumer<CloseReason> outEnds = this::outHasEnded;
    private final long token = arm();

    /** Any thread, by CAS. */
    private volatile int phase = STEPPING;
    /** Written once, where the sending channel ends, before the read is cancelled for it. Volatile: read by the steps. */
    private volatile @Nullable CloseReason outEnded;

    Pump(ValueTaskChannel<? extends M, ?> in, ValueTaskChannel<?, ? super M> out) {
        this.in = in;
        this.out = out;
    }

    /** Begins. Called once. */
    ValueTask<@Nullable Void> start() {
        try {
            out.ending().onClosed(outEnds);
            if (read()) {
                run();
            }
        } catch (Throwable refused) {
            end(refused); // somebody else reads
        }
        return ValueTask.fromSource(this, token);
    }

    /** Starts a read. True if it is complete already. */
    @SuppressWarnings("unchecked") // only read from
    private boolean read() {
        return !reading.onCompleted((ValueTask<@Nullable M>) (ValueTask<?>) in.read(stop.token()), MESSAGE,
                this);
    }

    /** A read is complete. */
    private void run() {
        try {
            do {
                M message = reading.result();
                if (message == null) {
                    finish();
                    return;
                }
                ValueTask<@Nullable Void> room = out.sendInTurn(message);
                if (!room.isCompletedSuccessfully()) {
                    if (!move(STEPPING, WAITING)) {
                        room.discard();
                        tryCancel(token);
                        return;
                    } else if (writing.onCompleted(room, ROOM, this) || !resume()) {
                        return;
                    }
                    writing.result();
                }
            } while (read());
        } catch (Throwable failure) {
            end(failure);
        }
    }

    private void sent() {
        if (!resume()) {
            return;
        }
        try {
            writing.result();
            if (read()) {
                run();
            }
        } catch (Throwable failure) {
            end(failure);
        }
    }

    private void finish() {
        ValueTask<@Nullable Void> flush = out.flush();
        if (!move(STEPPING, WAITING)) {
            flush.discard();
            tryCancel(token);
        } else if (!writing.onCompleted(flush, FLUSHED, this)) {
            flushed();
        }
    }

    private void flushed() {
        if (!resume()) {
            return;
        }
        try {
            writing.result();
            end(null);
        } catch (Throwable failure) {
            end(failure);
        }
    }

    private boolean move(int from, int to) {
        return PHASE.compareAndSet(this, from, to);
    }

    /** The wait for room or for the flush is over. False if the pump was cancelled meanwhile. */
    private boolean resume() {
        if (move(WAITING, STEPPING)) {
            return true;
        }
        try {
            writing.result();
        } catch (Throwable unwanted) {
            // As its success: nobody waits for it any more.
        }
        return false;
    }

    private void end(@Nullable Throwable failure) {
        out.ending().forget(outEnds);
        if (!move(STEPPING, ENDED)) {
            tryCancel(token); // and what ended this step may be that
        } else if (failure == null) {
            tryComplete(token, null);
        } else {
            CloseReason reason = outEnded;
            tryCompleteExceptionally(token,
                    failure instanceof CancellationException && reason != null
                            ? outIsClosed(reason)
                            : failure);
        }
    }

    private void outHasEnded(CloseReason reason) {
        outEnded = reason;
        stop.cancel();
    }

    /** As a send fails, had there been one. */
    private static ClosedChannelException outIsClosed(CloseReason reason) {
        ClosedChannelException closed = new ClosedChannelException();
        if (reason instanceof CloseReason.Failed failed) {
            closed.initCause(failed.cause());
        }
        return closed;
    }

    /** Whether the sending channel was closed meanwhile, which may be what the pump fails with. Any thread. */
    boolean isOutEnded() {
        return outEnded != null;
    }

    @Override
    public boolean cancel(long operation) {
        return operation == token && stop();
    }

    /** True if it is going to be cancelled, which it is at once where no step is in progress; false if it is over. */
    boolean stop() {
        int before = phase;
        while (before == STEPPING || before == WAITING) {
            if (move(before, STOPPED)) {
                out.ending().forget(outEnds);
                stop.cancel(); // a read that waits, or the next one
                if (before == WAITING) {
                    tryCancel(token);
                }
                return true;
            }
            before = phase;
        }
        return false;
    }
}
