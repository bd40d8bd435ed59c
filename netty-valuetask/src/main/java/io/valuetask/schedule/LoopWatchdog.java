package io.valuetask.schedule;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks now and then whether each event loop that carries threads gets away from them. A body that computes for long, or
 * that waits where it cannot be unmounted, such as in a native method or a static initializer, holds up every channel of
 * its loop; that is reported, once for each time it happens, with the body's stack.
 *
 * <p>It also looks for loops that wait for a lock behind a thread of their own, which was made ready to have it next and
 * cannot go on, as the loop does not: that one goes on on the common scheduler, be it a body or a thread that a body has
 * started. It may also be a body that waits so, where it cannot be unmounted; and a loop that has run none yet.
 *
 * <p>It only reads what the loops count anyway, from a thread of its own, so that nothing is added to a resumption.
 *
 * <p><b>Set by</b> the system property {@code io.valuetask.blockedLoopMillis}: so long is not reported; 0 switches the reports off.
 */
final class LoopWatchdog {
    static final String PROPERTY = "io.valuetask.blockedLoopMillis";
    private static final long DEFAULT_MILLIS = 250;
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS
            .toNanos(Long.getLong(PROPERTY, DEFAULT_MILLIS));
    private static final int LOOKS_PER_LIMIT = 2;
    /** Whatever the limit, a loop that waits in vain is found. */
    private static final long LOOK_NANOS = Math.min(LIMIT_NANOS > 0 ? LIMIT_NANOS : Long.MAX_VALUE,
            TimeUnit.MILLISECONDS.toNanos(DEFAULT_MILLIS)) / LOOKS_PER_LIMIT;

    private static final System.Logger LOGGER = System.getLogger(LoopWatchdog.class.getName());

    private static final Map<EventLoopCarrier, Look> WATCHED = new ConcurrentHashMap<>();
    private static final AtomicBoolean WATCHING = new AtomicBoolean();
    /**
     * Who writes the log. That may wait for a lock which a body holds, parked, and the watcher is who lets that body go on. One
     * thread, and few reports that wait for it: the flight recorder has them all.
     */
    private static final Executor REPORTER = new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(16),
            Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("valuetask-loop-reporter")
                    .factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    private static volatile @Nullable Thread watcher;
    /** The watcher's only. */
    private static boolean reportedBefore;

    private LoopWatchdog() {}

    /** What was seen of a loop, and since when. The watcher's only. */
    private static final class Look {
        long mounts = -1;
        long sinceNanos;
        boolean reported;
        long progress = -1;
        boolean waited;
    }

    static void watch(EventLoopCarrier carrier) {
        WATCHED.put(carrier, new Look());
        ensureWatcher();
    }

    static void forget(EventLoopCarrier carrier) {
        WATCHED.remove(carrier);
    }

    /** Without a lock: who begins a loop may be a body of another one. */
    private static void ensureWatcher() {
        if (WATCHING.compareAndSet(false, true)) {
            boolean started = false;
            try {
                watcher = Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false)
                        .name("valuetask-loop-watchdog")
                        .start(LoopWatchdog::run);
                started = true;
            } finally {
                WATCHING.set(started);
            }
        } else {
            LockSupport.unpark(watcher); // sleeps longer where there is nothing to watch
        }
    }

    private static void run() {
        for (;;) {
            if (WATCHED.isEmpty()) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            } else {
                LockSupport.parkNanos(LOOK_NANOS);
                WATCHED.forEach(LoopWatchdog::look);
            }
        }
    }

    private static void look(EventLoopCarrier carrier, Look look) {
        try {
            lookForWaiting(carrier, look);
            if (LIMIT_NANOS > 0) {
                lookForMounted(carrier, look);
            }
        } catch (Throwable unreported) {
            // A recording that fails must not be the last one.
        }
    }

    private static void lookForWaiting(EventLoopCarrier carrier, Look look) {
        // Twice, and nothing done in between: a loop without a transport waits like this whenever it has nothing to do, and who
        // has just become ready is about to be run.
        boolean waits = carrier.isWaitingInVain();
        long progress = carrier.progress();
        if (waits && look.waited && progress == look.progress && carrier.relieve()
                && LOGGER.isLoggable(Level.DEBUG)) {
            report(Level.DEBUG,
                    "an event loop waits for a lock; those of its bodies that can go on do so on the common scheduler"
                            + " meanwhile: loop=" + carrier.loop());
        }
        look.waited = waits;
        look.progress = progress;
    }

    private static void lookForMounted(EventLoopCarrier carrier, Look look) {
        CarriedThread mounted = carrier.mounted();
        long mounts = carrier.mounts();
        long now = System.nanoTime();
        if (mounted == null || mounts != look.mounts) {
            look.mounts = mounts;
            look.sinceNanos = now;
            look.reported = false;
        } else if (!look.reported && now - look.sinceNanos >= LIMIT_NANOS) {
            Thread body = mounted.thread();
            String where = where(body);
            if (!where.isEmpty()) {
                look.reported = true;
                report(carrier, body, Duration.ofNanos(now - look.sinceNanos), where);
            }
        }
    }

    /** Empty for one that is just being mounted or unmounted, or is over: the next look will tell. */
    static String where(@Nullable Thread body) {
        return body == null
                ? "(a thread that a body has started; a thread dump shows it)"
                : Arrays.stream(body.getStackTrace()).map(frame -> "\tat " + frame)
                        .collect(Collectors.joining(System.lineSeparator()));
    }

    private static void report(EventLoopCarrier carrier, @Nullable Thread body, Duration soFar,
            String where) {
        LoopBlockedEvent.commit(carrier, body, soFar, where);
        // The first one is a discovery; the others are for who looks for them.
        Level level = reportedBefore ? Level.DEBUG : Level.WARNING;
        reportedBefore = true;
        if (LOGGER.isLoggable(level)) {
            report(level, "a body has kept its event loop for " + soFar.toMillis()
                    + " ms, and with it all channels of the loop: body=" + body + ", loop=" + carrier.loop()
                    + "; let it park now and then (Thread.yield() will do), or run what computes for long on threads of"
                    + " its own, and wait for nothing in a static initializer or below a native method. Others like this"
                    + " are logged at debug level and recorded as io.valuetask.LoopBlocked."
                    + System.lineSeparator() + where);
        }
    }

    private static void report(Level level, String message) {
        REPORTER.execute(() -> {
            try {
                LOGGER.log(level, message);
            } catch (Throwable unreported) {
                // A log that fails must not be the last one.
            }
        });
    }
}
