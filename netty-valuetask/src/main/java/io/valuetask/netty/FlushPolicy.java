package io.valuetask.netty;

/**
 * When {@link ValueTaskChannel#writeAndFlush} and {@link ValueTaskChannel#send} flush. Means the same whoever writes:
 * the event loop, a virtual thread or any other.
 *
 * <p>To flush is a system call. The fewer, the cheaper a message; the later, the longer it waits. Whatever the policy,
 * {@link ValueTaskChannel#flush}, {@link ValueTaskChannel#writeAll}, {@link ValueTaskChannel#close} and
 * {@link ValueTaskChannel#shutdownOutput} flush, and so does whoever has to wait for
 * {@linkplain ValueTaskChannel#writable room}, which there would never be.
 *
 * <p><b>Threading.</b> Immutable, shared by any number of channels. <b>Ownership.</b> None. <b>Allocation.</b> None per
 * message.
 */
public final class FlushPolicy {
    /**
     * Each message is flushed as it is written: one system call each. On the event loop it has left when the call returns,
     * if the socket has room for it.
     */
    public static final FlushPolicy NOW = new FlushPolicy("NOW", 0, true);

    /**
     * The default: one flush for all that is written in one turn of the event loop, which ends when a batch of reads has
     * been handled, or when the tasks that were waiting have run. A burst of writes from other threads is one flush, and
     * one wake-up of the loop, since Netty wakes a loop that sleeps and no other.
     */
    public static final FlushPolicy END_OF_TURN = new FlushPolicy("END_OF_TURN", Long.MAX_VALUE, true);

    /** No message is flushed for its own sake. */
    public static final FlushPolicy EXPLICIT = new FlushPolicy("EXPLICIT", Long.MAX_VALUE, false);

    private final String name;
    private final long bytes;
    private final boolean atEndOfTurn;

    private FlushPolicy(String name, long bytes, boolean atEndOfTurn) {
        this.name = name;
        this.bytes = bytes;
        this.atEndOfTurn = atEndOfTurn;
    }

    /**
     * As {@link #END_OF_TURN}, but no more than so many bytes wait for the end of the turn.
     *
     * @param bytes after how many unflushed bytes to flush at once; messages whose size their type does not tell count
     *        as none
     * @return the policy
     */
    public static FlushPolicy afterBytes(int bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: > 0)");
        }
        return new FlushPolicy("AFTER_" + bytes + "_BYTES", bytes, true);
    }

    /** How many unflushed bytes are too many. */
    long bytes() {
        return bytes;
    }

    boolean atEndOfTurn() {
        return atEndOfTurn;
    }

    /** Tells which policy it is. */
    @Override
    public String toString() {
        return name;
    }
}
