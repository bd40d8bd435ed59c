package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The bodies of an event loop that the common scheduler runs, since the loop cannot carry them or is not to: the end of the
 * loop cancels them as it does those that it carries.
 *
 * <p>Any thread.
 */
final class CommonBodies {
    /*
     * How the signal is caught. It is that the loop has ended, and a body learns of it by an interrupt, once: from whoever
     * takes it out of `living`, as that lets one.
     *
     *   body enters `living`, then looks at `ended`     end sets `ended`, then goes through `living`
     *
     *   enters -- before the end goes through them -------> found there
     *          -- after that -----------------------------> sees `ended`, and takes itself out
     *          -- between the two ------------------------> both come for it, and one has it
     *   leaves -- nobody has come for it -----------------> is not told, as it is over
     *          -- the end has it already -----------------> is told late, which harms nobody: the thread is its own, and ends
     *
     * Either stores first and loads then, and both are volatile: a map's bins are, and it goes through all that were there
     * when it began. So one of the two finds the other. Nobody is left in `living` once he has left or was told.
     *
     * See CommonBodiesStress, and its twins: one looks before it enters, and is never told; in one both tell what they find.
     */
    private static final ConcurrentHashMap<EventExecutor, CommonBodies> ALL = new ConcurrentHashMap<>();

    private final EventExecutor loop;
    /** Each body enters and leaves; the end takes out whom it tells. Atomic, see above. */
    private final Set<Thread> living = ConcurrentHashMap.newKeySet();
    /** Set by the end, once. Volatile: read by each body that has entered. */
    private volatile boolean ended;

    CommonBodies(EventExecutor loop) {
        this.loop = loop;
    }

    /** The body, as one of the event loop; as it is if that is none, or has no end. */
    static Runnable of(EventExecutor loop, Runnable body) {
        if (!(loop instanceof EventLoop) || EventLoopCarrier.isEverybodys(loop)) {
            return body;
        }
        CommonBodies known = ALL.get(loop);
        CommonBodies bodies = known != null ? known : begin(loop);
        return () -> bodies.run(body);
    }

    private static CommonBodies begin(EventExecutor loop) {
        Future<?> termination = loop.terminationFuture();
        CommonBodies begun = new CommonBodies(loop);
        CommonBodies other = ALL.putIfAbsent(loop, begun);
        if (other != null) {
            return other;
        }
        termination.addListener(terminated -> begun.end()); // at once, if it was too late
        return begun;
    }

    /** On the body's own thread. */
    private void run(Runnable body) {
        Thread current = Thread.currentThread();
        enter(current);
        try {
            body.run();
        } finally {
            leave(current);
        }
    }

    void enter(Thread body) {
        living.add(body);
        if (ended) {
            cancel(body);
        }
    }

    void leave(Thread body) {
        living.remove(body);
    }

    /** When all others have been told of the end, see {@link EventLoopCarrier}. */
    private void end() {
        ALL.remove(loop, this);
        GlobalEventExecutor.INSTANCE.execute(this::cancelAll);
    }

    void cancelAll() {
        ended = true;
        living.forEach(this::cancel);
    }

    private void cancel(Thread body) {
        if (living.remove(body)) {
            CarriedThread.interrupt(body);
        }
    }
}
