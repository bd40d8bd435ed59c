package io.valuetask;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests cancellation, once, of all that was given its {@link #token()}. Counterpart of .NET's
 * {@code CancellationTokenSource}.
 *
 * <p>One source may stand for one operation, for everything a connection does, or for a whole server; a source that
 * is {@linkplain #linked linked} adds a reason of its own to those of others, such as a deadline to the end of the
 * connection:
 *
 * {@snippet :
 * try (var deadline = CancellationTokenSource.linked(connection.token())) {
 *     deadline.cancelAfter(Duration.ofSeconds(5));
 *     return exchange(request).await(deadline.token());
 * }
 * }
 *
 * <p>Close a source that was linked or given a delay: until then its parents and the timer refer to it.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, also by one that is told of the cancellation. A
 * short lock guards the list of registrations; nothing of the caller's runs inside it, so that a callback may
 * register, close, cancel, and wait for threads that do. <b>Ownership.</b> Refers to what is registered with its
 * token, until that is told, taken back, or the source is closed. <b>Allocation.</b> None of its own per
 * registration, none to cancel; a delay costs the timer's entry.
 */
public final class CancellationTokenSource implements AutoCloseable {
    /*
     *   ACTIVE            -> REQUESTED           // one winner: cancel(), a parent, or the delay that counts
     *   ACTIVE            -> CLOSED              // close(): lets go of all registrations, tells none
     *   REQUESTED         -> REQUESTED + CLOSED  // close(): what is registered is left to the winner, who tells it
     *
     * Each under the lock, which also guards the list, see CancellationRegistration for its nodes. Nobody's code
     * and no other lock is taken inside: a thread that waits for this one waits for a few stores, and a virtual
     * thread cannot be unmounted while it holds it.
     *
     * How each signal is caught:
     * - The request comes first: add() looks at `requested` under the lock and answers false; the registrant cancels.
     * - The registrant comes first: `requested` is set before the list is walked, and once it is set the list does
     *   not grow. So the walk ends, and finds whatever was added.
     * - The registrant takes its registration back meanwhile: a node leaves the list once, under the lock. Either the
     *   walk has it or unregister() has.
     * - The next operation is registered meanwhile: the walk copies the operation in the step that takes the node
     *   off the list. What it calls afterwards is the source with the old operation, which the source knows to be
     *   over.
     * - The source is told before its operation is pending (ManualResetSource registers in ARMING, where it is
     *   alone): the cancel is refused, and the source looks at `requested` after it became pending. The two full
     *   fences, in fire() and in pend(), make sure that one sees the other. See FireVsRegisterStress and its twins.
     */

    private static final Consumer<CancellationTokenSource> FOR_A_PARENT = CancellationTokenSource::parentRequested;
    private static final Consumer<CancellationTokenSource> TELL_ALL = CancellationTokenSource::tellAll;

    private final CancellationToken token = new CancellationToken(this);
    /** Package-private for tests. */
    final ReentrantLock lock = new ReentrantLock();

    /** One for each parent, registered there while this source is active. */
    private final CancellationRegistration[] links;

    /** Written once, under the lock; read by anybody. */
    private volatile boolean requested;
    /** Written once, under the lock; read by anybody. */
    private volatile boolean closed;

    // Guarded by the lock
    private @Nullable CancellationRegistration latest;
    private @Nullable CancellationDelay delay;

    /** Creates a source that is cancelled by nobody but the caller. */
    public CancellationTokenSource() {
        this(0);
    }

    private CancellationTokenSource(int parents) {
        links = new CancellationRegistration[parents];
        for (int i = 0; i < parents; i++) {
            links[i] = new CancellationRegistration(FOR_A_PARENT, this);
        }
    }

    /**
     * Creates a source that is also cancelled when one of its parents is. It does not cancel them.
     *
     * @param parents whose request is taken over; with none of them, or none but {@link CancellationToken#NONE}, the
     *        source is an ordinary one
     * @return the source, cancelled already if a parent is; close it, to unlink it from its parents
     */
    public static CancellationTokenSource linked(CancellationToken... parents) {
        for (int i = 0; i < parents.length; i++) {
            Objects.requireNonNull(parents[i], "parents[" + i + "]");
        }
        CancellationTokenSource child = new CancellationTokenSource(parents.length);
        for (int i = 0; i < parents.length; i++) {
            if (!child.links[i].registerWith(parents[i], 0)) {
                child.fire(null);
                break;
            }
        }
        if (child.requested) {
            child.unlink(); // a parent that fired meanwhile could not unlink what was not linked yet
        }
        return child;
    }

    /**
     * What is handed to those who may be cancelled.
     *
     * @return the token of this source, always the same; also after {@link #close}
     */
    public CancellationToken token() {
        return token;
    }

    /**
     * Whether cancellation was requested. Once true, it stays true.
     *
     * @return true if it was
     */
    public boolean isCancellationRequested() {
        return requested;
    }

    /**
     * Requests cancellation: all that is registered is told, on this thread, the latest first. A second call does
     * nothing, and does not wait for the first. Throws nothing of what those who are told throw; .NET collects that.
     * When this returns all have been told, unless one who is told calls it, more than eight deep in one another: then
     * they are told before the outermost call returns, so that a chain of any length runs in constant stack.
     *
     * @return true if this call did it; false if it had happened before
     * @throws IllegalStateException if this source is closed
     */
    public boolean cancel() {
        boolean won = fire(null);
        if (!won) {
            requireOpen();
        }
        return won;
    }

    /**
     * Requests cancellation when a time has passed, unless that has happened before. A later call replaces the time
     * of an earlier one. The timer's thread is shared by all sources; whom the token tells runs where
     * {@link java.util.concurrent.CompletableFuture#runAsync(Runnable)} runs.
     *
     * @param time how long from now; zero or less: {@link #cancel} here and now; too long to be counted in
     *        nanoseconds: as long as can be
     * @throws IllegalStateException if this source is closed
     */
    public void cancelAfter(Duration time) {
        long nanos = Handle.toNanosSaturated(Objects.requireNonNull(time, "time"));
        if (nanos == 0) {
            cancel();
            return;
        }
        CancellationDelay latestDelay = new CancellationDelay(this);
        CancellationDelay replaced = null;
        boolean active;
        lock.lock();
        try {
            active = !requested && !closed;
            if (active) {
                replaced = delay;
                delay = latestDelay;
            }
        } finally {
            lock.unlock();
        }
        drop(replaced);
        if (active) {
            latestDelay.start(nanos);
        } else {
            requireOpen();
        }
    }

    /**
     * Lets go of parents, timer, and all that is registered. Requests nothing: the token stays as it is and does
     * not fire any more, unless it is firing already. To register with it then has no effect. A second call does
     * nothing.
     */
    @Override
    public void close() {
        CancellationDelay pending;
        lock.lock();
        try {
            closed = true;
            pending = delay;
            delay = null;
            while (!requested && latest != null) {
                takeOff(latest);
            }
        } finally {
            lock.unlock();
        }
        drop(pending);
        unlink();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this cancellation token source is closed: requested=" + requested
                    + "; cancel before you close it, or create a new one");
        }
    }

    // What it takes to fire

    /** On the thread that cancels the parent. */
    private void parentRequested() {
        fire(null);
    }

    /** On a thread of the common pool. */
    void elapsed(CancellationDelay which) {
        fire(which);
    }

    /** Tells all, if this call is the one to do it; on behalf of a delay, only if that was not replaced. */
    private boolean fire(@Nullable CancellationDelay onBehalfOf) {
        CancellationDelay pending;
        lock.lock();
        try {
            if (requested || closed || (onBehalfOf != null && onBehalfOf != delay)) {
                return false;
            }
            requested = true;
            pending = delay;
            delay = null;
        } finally {
            lock.unlock();
        }
        drop(pending);
        unlink();
        // Between `requested` and the look at a source's word, see above; the lock's own fences are not documented.
        VarHandle.fullFence();
        // Those who are told may cancel others, and so on: linked sources do.
        Trampoline.cancel(TELL_ALL, this);
        return true;
    }

    private void tellAll() {
        for (;;) {
            CancellationRegistration told;
            long operation;
            lock.lock();
            try {
                if (latest == null) {
                    return;
                }
                told = latest;
                operation = told.operation;
                takeOff(told);
            } finally {
                lock.unlock();
            }
            told.fire(operation);
        }
    }

    private void unlink() {
        for (CancellationRegistration link : links) {
            link.close();
        }
    }

    private static void drop(@Nullable CancellationDelay pending) {
        if (pending != null) {
            pending.drop();
        }
    }

    // The list

    /** False if cancellation was requested. On a closed source nothing is kept, since nothing is going to happen. */
    boolean add(CancellationRegistration added, long operation) {
        lock.lock();
        try {
            if (added.claim(this)) {
                if (requested || closed) {
                    added.release();
                    return !requested;
                }
                added.operation = operation;
                added.next = latest;
                if (latest != null) {
                    latest.previous = added;
                }
                latest = added;
                return true;
            }
        } finally {
            lock.unlock();
        }
        throw ValueTaskMisuseException.stillRegistered(added, operation);
    }

    /** False if it has left meanwhile. */
    boolean remove(CancellationRegistration removed) {
        lock.lock();
        try {
            if (!removed.isRegisteredWith(this)) {
                return false;
            }
            takeOff(removed);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. Leaves nothing behind, on either side. */
    private void takeOff(CancellationRegistration leaving) {
        CancellationRegistration previous = leaving.previous;
        CancellationRegistration next = leaving.next;
        if (previous == null) {
            latest = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        leaving.previous = null;
        leaving.next = null;
        leaving.release();
    }

    /** How many are registered; for tests. */
    int registrations() {
        lock.lock();
        try {
            int count = 0;
            for (CancellationRegistration each = latest; each != null; each = each.next) {
                count++;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether cancellation was requested, and whether the source is closed. */
    @Override
    public String toString() {
        return "CancellationTokenSource[requested=" + requested + ", closed=" + closed + "]";
    }
}
