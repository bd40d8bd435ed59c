package io.valuetask.netty;

import org.jspecify.annotations.Nullable;

/**
 * The flushes among what is in flight, oldest first: a failed write finds the one behind it without a look at the writes
 * between, and those that nobody waits for any more are taken out, so that a caller who gives up and asks again leaves
 * nothing behind at a channel that does not move. Executor only; the links are in the operations.
 */
final class PendingFlushes {
    private static final int PRUNED_AT = 8;

    private final OperationList inFlight;
    private @Nullable FlushOperation oldest;
    private @Nullable FlushOperation youngest;
    private int size;
    private int prunedAt = PRUNED_AT;

    PendingFlushes(OperationList inFlight) {
        this.inFlight = inFlight;
    }

    /** Behind everything that is in flight. */
    void add(FlushOperation flush) {
        if (size >= prunedAt) {
            prune();
            prunedAt = Math.max(PRUNED_AT, 2 * size);
        }
        inFlight.add(flush);
        append(flush);
    }

    private void append(FlushOperation flush) {
        if (youngest == null) {
            oldest = flush;
        } else {
            youngest.youngerFlush = flush;
        }
        youngest = flush;
        size++;
    }

    /** The oldest of what is in flight is the oldest of these, and has left that list. */
    void removeOldest(FlushOperation flush) {
        assert flush == oldest : flush;
        oldest = flush.youngerFlush;
        flush.youngerFlush = null;
        if (oldest == null) {
            youngest = null;
        }
        size--;
    }

    /**
     * The first flush behind a write that somebody waits for; null if there is none. A short way: writes fail in their
     * order, and the flushes before one have completed then.
     */
    @Nullable
    FlushOperation behind(ChannelOperation write) {
        while (youngest != null && youngest.sequence > write.sequence) {
            FlushOperation flush = oldest;
            while (flush != null && flush.sequence < write.sequence) {
                flush = flush.youngerFlush;
            }
            if (flush != null && !flush.isLetGo()) {
                return flush;
            }
            prune(); // and look again: one at least has gone
        }
        return null;
    }

    /** Takes out those that nobody waits for. What they were to flush is flushed already. */
    private void prune() {
        FlushOperation flush = oldest;
        oldest = null;
        youngest = null;
        size = 0;
        while (flush != null) {
            FlushOperation younger = flush.youngerFlush;
            flush.youngerFlush = null;
            if (flush.isLetGo()) {
                inFlight.remove(flush);
                flush.dropped();
            } else {
                append(flush);
            }
            flush = younger;
        }
    }
}
