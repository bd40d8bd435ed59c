package io.valuetask.schedule;

import io.netty.util.concurrent.EventExecutor;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * One virtual thread of an event loop: the scheduler that the JDK knows it by, its place in the loop's queue, and the task
 * that brings it there from another thread. One object for all three, so that to resume it allocates nothing.
 *
 * <p>A virtual thread that it starts in its turn takes over this scheduler, as the JDK has it, and so is carried by the
 * same loop. Those get an object for each time that they are resumed.
 */
final class CarriedThread implements Executor, Runnable {
    /*
     * How each signal is caught. The JDK submits a thread once until it has run again (its own state lets one of those who
     * unpark it win), so of this there is one at a time, in one of these places:
     *
     *   parked ------ submitted on the loop ----------------------> ready queue
     *   parked ------ submitted elsewhere ---> POSTED -- run() ---> ready queue    // loop, wins by CAS
     *                                          POSTED -- astray --> common         // see below, wins by CAS
     *   ready queue - the loop's turn ----------------------------> mounted, then parked or over
     *   ready queue - the loop has ended -------------------------> common
     *
     * The loop is awake where it is submitted on the loop itself: what is in the ready queue is run before it waits for I/O
     * again, see EventLoopCarrier. Elsewhere the loop's own execute() wakes it. A loop that ends may take a task and never
     * run it, neither refuse it: whoever has posted one and then finds the loop shut down looks again when it has ended.
     * Both may come for it then, and the CAS lets one. A loop that rejects it though it is not shut down has a full queue,
     * and is asked again. Its user may say how it rejects: whatever that throws is a rejection, see checkRejected(), and so
     * it is if this finds itself on another thread than the loop's, where it stays POSTED.
     *
     * A loop may wait for a lock that this thread is the next to get, and then never come for it. So the watchdog has all
     * threads of a loop that waits go on on the common scheduler, also those that bodies have started, see LiveThreads. It
     * takes them out of no place, as the loop may go on at the same time: both run them, and the JDK lets one. See
     * RelievedThreadStress.
     *
     * But for one case. Who asks a thread that can go on for its stack suspends it meanwhile and submits it again, since it
     * may have been run in vain; so it can be in two places, also after its end. To run it too often does nothing, as the
     * JDK sees to that. Two places in the ready queue would cost those between them theirs, and so it takes it once.
     *
     * The end interrupts each body once. It goes through the living; a body that begins elsewhere looks at the loop, and
     * interrupts itself if that is shut down, as it may not have been among them. Both may come, and the CAS lets one. One
     * that begins elsewhere while the loop lives was relieved, and so is among the living.
     *
     * See PostedThreadStress, and its twin without the CAS, which runs a continuation twice; RejectedThreadStress, and its
     * twin which does not ask again and loses it; LateBodyStress, and its twins: one does not look and never learns of the
     * end, one has no CAS and is interrupted twice.
     */
    private static final VarHandle POSTED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "posted",
            VarHandle.class, CarriedThread.class, boolean.class);
    private static final VarHandle CANCELLED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "cancelled",
            VarHandle.class, CarriedThread.class, boolean.class);

    private final EventLoopCarrier carrier;

    /** Written by the thread that starts this one, before anybody else can have it; then constant till {@link #letGo}. */
    private @Nullable Runnable continuation;

    /** Null for one that was started by a carried thread, and for one that is let go. */
    private @Nullable Thread thread;

    /** Set by the submitter, of which there is one, before the loop gets it; taken by CAS. */
    @SuppressWarnings("unused")
    private volatile boolean posted;

    /** Set by CAS, once: by the loop's end, or by the body that begins after it. */
    @SuppressWarnings("unused")
    private volatile boolean cancelled;

    // The loop's, see ReadyQueue.
    boolean queued;
    @Nullable
    CarriedThread nextReady;

    /** Its submitter's, before the loop gets it; then the loop's, see LiveThreads. */
    boolean live;

    /**
     * Plain: written at the body's end by the thread itself, mounted on the loop, which reads it afterwards. Where it has
     * ended elsewhere the loop may not see it, and has nothing left to do for it: it is among the living no more.
     */
    private boolean over;

    CarriedThread(EventLoopCarrier carrier) {
        this.carrier = carrier;
    }

    /** One more of the loop, which has no object of its own. */
    CarriedThread(EventLoopCarrier carrier, Runnable continuation) {
        this(carrier);
        this.continuation = continuation;
    }

    Thread create(Thread.Builder.OfVirtual builder, Runnable body) {
        Thread created = builder.unstarted(() -> {
            try {
                if (!carrier.isCarrying() && carrier.loop().isShutdown()) {
                    cancel(); // begins when the loop has told all others
                }
                BodyStartedEvent.commit(carrier);
                body.run();
            } finally {
                over = true;
                if (!carrier.isCarrying()) {
                    carrier.living().remove(this); // relieved, or has outlived the loop
                }
            }
        });
        thread = created;
        return created;
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    boolean isOver() {
        return over;
    }

    /**
     * Nothing of the body is kept, as this may be: by threads that it has started, whose scheduler this is. On the loop,
     * once it is over. Answers false where the JDK has not done with the thread yet, as its handler of uncaught exceptions
     * waits; what is submitted after that is in vain.
     */
    boolean letGo() {
        Thread its = thread;
        if (its != null && its.isAlive()) {
            return false;
        }
        continuation = CarriedThread::doNothing;
        thread = null;
        return true;
    }

    /** The continuation of a thread that is let go. */
    private static void doNothing() {}

    /** For the JDK: the thread can go on. Any thread. */
    @Override
    public void execute(Runnable submitted) {
        Runnable own = continuation;
        if (own == null) {
            continuation = submitted; // by start()
            carrier.submitFirst(this);
        } else if (own == submitted) {
            carrier.submit(this);
        } else {
            carrier.submit(new CarriedThread(carrier, submitted));
        }
    }

    /** From another thread than the loop's. */
    void post() {
        post(NextTurn::inAMillisecond);
    }

    /** Elsewhere, see {@link NextTurn}. */
    void post(Executor elsewhere) {
        if (thread == null) {
            carrier.living().add(this);
        }
        posted = true;
        deliver(elsewhere);
    }

    private void deliver(Executor elsewhere) {
        EventExecutor loop = carrier.loop();
        try {
            loop.execute(this);
        } catch (Throwable thrown) {
            checkRejected(thrown);
            if (loop.isShutdown()) {
                goAstray();
            } else {
                elsewhere.execute(() -> deliver(elsewhere));
            }
            return;
        }
        if (loop.isShutdown()) {
            loop.terminationFuture().addListener(ended -> goAstray());
        }
    }

    /**
     * Whether a loop has thrown this since it does not take a task: a rejection, or what its handler of rejected tasks throws
     * in place of one. Throws it on if it tells of the JVM.
     */
    static void checkRejected(Throwable thrown) {
        if (thrown instanceof VirtualMachineError broken) {
            throw broken;
        }
    }

    /** Takes back what was posted; false if the loop has it. */
    boolean withdraw() {
        return POSTED.compareAndSet(this, true, false);
    }

    boolean isPosted() {
        return posted;
    }

    /** On the loop; or on a thread which a handler of rejected tasks has run it on. */
    @Override
    public void run() {
        if (!carrier.loop().inEventLoop()) {
            NextTurn.inAMillisecond(() -> deliver(NextTurn::inAMillisecond));
        } else if (withdraw()) {
            carrier.arrived(this);
        }
    }

    private void goAstray() {
        if (withdraw()) {
            runOnCommon();
        }
    }

    /** The loop does not carry it any more: it goes on on the common scheduler, and is not lost. */
    void runOnCommon() {
        if (thread == null) {
            carrier.living().remove(this);
        }
        relieve(LoomAccess.common());
    }

    /** It goes on elsewhere, if it can; the loop has it still. Any thread. */
    void relieve(Executor elsewhere) {
        elsewhere.execute(requireNonNull(continuation));
    }

    /** The body learns by an interrupt that its loop has ended, once. Not a thread that another one has started. */
    void cancel() {
        Thread its = thread;
        if (its != null && CANCELLED.compareAndSet(this, false, true)) {
            interrupt(its);
        }
    }

    /** What that throws is the body's own matter, and keeps nobody from interrupting the others. */
    static void interrupt(Thread body) {
        try {
            body.interrupt();
        } catch (Throwable failure) {
            // Of the channel of the JDK that it waits in and that this closes. The JDK would have woken it afterwards.
            LockSupport.unpark(body);
            CarrierTurns.report(failure);
        }
    }

    /** Until it parks, or ends. On the loop. */
    void proceed() {
        requireNonNull(continuation).run();
    }

    @Override
    public String toString() {
        Thread its = thread;
        return its == null ? "a thread that is over, or was started by a carried one" : its.toString();
    }
}
