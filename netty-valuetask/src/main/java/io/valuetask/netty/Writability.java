package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/**
 * Whether there is room for more to write, and who waits for it. There is room while what waits to leave is below the
 * channel's high-water mark, counting what is still on its way to the event loop: Netty counts that from its own write
 * tasks only, and ours are none.
 */
final class Writability extends HomingTask {
    /*
     * Who looks again for those who wait, so that none waits for ever:
     *
     *   something is on its way to the executor -- whoever arrives there last, see changed()
     *   nothing is, and the channel is not writable -- channelWritabilityChanged
     *
     * Those who wait are resumed by a task of their own (R8): Netty tells of room from within its flush, where whatever
     * is written is never written at once.
     *
     * A write that was cancelled travels on, and is counted, until its task finds it dropped: whoever waits would not be
     * looked for if the canceller took it off the count. See RoomStress and TravellingStress, and their broken twins.
     */

    private static final VarHandle TRAVELLING = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "travelling", VarHandle.class, Writability.class, long.class);
    private static final VarHandle CARRIED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "carried", VarHandle.class, Writability.class, long.class);

    /** What a message costs beside its bytes; Netty adds as much for an entry of its outbound buffer. */
    private static final int OVERHEAD = 96;
    private static final int PRUNED_AT = 8;

    private final ValueTaskHandler<?, ?> handler;

    /** Bytes of writes that were posted and not performed; any thread, atomic add. */
    private volatile long travelling;

    /**
     * Likewise, of those that virtual threads on the loop have posted: no atomic add, as the loop's thread alone writes it,
     * whoever is mounted, and what goes on from there to another loop is counted as travelling before. Another thread may
     * read what was. Then it writes a message too early, or waits, and its task looks again on the loop before it does.
     * See CarriedCountStress, and its broken twins.
     */
    private long carried;

    // Executor only.
    private final ArrayDeque<RoomOperation> waiting = new ArrayDeque<>(2);
    private int prunedAt = PRUNED_AT;
    /** This is among the executor's tasks. */
    private boolean posted;

    Writability(ValueTaskHandler<?, ?> handler) {
        this.handler = handler;
    }

    /** Any thread. */
    boolean hasRoom() {
        Channel channel = handler.nettyChannel();
        return channel.bytesBeforeUnwritable() > underWay();
    }

    /** Whether a message is on its way to the executor. Any thread: what it knows of, it sees. */
    boolean isTravelling() {
        return underWay() != 0;
    }

    /** In this order, see {@link #leftLoop}. */
    private long underWay() {
        return (long) CARRIED.getAcquire(this) + travelling;
    }

    /** Any thread: a message sets out. Answers what to tell {@link #arrived}. */
    int departed(Object message) {
        int cost = costOf(message);
        TRAVELLING.getAndAdd(this, cost);
        return cost;
    }

    private static int costOf(Object message) {
        return MessageSize.of(message) + OVERHEAD;
    }

    /** As {@link #departed}, on the loop's thread. */
    int departedOnLoop(Object message) {
        int cost = costOf(message);
        carried += cost;
        return cost;
    }

    /** As {@link #arrived}, on the loop's thread or after its end. */
    void arrivedOnLoop(long cost) {
        carried -= cost;
    }

    /** What a virtual thread of the loop has posted goes on to another loop. On the first loop's thread. */
    void leftLoop(long cost) {
        TRAVELLING.getAndAdd(this, cost);
        // Licence: the loop's thread alone writes it. Released, so that who no longer sees it here sees it above.
        CARRIED.setRelease(this, carried - cost);
    }

    /** A message has been counted by the channel, or will not be. Any thread. */
    void arrived(long cost) {
        TRAVELLING.getAndAdd(this, -cost);
    }

    // Executor only

    void await(RoomOperation operation) {
        if (waiting.size() >= prunedAt) {
            waiting.removeIf(RoomOperation::isLetGo); // whoever gave up
            prunedAt = Math.max(PRUNED_AT, 2 * waiting.size());
        }
        waiting.addLast(operation);
    }

    /** There may be room now. */
    void changed() {
        if (posted || waiting.isEmpty() || !hasRoom()) {
            return;
        }
        posted = true; // before it runs, which may be inside post()
        if (!post()) {
            posted = false; // the channel is being closed, and that ends those who wait
        }
    }

    @Override
    EventExecutor executor() {
        return handler.executor();
    }

    @Override
    void runAtHome() {
        posted = false;
        // Those who are resumed may use the room up again; the others go on waiting.
        while (!waiting.isEmpty() && hasRoom()) {
            waiting.removeFirst().found();
        }
    }

    /** There will be no room any more. */
    void ended() {
        for (RoomOperation operation; (operation = waiting.pollFirst()) != null;) {
            operation.abandon(new ClosedChannelException());
        }
    }

    /** For messages to people, from any thread. */
    @Override
    public String toString() {
        return "travelling=" + underWay() + " bytes";
    }
}
