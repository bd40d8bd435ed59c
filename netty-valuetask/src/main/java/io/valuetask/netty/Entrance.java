package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import io.valuetask.schedule.EventLoopCarrier;
import org.jspecify.annotations.Nullable;

/**
 * Where operations of other threads come in: the first executor that the handler of a channel had, with the virtual threads
 * that this carries.
 *
 * <p>For ever that one, also when the channel has been registered with another event loop since: operations go on from there
 * one after another; who posted to both might overtake himself. So one that ends is left when nothing is on its way any more.
 */
final class Entrance {
    private final ValueTaskHandler<?, ?> handler;

    /** Written on the executor, once. Volatile: read by whoever posts. */
    private volatile @Nullable EventExecutor first;
    /** Of the virtual threads on it, if that can be; written with it, before. */
    private @Nullable EventLoopCarrier carrier;

    Entrance(ValueTaskHandler<?, ?> handler) {
        this.handler = handler;
    }

    /** The handler has this executor now. On that. */
    void open(EventExecutor executor) {
        if (first == null) {
            carrier = EventLoopCarrier.of(executor);
            first = executor;
        }
    }

    /**
     * Which executor that is, for a channel that has this one now. To be asked before an operation is on its way itself. Any
     * thread. See EntranceStress, and its broken twin.
     */
    EventExecutor executor(EventExecutor current) {
        EventExecutor known = first;
        if (known == null || (known.isShuttingDown() && !handler.outbound().writability().isTravelling())) {
            return current;
        }
        return known;
    }

    /**
     * Whether the channel is where it always was. Whose executor it is only now was another thread before, and what it
     * wrote then may still be on its way. Any thread.
     */
    boolean isAtHome(EventExecutor current) {
        return first == current;
    }

    /** Hands over a task, by the way that fits the calling thread. Throws what the executor throws. Any thread. */
    void execute(EventExecutor executor, Runnable task) {
        PostedTask.execute(task, executor, carrierOfCaller(executor));
    }

    /** If the calling thread is a virtual one that this executor carries, as only the first may. */
    @Nullable
    EventLoopCarrier carrierOfCaller(EventExecutor executor) {
        EventLoopCarrier own = carrier;
        return own != null && executor == first && own.isCarrying() ? own : null;
    }

    // On the handler's executor

    /** If virtual threads are being resumed here, and something can be put off for a few of them. */
    @Nullable
    EventLoopCarrier turning() {
        EventLoopCarrier own = carrier;
        return own != null && isAtHome(handler.executor()) && own.isTurning() ? own : null;
    }

    /**
     * A batch of reads is over: resumes the virtual threads that can go on, if they have much to do, or if there is no room
     * for another batch before the one that reads them has.
     */
    void batchEnded(EventExecutor current, int messages, boolean full) {
        EventLoopCarrier own = carrier;
        if (own != null && isAtHome(current)) {
            if (full) {
                own.turn();
            } else {
                own.turnIfMany(messages);
            }
        }
    }
}
