package io.valuetask;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Runs inline what one thing leads to, but never deeper than {@link #MAX_DEPTH} inside one another.
 *
 * <p>A continuation often starts the next operation, and when that completes at once, its continuation would
 * run inside the first one, and so on: .NET's source overflows a 1 MiB stack after about 8,000 steps. Here the
 * ninth nested continuation is queued, and the outermost frame runs it after its own has returned. So a chain
 * of any length runs in constant stack, on the thread that completed it, in order.
 *
 * <p>Cancellation spreads in the same way, from a token source to those that are linked with it, or from an operation
 * to those it is made of. It has frames of its own: a cancellation that is not part of another one has reached all when
 * it returns, also inside the deepest continuation.
 *
 * <p>A thread that is going to block hands what waits here to a virtual thread: it may block for the very thing. It does
 * not run it itself, since what it runs may block for what this thread is going to do afterwards.
 *
 * <p>Confined to one thread, hence no ordering to explain but that of {@link #deep}. A thread that runs continuations has
 * one of 32 bytes, another if it cancels. The array comes with the first chain that is too deep, grows to twice the
 * largest number ever waiting at once on this thread and is then reused.
 */
final class Trampoline {
    /** As deep as Netty lets the listeners of its own promises nest. */
    static final int MAX_DEPTH = 8;

    private static final ThreadLocal<Trampoline> CONTINUATIONS = ThreadLocal.withInitial(Trampoline::new);
    private static final ThreadLocal<Trampoline> CANCELLATIONS = ThreadLocal.withInitial(Trampoline::new);

    private static final VarHandle DEEP = find("deep");

    /**
     * How many threads are in a chain that was too deep, by getAndAdd. Each of them adds itself when it first queues
     * something and takes itself off as its outermost frame ends. A thread that is going to block reads it plainly, as it
     * is after its own writes only, and need not touch a thread-local variable, which would cost a table in a virtual
     * thread that runs no continuations.
     */
    @SuppressWarnings("unused")
    private static int deep;

    private static final int FIRST_CAPACITY = 16;

    /** From {@link #first} to {@link #end} continuation and state alternate. Null until something has to wait. */
    private @Nullable Object @Nullable [] waiting;
    private int first;
    private int end;
    private int depth;
    private boolean counted;

    private Trampoline() {}

    private static VarHandle find(String field) {
        try {
            return MethodHandles.lookup().findStaticVarHandle(Trampoline.class, field, int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Runs the continuation now or, in a deep chain, before the outermost continuation's completer goes on. */
    static void run(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        CONTINUATIONS.get().enter(continuation, state);
    }

    /**
     * As {@link #run}, for a waiter that is no object.
     *
     * @return false if it would have to wait, and so needs to be one
     */
    static boolean takeUnwanted(ValueTaskSource<?> source, long token) {
        return CONTINUATIONS.get().enterAndTake(source, token);
    }

    /** Lets a cancellation spread now or, in a deep chain, before the outermost one's canceller goes on. */
    @SuppressWarnings("unchecked")
    static <S> void cancel(Consumer<S> canceller, S state) {
        CANCELLATIONS.get().enter((Consumer<@Nullable Object>) (Consumer<?>) canceller, state);
    }

    /** This thread is going to block. */
    static void handOverWaiting() {
        if (deep != 0) {
            CANCELLATIONS.get().handOver(CANCELLATIONS);
            CONTINUATIONS.get().handOver(CONTINUATIONS);
        }
    }

    private void enter(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        if (depth >= MAX_DEPTH) {
            enqueue(continuation, state);
            return;
        }
        depth++;
        try {
            accept(continuation, state);
            drainIfOutermost();
        } finally {
            depth--; // also when the stack has overflowed: whoever survives that goes on with this thread
        }
    }

    private boolean enterAndTake(ValueTaskSource<?> source, long token) {
        if (depth >= MAX_DEPTH) {
            return false;
        }
        depth++;
        try {
            take(source, token);
            drainIfOutermost();
        } finally {
            depth--;
        }
        return true;
    }

    private void drainIfOutermost() {
        if (depth == 1 && counted) {
            drain();
            counted = false;
            DEEP.getAndAdd(-1);
        }
    }

    private void enqueue(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        @Nullable
        Object[] room = roomForTwo();
        // No call in between that could overflow the stack and leave one without the other.
        room[end] = continuation;
        room[end + 1] = state;
        end += 2;
        if (!counted) {
            counted = true;
            DEEP.getAndAdd(1);
        }
    }

    private @Nullable Object[] roomForTwo() {
        @Nullable
        Object[] old = waiting;
        if (old == null) {
            @Nullable
            Object[] created = new @Nullable Object[FIRST_CAPACITY];
            waiting = created;
            return created;
        } else if (end < old.length) {
            return old;
        }
        // Half empty: moves what waits. So each element is moved once, on average.
        @Nullable
        Object[] room = first < old.length / 2 ? new @Nullable Object[2 * old.length] : old;
        int waitingOnes = end - first;
        System.arraycopy(old, first, room, 0, waitingOnes);
        Arrays.fill(room, waitingOnes, room.length, null);
        waiting = room;
        first = 0;
        end = waitingOnes;
        return room;
    }

    @SuppressWarnings("unchecked")
    private void drain() {
        while (first < end) {
            @Nullable
            Object[] queue = requireNonNull(waiting);
            Consumer<@Nullable Object> continuation = (Consumer<@Nullable Object>) requireNonNull(
                    queue[first]);
            Object state = queue[first + 1];
            queue[first] = null;
            queue[first + 1] = null;
            first += 2;
            accept(continuation, state);
        }
        first = 0;
        end = 0;
    }

    private void handOver(ThreadLocal<Trampoline> kind) {
        if (first < end) {
            Trampoline carrier = new Trampoline();
            carrier.waiting = waiting;
            carrier.first = first;
            carrier.end = end;
            waiting = null;
            first = 0;
            end = 0;
            Thread.startVirtualThread(() -> carrier.runOn(kind));
        }
    }

    /** As the outermost frame of a new thread. What blocks there hands the rest over in its turn. */
    private void runOn(ThreadLocal<Trampoline> kind) {
        kind.set(this);
        counted = true;
        DEEP.getAndAdd(1);
        enter(nothing -> {}, null);
    }

    private static void take(ValueTaskSource<?> source, long token) {
        try {
            Discarding.takeUnwanted(source, token);
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }

    /** A continuation that throws harms neither the completer nor the continuations behind it. */
    private static void accept(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        try {
            InlineBarrier.resume(continuation, state);
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }
}
