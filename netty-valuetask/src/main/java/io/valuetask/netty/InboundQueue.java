package io.valuetask.netty;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages between the pipeline, which offers them on its executor, and the one reader, which polls on any
 * thread. Unbounded, since messages also come unasked; above its marks it tells the handler to stop reading the
 * socket, and below half of them the reader to go on.
 */
final class InboundQueue {
    /*
     * A single-producer single-consumer ring of the FastFlow kind: a null slot is free, a slot with an element is
     * full, so neither side reads the other's index to make progress. The slot at the producer's index is always
     * free. When the one behind it is not, the ring is full: the producer links a larger ring from the last array
     * element and puts JUMP into its free slot, and the consumer follows. A steady flow never allocates.
     *
     * There is a second, rare consumer: the sweeper, which runs on the producer's executor when the channel is
     * closed. An element is therefore taken by atomic exchange of its slot, so that each one has exactly one
     * taker, whoever comes first. After the sweep nothing is offered any more.
     *
     * See SweepStress and PauseStress, and their broken twins.
     */

    private static final int FIRST_CAPACITY = 16;
    private static final int MAX_CAPACITY = 1024;
    private static final Object JUMP = new Object();

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final VarHandle CONSUMER_RING = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "consumerRing", VarHandle.class, InboundQueue.class, Object[].class);
    private static final VarHandle TAKEN = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "taken",
            VarHandle.class, InboundQueue.class, long.class);
    private static final VarHandle TAKEN_BYTES = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "takenBytes", VarHandle.class, InboundQueue.class, long.class);

    private static final VarHandle PAUSED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "paused",
            VarHandle.class, InboundQueue.class, boolean.class);

    /** Set by the executor, cleared by CAS: whoever clears it lets reading go on. */
    private volatile boolean paused;
    // Written by the executor before it sets paused, read by the reader after it saw that.
    private long resumeAtTaken;
    private long resumeAtTakenBytes;

    // Executor only.
    private Object[] producerRing;
    private long offered;
    private long offeredBytes;

    // Written by the reader alone, with release; read by the executor with acquire. Between two readers the
    // source's word orders them: one poll is inside one consumption.
    private Object[] consumerRing;
    private long taken;
    private long takenBytes;

    private final int highMessages;
    private final int highBytes;

    /** Above either mark reading the socket pauses. */
    InboundQueue(int highMessages, int highBytes) {
        this.highMessages = highMessages;
        this.highBytes = highBytes;
        producerRing = new Object[FIRST_CAPACITY + 1];
        consumerRing = producerRing;
    }

    /** Executor only. */
    void offer(Object element, int bytes) {
        Object[] ring = producerRing;
        int mask = ring.length - 2;
        int slot = (int) offered & mask;
        if (SLOT.getAcquire(ring, (int) (offered + 1) & mask) == null) {
            // Release: the element is visible before its slot is. See ReadSource for the fence that follows.
            SLOT.setRelease(ring, slot, element);
        } else {
            Object[] next = new Object[Math.min(2 * (mask + 1), MAX_CAPACITY) + 1];
            next[(int) offered & (next.length - 2)] = element;
            ring[ring.length - 1] = next;
            producerRing = next;
            SLOT.setRelease(ring, slot, JUMP);
        }
        offered++;
        offeredBytes += bytes;
    }

    /**
     * What {@link #poll} would take, or null. Reader; or the executor while the reader waits, which is told by a word
     * that it has published after its last poll.
     */
    @Nullable
    Object peek() {
        Object[] ring = (Object[]) CONSUMER_RING.getAcquire(this);
        long next = (long) TAKEN.getAcquire(this);
        Object element = SLOT.getAcquire(ring, (int) next & (ring.length - 2));
        if (element == JUMP) {
            Object[] linked = (Object[]) ring[ring.length - 1];
            element = SLOT.getAcquire(linked, (int) next & (linked.length - 2));
        }
        return element;
    }

    /**
     * Takes the next element. Reader only. The exchange is a full fence: what the reader looks at afterwards,
     * such as whether reading was paused, is no older than the counters that the executor sees.
     *
     * @return the element, or null if there is none or the sweeper took it
     */
    @Nullable
    Object poll() {
        Object[] ring = consumerRing;
        int slot = (int) taken & (ring.length - 2);
        Object element = SLOT.getAcquire(ring, slot);
        if (element == JUMP) {
            Object[] next = (Object[]) ring[ring.length - 1];
            CONSUMER_RING.setRelease(this, next);
            ring = next;
            slot = (int) taken & (ring.length - 2);
            element = SLOT.getAcquire(ring, slot);
        }
        if (element == null) {
            return null;
        }
        TAKEN_BYTES.setRelease(this, takenBytes + MessageSize.of(element));
        TAKEN.setRelease(this, taken + 1);
        return SLOT.getAndSet(ring, slot, null);
    }

    /** Whether the socket should not be read for now. Executor only. */
    boolean isFull() {
        return size() >= highMessages || bytes() >= highBytes;
    }

    /**
     * Tells the reader to call back when half of it is taken. Executor only.
     *
     * @return false if the reader has done that meanwhile, and reading should go on
     */
    boolean pause() {
        resumeAtTaken = offered - highMessages / 2;
        resumeAtTakenBytes = offeredBytes - highBytes / 2;
        // Volatile, so that the reader sees the request or this sees what the reader took.
        paused = true;
        boolean overtaken = isHalfTaken((long) TAKEN.getVolatile(this), (long) TAKEN_BYTES.getVolatile(this));
        return !(overtaken && PAUSED.compareAndSet(this, true, false));
    }

    boolean isPaused() {
        return paused;
    }

    /** Whether the reader, which has just polled, must let reading go on. Reader only. */
    boolean shouldResume() {
        return paused && isHalfTaken(taken, takenBytes) && PAUSED.compareAndSet(this, true, false);
    }

    /** Or all of it: a message may have shrunk while it waited, and its bytes are never going to be taken. */
    private boolean isHalfTaken(long messages, long bytes) {
        return messages >= resumeAtTaken
                && (bytes >= resumeAtTakenBytes || messages >= resumeAtTaken + highMessages / 2);
    }

    /** How many elements wait. Executor only; may lag behind the reader. */
    long size() {
        return offered - (long) TAKEN.getAcquire(this);
    }

    /** How many bytes wait. Executor only; may lag behind the reader. */
    long bytes() {
        return offeredBytes - (long) TAKEN_BYTES.getAcquire(this);
    }

    /** For messages to people: both counters, from any thread, without a promise that they belong together. */
    @Override
    public String toString() {
        return size() + " messages, " + bytes() + " bytes";
    }

    /** Takes whatever the reader did not. Executor only, after the last offer. */
    void sweep(Consumer<Object> taker) {
        Object[] ring = (Object[]) CONSUMER_RING.getAcquire(this);
        while (ring != null) {
            for (int slot = 0; slot < ring.length - 1; slot++) {
                Object element = SLOT.getAcquire(ring, slot);
                // JUMP stays, for the reader to follow.
                if (element != null && element != JUMP
                        && (element = SLOT.getAndSet(ring, slot, null)) != null) {
                    taker.accept(element);
                }
            }
            ring = (Object[]) ring[ring.length - 1];
        }
    }
}
