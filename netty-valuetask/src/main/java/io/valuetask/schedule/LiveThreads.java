package io.valuetask.schedule;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Those that were started and are not over, so that they can be cancelled when the loop ends, and relieved where it waits
 * behind one of them. A thread that a body has started has an object for each time that it is resumed; that one is here as
 * long as it can be lost: on its way to the loop, and in the loop's ready queue, till it is mounted or goes on elsewhere.
 *
 * <p>Any thread; to be added, which the loop asks at each resumption, is a look at a flag but for the first time.
 */
final class LiveThreads {
    private final Set<CarriedThread> all = ConcurrentHashMap.newKeySet();

    /**
     * Unless it is here, or over: the JDK may submit one that has ended meanwhile. On the loop; or elsewhere, before the loop
     * gets it for the first time.
     */
    void add(CarriedThread started) {
        if (!started.live && !started.isOver()) {
            started.live = true;
            all.add(started);
        }
    }

    /** The loop runs it next. One that has no object of its own comes again as another one. On the loop. */
    void leaveQueue(CarriedThread next) {
        if (next.thread() == null) {
            all.remove(next);
        }
    }

    void remove(CarriedThread over) {
        all.remove(over);
    }

    void cancelAll() {
        for (CarriedThread each : all) {
            remove(each);
            each.cancel();
        }
    }

    /** Whether one of them is on its way to the loop. */
    boolean hasPosted() {
        for (CarriedThread each : all) {
            if (each.isPosted()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Those that can go on do so elsewhere, wherever they stand: with the threads that bodies have started. The JDK knows
     * which ones can, and lets one of those who run them win; so they are left where they stand, and are run in vain from
     * there.
     */
    void relieveAll(Executor elsewhere) {
        all.forEach(each -> each.relieve(elsewhere));
    }
}
