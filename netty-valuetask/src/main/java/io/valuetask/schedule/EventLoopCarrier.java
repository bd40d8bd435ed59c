package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * An event loop as the carrier of virtual threads. For those who build on event loops, as {@code io.valuetask.netty} does;
 * who only starts threads uses {@link EventLoopVirtualThreads}.
 *
 * <p>A carried thread never runs pipeline code. It {@linkplain #post posts} what is to be done there and goes on or parks;
 * when it has parked, the loop does what was posted, in order, and {@linkplain #afterwards afterwards}, when no thread can
 * go on or sixteen tasks were done, what was put off till then, such as one flush for all. Whoever completes an operation on
 * the loop makes a thread ready, and it is resumed in the next {@link #turn}: a task of the loop, which comes when all
 * channels that had something to read have been read; or before, when there is {@linkplain #turnIfMany much} to do and a
 * channel's batch of reads is over. So one thread is never resumed inside another, nor while a handler works on a message,
 * and those that are ready go on in the order in which they became so.
 *
 * <p><b>Threading.</b> One for each event loop, confined to it and to the threads that it carries, unless said.
 * <b>Ownership.</b> Of what is posted, until it is run. <b>Allocation.</b> None per thread that is resumed or task that is
 * posted.
 */
public final class EventLoopCarrier {
    /*
     * How the loop finds what is ready. Everything below but `mounted`, `mounts` and `ended` is plain: it is touched by the
     * loop's thread only, as itself or as a virtual thread that is mounted on it. The licence: a mount and an unmount are
     * calls on that platform thread, and the JDK's own volatile writes of the virtual thread's state stand on either side of
     * them.
     *
     *   made ready in a turn            -- the same turn goes on until none is, or its time is up
     *   made ready on the loop, outside -- the next turn is a task of the loop, see NextTurn
     *   the time of a turn, or of those
     *   that were tasks, was up         -- the next turn is behind the loop's next I/O, or amid it, see CarrierTurns
     *   made ready elsewhere            -- see CarriedThread
     *   ... while the loop waits for a lock that the one made ready is the next to get
     *                                   -- the watchdog lets those go on on the common scheduler, see relieve(), also
     *                                      where one stands in the queue that a body has started
     *   the loop is shut down           -- who becomes ready outside a turn goes on elsewhere at once
     *   the loop has ended              -- nobody touches the queue any more, and the listener of its end empties it
     */

    private static final ConcurrentHashMap<EventExecutor, EventLoopCarrier> ALL = new ConcurrentHashMap<>();
    /** Never started, so no loop's. */
    private static final Thread NO_LOOPS_THREAD = Thread.ofPlatform().inheritInheritableThreadLocals(false)
            .unstarted(() -> {});

    private static final VarHandle MOUNTED = find("mounted", CarriedThread.class);
    private static final VarHandle MOUNTS = find("mounts", long.class);
    private static final VarHandle ARRIVALS = find("arrivals", long.class);

    private final EventExecutor loop;
    /** The same, if it tells what waits to be run by it; else null. */
    private final @Nullable SingleThreadEventExecutor queue;

    private final LiveThreads living = new LiveThreads();
    private final CarrierTurns turns;

    // Written by the loop in opaque mode, read by the watchdog so, which only wants to see them change some time. Read
    // plainly by threads that ask whether they are carried: one that is reads what was written when it was mounted.
    private @Nullable CarriedThread mounted;
    private long mounts;
    /** Of those that others have made ready; likewise opaque. */
    private long arrivals;
    /**
     * The loop's, which may get another one. Written by it, or by the watchdog that has found it before it was; and volatile,
     * as the watchdog asks what it does.
     */
    private volatile @Nullable Thread loopThread;

    /** Set when the loop has ended. */
    private volatile boolean ended;

    EventLoopCarrier(EventExecutor loop) {
        this.loop = loop;
        turns = new CarrierTurns(this);
        queue = loop instanceof SingleThreadEventExecutor known ? known : null;
    }

    private static VarHandle find(String field, Class<?> type) {
        return ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), field, VarHandle.class,
                EventLoopCarrier.class, type);
    }

    /**
     * The carrier that an event loop is.
     *
     * @param executor an event loop
     * @return its carrier, or null if it cannot be one: it is no event loop, or one that takes every thread for its own, as
     *         that of an {@code EmbeddedChannel} does; or {@link EventLoopVirtualThreads#isSupported()} says no
     */
    public static @Nullable EventLoopCarrier of(EventExecutor executor) {
        if (isEverybodys(executor)) {
            return null;
        }
        VirtualLoops.note(executor);
        if (!LoomAccess.isOpen() || !(executor instanceof EventLoop)) {
            return null;
        }
        EventLoopCarrier known = ALL.get(executor);
        return known != null ? known : begin(executor);
    }

    /** It takes every thread for its own. */
    static boolean isEverybodys(EventExecutor executor) {
        return executor.inEventLoop(NO_LOOPS_THREAD);
    }

    private static EventLoopCarrier begin(EventExecutor loop) {
        EventLoopCarrier begun = new EventLoopCarrier(loop);
        Future<?> termination = loop.terminationFuture();
        EventLoopCarrier other = ALL.putIfAbsent(loop, begun);
        if (other != null) {
            return other;
        }
        LoopWatchdog.watch(begun);
        termination.addListener(terminated -> begun.end()); // at once, if it was too late
        return begun;
    }

    EventExecutor loop() {
        return loop;
    }

    // For carried threads

    /**
     * Whether the calling thread is a virtual one that this loop carries. Any thread.
     *
     * @return true if it may {@link #post}
     */
    public boolean isCarrying() {
        return mounted != null && loop.inEventLoop(LoomAccess.currentCarrier())
                && Thread.currentThread().isVirtual();
    }

    /**
     * Has the loop run a task when the calling thread has parked or ended. Only for a thread that it
     * {@linkplain #isCarrying carries}. What that thread has told Netty before, such as to add a handler, is a task of the
     * loop, and comes first.
     *
     * @param task what to run on the loop, behind what was posted before
     * @throws java.util.concurrent.RejectedExecutionException as the loop's own {@code execute} does
     */
    public void post(Runnable task) {
        assert isCarrying() : misused("only a thread that the loop carries posts; others call its execute()");
        int ours = turns.isRequested() ? 1 : 0;
        if (queue != null && queue.pendingTasks() == ours) {
            turns.post(task);
        } else {
            loop.execute(task); // one of those that wait may be this thread's own
        }
    }

    // For the loop

    /**
     * Whether a turn goes on, so that something can be put off till {@link #afterwards}.
     *
     * @return true in a turn
     */
    public boolean isTurning() {
        return turns.isTurning();
    }

    /**
     * Has a task run in this turn, when no thread can go on or sixteen tasks were done. Only while it
     * {@linkplain #isTurning is turning}.
     *
     * @param task such as one that flushes what was written
     */
    public void afterwards(Runnable task) {
        assert loop.inEventLoop() && isTurning()
                : misused("only in a turn something is put off; else do it at once");
        turns.afterwards(task);
    }

    /**
     * As {@link #turn}, if there is so much to do that it pays: for a handler that is done with a batch of reads, in
     * {@code channelReadComplete}. A little waits till the loop has read its other channels.
     *
     * @param messages how many that batch had
     */
    public void turnIfMany(int messages) {
        assert loop.inEventLoop()
                : misused("only the loop's own thread takes a turn; hand it in with execute()");
        turns.turnIfMany(messages);
    }

    /**
     * Resumes those that are ready, for a while. Where a turn goes on already, that one does it; and where the last one took
     * all its time, the one that follows the loop's next I/O.
     */
    public void turn() {
        assert loop.inEventLoop()
                : misused("only the loop's own thread takes a turn; hand it in with execute()");
        turns.turn();
    }

    private String misused(String why) {
        return why + ": thread=" + Thread.currentThread() + ", " + this;
    }

    /** Called in a turn. */
    void mount(CarriedThread next) {
        Thread current = Thread.currentThread();
        if (loopThread != current) {
            loopThread = current;
        }
        living.leaveQueue(next);
        MOUNTED.setOpaque(this, next);
        MOUNTS.setOpaque(this, mounts + 1);
        BodyResumedEvent event = BodyResumedEvent.begun();
        try {
            next.proceed();
        } catch (Throwable failure) {
            CarrierTurns.report(failure);
        } finally {
            MOUNTED.setOpaque(this, null);
        }
        BodyResumedEvent.commit(event, next);
        if (next.isOver() && next.letGo()) {
            living.remove(next);
        }
    }

    // Threads that become ready

    /** A thread that is being started. Any thread. */
    void submitFirst(CarriedThread started) {
        if (ended || loop.isShutdown()) {
            throw new RejectedExecutionException("has ended, and carries no more threads: " + loop);
        }
        living.add(started); // the loop may never get it, as it waits for what this one is to do
        boolean submitted = false;
        try {
            submit(started);
            submitted = true;
        } finally {
            if (!submitted) {
                living.remove(started);
            }
        }
    }

    /** Any thread. */
    void submit(CarriedThread submitted) {
        if (!loop.inEventLoop(LoomAccess.currentCarrier())) {
            if (ended) {
                submitted.runOnCommon();
            } else {
                submitted.post();
            }
        } else if (turns.isTurning()) {
            enqueue(submitted);
        } else if (loop.isShutdown()) {
            submitted.runOnCommon();
        } else {
            enqueue(submitted);
            turns.request();
        }
    }

    /** From another thread. */
    void arrived(CarriedThread submitted) {
        if (Thread.currentThread().isVirtual()) {
            living.remove(submitted);
            submitted.runOnCommon(); // a loop that is a virtual thread itself cannot carry others
            return;
        }
        ARRIVALS.setOpaque(this, arrivals + 1);
        enqueue(submitted);
        turns.turnAsTask();
    }

    /** On the loop: whether others wait to be run before its next I/O, as far as that can be asked. */
    boolean hasTasks() {
        return queue == null || queue.pendingTasks() != 0;
    }

    private void enqueue(CarriedThread submitted) {
        living.add(submitted);
        turns.add(submitted);
    }

    /**
     * The loop has ended, and its thread with it: everything is this thread's now. The bodies are cancelled by an interrupt,
     * and go on to their end on the common scheduler. But only when all others have been told of the end that want to be: a
     * channel that could not be closed on the loop ends its operations then, and who waits for one learns why.
     */
    private void end() {
        ended = true;
        ALL.remove(loop, this);
        LoopWatchdog.forget(this);
        turns.leave();
        GlobalEventExecutor.INSTANCE.execute(living::cancelAll);
    }

    LiveThreads living() {
        return living;
    }

    // For the watchdog, any thread

    /** Grows with all that the loop does for its threads. */
    long progress() {
        return mounts() + (long) ARRIVALS.getOpaque(this);
    }

    /**
     * The loop does nothing for its threads, and waits for them in vain: then those that can go on do so without it, as one of
     * them may be the next to get the lock that it waits for. Answers whether it does.
     */
    boolean relieve() {
        if (!isWaitingInVain()) {
            return false;
        }
        living.relieveAll(LoomAccess.common());
        return true;
    }

    /** Whether it waits for a lock, itself or with a body that cannot be unmounted, while some of its threads could go on. */
    boolean isWaitingInVain() {
        Thread known = loopThread;
        if (known != null && known.isAlive()) {
            return isStopped(known.getState()) && hasSomeToRelieve();
        }
        return hasSomeToRelieve() && isStopped(findLoopThread()); // has run no thread yet: it may wait before it does
    }

    /** A queue that is read without an order tells the same at the next look. */
    private boolean hasSomeToRelieve() {
        return turns.isAnyReady() || living.hasPosted();
    }

    /** Netty does not tell it without waiting for the loop. */
    private Thread.State findLoopThread() {
        ThreadGroup root = requireNonNull(Thread.currentThread().getThreadGroup());
        for (ThreadGroup parent; (parent = root.getParent()) != null;) {
            root = parent;
        }
        Thread[] all = new Thread[2 * root.activeCount() + 1]; // they are counted by a guess
        int count = root.enumerate(all);
        for (int i = 0; i < count; i++) {
            if (loop.inEventLoop(all[i])) {
                loopThread = all[i];
                return all[i].getState();
            }
        }
        return Thread.State.NEW;
    }

    /** An event loop without work is runnable, as it waits in the kernel; but for one without a transport, and NIO's at times. */
    private static boolean isStopped(Thread.State state) {
        return state == Thread.State.BLOCKED || state == Thread.State.WAITING
                || state == Thread.State.TIMED_WAITING;
    }

    long mounts() {
        return (long) MOUNTS.getOpaque(this);
    }

    @Nullable
    CarriedThread mounted() {
        return (CarriedThread) MOUNTED.getOpaque(this);
    }

    /** For messages to people, from any thread. */
    @Override
    public String toString() {
        return "EventLoopCarrier[" + loop + ", mounted=" + mounted() + ", mounts=" + mounts() + "]";
    }
}
