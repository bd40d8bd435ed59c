package io.valuetask.schedule;

import io.netty.util.concurrent.EventExecutor;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads that an event loop carries: code that waits, in straight lines, on the very thread that does the I/O.
 *
 * {@snippet :
 * ThreadFactory threads = EventLoopVirtualThreads.factory(channel.eventLoop(), "session-");
 * threads.newThread(() -> serve(session)).start();
 * }
 *
 * <p>{@code ValueTaskChannelInitializer.serve} uses them by itself. They are ordinary virtual threads in everything but
 * their scheduler: {@code sleep}, locks, sockets of the JDK and {@code join} park them and not the loop, thread-locals and
 * scoped values work, and threads that they start are carried by the same loop. They take turns with its I/O. So a body
 * that computes for long holds up all channels of the loop; it belongs on {@link BodyScheduling#COMMON the common
 * scheduler}. One that has kept the loop for 250 milliseconds is reported with its stack, in the log and to the flight
 * recorder; the system property {@code io.valuetask.blockedLoopMillis} sets another time, and 0 none.
 *
 * <p>They need one flag, {@code --add-opens=java.base/java.lang=ALL-UNNAMED}, or the same as {@code Add-Opens} in the
 * manifest of an executable jar, and a JDK from 24 to 25; 25.0.4 is the first one in which a virtual thread that is blocked
 * on a monitor cannot be forgotten (JDK-8373120). Without them the same code runs on the common scheduler.
 *
 * <p>A body that waits in a static initializer or below a native method cannot be unmounted, and so holds up the loop while it
 * waits; what it awaits of a channel of its own loop then does not come. Nor does a loop go on, or its watchdog see it, which
 * waits for a class that a parked body initializes.
 *
 * <p>A lock that handlers of the loop take is not for its bodies. The one that is the next to get it goes on only when the
 * loop does; and the loop does not, as long as a handler waits for that lock. A watchdog finds that, and lets the body go on
 * on the common scheduler, but up to a quarter of a second has gone by then. Netty's {@code PooledByteBufAllocator} has such
 * locks, so that {@code serve} leaves channels with that one to the common scheduler. The default of Netty 4.2, the adaptive
 * one, does not wait for its own when it allocates. A body that parks while it holds such a lock is as wrong as in any thread.
 *
 * <p>A loop whose queue is bounded may refuse to take a thread that can go on; it is asked again a millisecond later. So its
 * {@code RejectedExecutionHandler} must not drop a task in silence, which nobody can see: the thread would never go on, and an
 * operation of a channel never end; nor wait for room, as {@code RejectedExecutionHandlers.backoff} does, since one thread of the
 * JDK makes all ready that sleep. Let it throw; what it throws, and a task that it runs in the caller, is taken for a refusal.
 *
 * <p>When a loop has ended, the threads that it carried are interrupted, once, and go on to their end on the common
 * scheduler: none is lost, and none runs on a loop that is gone. So are the bodies that the common scheduler runs in place of
 * the loop. Threads that they have started go on, too, and are not interrupted; whoever has started them ends them. A loop
 * that runs on a virtual thread cannot carry others: what it was to carry runs on the common scheduler all the time.
 *
 * <p><b>Threading.</b> Any thread. <b>Ownership.</b> A thread ends with its body. <b>Allocation.</b> One virtual thread and
 * one small object per body, none when it goes on.
 */
public final class EventLoopVirtualThreads {
    private static final System.Logger LOGGER = System.getLogger(EventLoopVirtualThreads.class.getName());
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private EventLoopVirtualThreads() {}

    /**
     * Whether event loops can carry virtual threads in this JVM. Found out once, by trying it.
     *
     * @return true if they can
     */
    public static boolean isSupported() {
        return LoomAccess.isOpen();
    }

    /**
     * Why not, for people.
     *
     * @return what is missing and how to get it; empty if they {@linkplain #isSupported are supported}
     */
    public static Optional<String> whyUnsupported() {
        return Optional.ofNullable(LoomAccess.REFUSAL);
    }

    /**
     * Makes threads that an event loop carries. Where it cannot, they run on the common scheduler, which is logged once with
     * what would help.
     *
     * @param loop the event loop, of any group and transport
     * @param prefix what to call the threads, for dumps; a number follows
     * @return makes unstarted virtual threads; to start one whose loop has ended throws
     *         {@link java.util.concurrent.RejectedExecutionException} where the loop was to carry it, and elsewhere it begins
     *         interrupted
     */
    public static ThreadFactory factory(EventExecutor loop, String prefix) {
        Objects.requireNonNull(loop, "loop");
        Objects.requireNonNull(prefix, "prefix");
        AtomicLong number = new AtomicLong();
        return body -> create(BodyScheduling.AUTOMATIC, loop, prefix + number.getAndIncrement(), body);
    }

    /**
     * Makes a thread for a body.
     *
     * @param scheduling who runs it
     * @param loop the event loop, if that does
     * @param name what to call it, for dumps
     * @param body what it runs
     * @return an unstarted virtual thread
     * @throws IllegalStateException if it is to be the event loop, and cannot
     */
    public static Thread create(BodyScheduling scheduling, EventExecutor loop, String name, Runnable body) {
        Objects.requireNonNull(loop, "loop");
        Objects.requireNonNull(body, "body");
        BodyScheduling resolved = scheduling.resolved();
        EventLoopCarrier carrier = resolved == BodyScheduling.COMMON ? null : EventLoopCarrier.of(loop);
        if (carrier != null) {
            CarriedThread created = new CarriedThread(carrier);
            return created.create(LoomAccess.builder(created).name(name), body);
        } else if (resolved == BodyScheduling.EVENT_LOOP) {
            throw new IllegalStateException("the event loop cannot carry virtual threads: loop=" + loop + ", "
                    + reason());
        } else if (resolved == BodyScheduling.AUTOMATIC) {
            tellOnce();
        }
        return common().name(name).unstarted(CommonBodies.of(loop, body));
    }

    /** A carried thread's own threads would be carried, too. */
    private static Thread.Builder.OfVirtual common() {
        return LoomAccess.isOpen() ? LoomAccess.builder(LoomAccess.common()) : Thread.ofVirtual();
    }

    private static String reason() {
        String refusal = LoomAccess.REFUSAL;
        return refusal == null ? "since it is none that has a thread of its own" : "because " + refusal;
    }

    private static void tellOnce() {
        String refusal = LoomAccess.REFUSAL;
        if (refusal != null && TOLD.compareAndSet(false, true)) {
            LOGGER.log(Level.INFO,
                    "bodies run on the common scheduler of virtual threads, and not on their channels'"
                            + " event loops, which would cost them less: " + refusal
                            + ". With -D" + BodyScheduling.PROPERTY + "=common this is not said");
        }
    }
}
