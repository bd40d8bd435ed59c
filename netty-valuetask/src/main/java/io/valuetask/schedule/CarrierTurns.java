package io.valuetask.schedule;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The turns of an {@link EventLoopCarrier}: who can go on, what they have posted, and what is done when they have. On the
 * loop only, unless said.
 */
final class CarrierTurns {
    /*
     *   turn()       if no turn goes on, and none is put off: resumes for a while, at most TURN_NANOS or so
     *   turnAsTask() the same, and all of them that come before the loop's next I/O have TURN_NANOS together
     *   turnIfMany() the same, if there is enough to do; where one is put off, each that is ready once, and all such
     *                turns together AMID_IO_NANOS or so: the I/O that it is put off for is going on
     *
     *   in a turn: a thread; what it posted; the next thread; ... and what was put off, behind each MANY posted tasks
     *              and when no thread can go on
     *   behind it: whoever is ready still, or was put off by what was put off, has the next turn, behind the loop's I/O
     */

    private static final System.Logger LOGGER = System.getLogger(EventLoopCarrier.class.getName());

    /** So long a turn may keep the loop from its I/O. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /**
     * So long all turns that come amid its I/O. A thousand connections with little to do each take six milliseconds; where
     * there was time for less, those that are left over were never caught up with, and cost a tenth more.
     */
    private static final long AMID_IO_NANOS = 8 * TURN_NANOS;
    /**
     * So many messages are read, then answered one after another, and the answers leave in one go: to read them all first,
     * then run all bodies, then write for all, has code and kernel in the processor's caches, and cost a tenth less than one
     * by one. Of a thousand connections, what the first one has read is in the caches still when it goes on. And what is on
     * its way at once fits into the pools of Netty's Recycler, which take new memory for more than 64 objects of a kind.
     */
    private static final int MANY = 16;
    /** To look at the clock costs as much as a third of a resumption. So many at most; fewer between the first looks. */
    private static final int RESUMED_PER_LOOK = 16;

    private final EventLoopCarrier carrier;
    private final ReadyQueue ready = new ReadyQueue();
    // In order.
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ArrayDeque<Runnable> afterwards = new ArrayDeque<>();
    private final NextTurn next;
    private final LongSupplier clock;
    private boolean turning;
    // Since the last turn, see turnIfMany(): messages for those who are ready, and how many were when that was asked last.
    private int arrivedMessages;
    private int readyBefore;
    /** What turns have taken amid the loop's I/O, since one was put off till behind that. */
    private long amidIoNanos;
    /** What turns have taken as tasks of the loop, since it had no other task, or one was put off till behind its I/O. */
    private long asTaskNanos;

    CarrierTurns(EventLoopCarrier carrier) {
        this(carrier, NextTurn::inAMillisecond, System::nanoTime);
    }

    /** Elsewhere: see {@link NextTurn}. The clock is in nanoseconds. */
    CarrierTurns(EventLoopCarrier carrier, Executor elsewhere, LongSupplier clock) {
        this.carrier = carrier;
        this.clock = clock;
        next = new NextTurn(this, carrier.loop(), elsewhere, clock);
    }

    // Who can go on

    /** Any thread: read without an order, for who asks again. */
    boolean isAnyReady() {
        return !ready.isEmpty();
    }

    void add(CarriedThread submitted) {
        ready.add(submitted);
    }

    /** The next one is to come as a task of the loop, if no other comes before. */
    void request() {
        next.asTask();
    }

    /** Whether that is among the loop's tasks. */
    boolean isRequested() {
        return next.isPosted();
    }

    /** The loop has ended: they go on elsewhere. By whoever learns of that end. */
    void leave() {
        for (CarriedThread each; (each = ready.poll()) != null;) {
            each.runOnCommon();
        }
    }

    // What they leave to do

    void post(Runnable task) {
        tasks.addLast(task);
    }

    void afterwards(Runnable task) {
        afterwards.addLast(task);
    }

    // Turns

    boolean isTurning() {
        return turning;
    }

    void turnIfMany(int messages) {
        int now = ready.size();
        if (now > readyBefore) {
            arrivedMessages += messages; // else they are nobody's here
        }
        readyBefore = now;
        if (turning || (arrivedMessages < MANY && now < MANY)) {
            return;
        } else if (!next.isPutOff()) {
            resume(Integer.MAX_VALUE, 0);
        } else if (arrivedMessages >= MANY && amidIoNanos < AMID_IO_NANOS) {
            // Else all channels would be read first from now on, since behind a thousand that are ready the next turn, too,
            // takes all its time. Each goes on once at most: whoever yields is ready always.
            long begun = clock.getAsLong();
            resume(now, begun + TURN_NANOS);
            amidIoNanos += clock.getAsLong() - begun;
        }
    }

    void turn() {
        if (!turning && !next.isPutOff()) {
            resume(Integer.MAX_VALUE, 0);
        }
    }

    /**
     * In a task of the loop. There may be as many of these as others make threads ready, or as other tasks do, and all come
     * before the loop's next I/O.
     */
    void turnAsTask() {
        if (turning || next.isPutOff()) {
            return;
        }
        long begun = clock.getAsLong();
        resume(Integer.MAX_VALUE, 0);
        if (!carrier.hasTasks()) { // asked behind the turn: who comes in it is run before the I/O, too
            asTaskNanos = 0;
            return;
        }
        asTaskNanos += clock.getAsLong() - begun;
        if (asTaskNanos >= TURN_NANOS) {
            putOff();
        }
    }

    private void putOff() {
        if (!next.isPutOff()) {
            amidIoNanos = 0;
            asTaskNanos = 0;
            next.behindIo();
        }
    }

    private void resume(int most, long deadline) {
        arrivedMessages = 0;
        if (hasNothingToDo()) {
            return;
        }
        turning = true;
        try {
            resumeAll(most, deadline);
            runAll(afterwards);
        } finally {
            turning = false;
            readyBefore = ready.size();
            if (!hasNothingToDo()) {
                putOff();
            }
        }
    }

    /** What was put off may have put off something else, for ever: so that is done in the next turn. */
    private boolean hasNothingToDo() {
        return ready.isEmpty() && afterwards.isEmpty();
    }

    /** Until the deadline, or if that is 0, as long as a turn may take. */
    private void resumeAll(int most, long until) {
        long deadline = until;
        int resumed = 0;
        int done = 0; // tasks since those that are put off
        int nextLook = 2; // who goes on alone, and again when what it wrote has left, costs no look at the clock
        for (CarriedThread each; resumed < most && (each = ready.poll()) != null;) {
            carrier.mount(each);
            done += runAll(tasks);
            if (ready.isEmpty() || done >= MANY) {
                done = 0;
                runAll(afterwards); // what that completes may make others ready
            }
            if (++resumed >= nextLook && !ready.isEmpty()) {
                nextLook = resumed + Math.min(resumed, RESUMED_PER_LOOK);
                long now = clock.getAsLong();
                if (deadline == 0) {
                    deadline = now + TURN_NANOS;
                } else if (now - deadline >= 0) {
                    return;
                }
            }
        }
    }

    /** Those that are there. Answers how many. */
    private static int runAll(ArrayDeque<Runnable> queue) {
        int count = queue.size();
        for (int left = count; left > 0; left--) {
            Runnable task = queue.removeFirst();
            try {
                task.run();
            } catch (Throwable failure) {
                report(failure);
            }
        }
        return count;
    }

    /** A task that throws harms none of the others, and a log that throws neither. */
    static void report(Throwable failure) {
        try {
            LOGGER.log(Level.WARNING, "a task of a carried virtual thread failed", failure);
        } catch (Throwable unreported) {
            // Nobody is left to tell.
        }
    }
}
