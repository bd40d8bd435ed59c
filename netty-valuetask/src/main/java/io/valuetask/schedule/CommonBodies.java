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
     * A body is cancelled by an interrupt, once, by whoever takes it out of `living`: the loop's end, which has set `ended`
     * before it looks; or the body itself, if it finds that set when it has entered. One of the two finds the other.
     */
    private static final ConcurrentHashMap<EventExecutor, CommonBodies> ALL = new ConcurrentHashMap<>();

    private final EventExecutor loop;
    private final Set<Thread> living = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    private CommonBodies(EventExecutor loop) {
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
        living.add(current);
        try {
            if (ended) {
                cancel(current);
            }
            body.run();
        } finally {
            living.remove(current);
        }
    }

    /** When all others have been told of the end, see {@link EventLoopCarrier}. */
    private void end() {
        ALL.remove(loop, this);
        GlobalEventExecutor.INSTANCE.execute(() -> {
            ended = true;
            living.forEach(this::cancel);
        });
    }

    private void cancel(Thread body) {
        if (living.remove(body)) {
            CarriedThread.interrupt(body);
        }
    }
}
