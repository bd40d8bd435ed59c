package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.lookup;
import static java.util.Objects.requireNonNull;

/**
 * The part of a reusable source that does not depend on the type of its result: the word, the waiter, and the
 * protocol between the two. All races live here.
 */
abstract class SourceCore {
    /*
     * StateWord draws the word and lists who may cause which transition. What is left to say is how the fields
     * beside it are published.
     *
     * - A party that wins a CAS into ARMING, REGISTERING, COMPLETING or CONSUMING is alone with the fields of
     *   that step until it leaves: everybody else's transition is refused or does not touch them. It writes
     *   them plainly.
     * - It leaves with a store that has release semantics (a CAS, or setRelease where nobody else can move the
     *   word), and whoever reads them first reads the word with acquire semantics (a CAS, or getAcquire).
     *
     * How each wake-up is caught:
     * - The completer comes first: the registrant's claim finds the outcome and is answered false.
     * - The registrant comes first: the completer's publishing step finds REGISTERED and resumes it.
     * - Both are inside: the word is COMPLETING+REGISTERING, and whoever CASes second sees the first. If the
     *   outcome is second it finds REGISTERED; if the waiter is second it finds the outcome and withdraws.
     * - A thread waiter re-reads the status after every return from park, and unpark before park is remembered
     *   by the permit.
     * See RegistrationStress, and its broken twin for what happens when the two are separate fields.
     */

    private static final VarHandle WORD = ConstantBootstraps.fieldVarHandle(lookup(), "word", VarHandle.class,
            SourceCore.class, long.class);
    private static final VarHandle MEMBERSHIP = ConstantBootstraps.fieldVarHandle(lookup(), "membership",
            VarHandle.class, SourceCore.class, PoolMembership.class);

    /** The continuation of a thread that parks; its state is the thread. Recognized, so that it never queues. */
    static final Consumer<Thread> UNPARK = LockSupport::unpark;

    /** Any thread, by CAS; setRelease only where a comment names the licence; read with getAcquire. */
    @SuppressWarnings("unused")
    private volatile long word;

    // Written plainly by the registrant in REGISTERING; read and cleared by the completer in COMPLETING with
    // REGISTERED, or by the registrant itself when the outcome came first. Null in every other state.
    private @Nullable Consumer<@Nullable Object> continuation;
    private @Nullable Object continuationState;
    private @Nullable Executor continuationExecutor;

    /**
     * The pool this source goes back to, if it has one. Written once by that pool, by CAS, before it hands the source
     * out. Read plainly: whoever has the source or a token has it from a renter.
     */
    private @Nullable PoolMembership membership;

    /** Null unless {@link OperationTrace#ON}, and so one reference for each source. Never written again. */
    private final @Nullable OperationTrace trace = OperationTrace.ofNewSource();

    /** Set by the owner at any time, read by the completer that resumes; volatile, as there is no other order. */
    volatile boolean runContinuationsAsynchronously;

    SourceCore() {}

    /** For tests of the far end of the token range. */
    final void startAtGeneration(long generation) {
        WORD.setVolatile(this, StateWord.word(generation, StateWord.IDLE, StateWord.NONE));
    }

    final long wordAcquire() {
        return (long) WORD.getAcquire(this);
    }

    private boolean casWord(long expected, long next) {
        return WORD.compareAndSet(this, expected, next);
    }

    private void setWordRelease(long next) {
        WORD.setRelease(this, next);
    }

    // The owner's side

    /** Answers the token of the next operation, or the refusal negated. */
    final long tryStart(boolean pending) {
        for (;;) {
            long current = wordAcquire();
            long next = pending ? StateWord.arm(current) : StateWord.begin(current);
            if (StateWord.isRefusal(next)) {
                return -next;
            }
            note(next);
            if (casWord(current, next)) {
                if (OperationTrace.ON) {
                    trace(OperationTrace.STARTED, StateWord.generation(next));
                }
                return StateWord.generation(next);
            }
        }
    }

    final long start(boolean pending) {
        long token = tryStart(pending);
        if (token < 0) {
            long current = wordAcquire();
            if (membership != null && !membership.isRented()) {
                throw explained(ValueTaskMisuseException.notRented(describeSource(), current));
            }
            throw misuse(-token, StateWord.generation(current), current);
        }
        return token;
    }

    /** Refuses what {@link #start} would refuse, and starts nothing. */
    final void refuseUnlessFree() {
        long current = wordAcquire();
        long refusal = StateWord.begin(current);
        if (StateWord.isRefusal(refusal)) {
            throw misuse(refusal, StateWord.generation(current), current);
        }
    }

    /** The token that is about to be issued; only for the owner that won ARMING. */
    final long tokenInArming() {
        return StateWord.generation(StateWord.pend(wordAcquire()));
    }

    /** ARMING to PENDING. Full fence, so that the owner may look once more for what arrived before it. */
    final void leaveArmingPending() {
        // Licence: only the owner leaves ARMING, and no token is out that anybody could act on.
        long next = StateWord.pend(wordAcquire());
        note(next);
        setWordRelease(next);
        // Not setVolatile: that is ordered before volatile reads alone, and the owner may look with a weaker one.
        VarHandle.fullFence();
    }

    /** ARMING to SUCCEEDED. */
    final void leaveArmingSucceeded() {
        // Licence: only the owner leaves ARMING, and no token is out that anybody could act on.
        long next = StateWord.succeed(wordAcquire());
        note(next);
        setWordRelease(next);
    }

    /** ARMING to CONSUMING; the caller must {@link #release}. */
    final void leaveArmingConsuming() {
        // Licence: only the owner leaves ARMING, and no token is out that anybody could act on.
        setWordRelease(StateWord.withdraw(wordAcquire()));
    }

    // The completing side

    /** Zero if this caller may now write the outcome and must publish it; else the refusal. */
    final long claimCompletion(long token) {
        for (;;) {
            long current = wordAcquire();
            long next = StateWord.claimCompletion(current, token);
            if (StateWord.isRefusal(next)) {
                return next;
            }
            if (casWord(current, next)) {
                if (OperationTrace.ON) {
                    trace(OperationTrace.COMPLETED, token);
                }
                return 0;
            }
        }
    }

    /** Publishes the outcome that the winner of {@link #claimCompletion} wrote, and resumes the waiter. */
    final void publishOutcome(int outcome) {
        for (;;) {
            long current = wordAcquire();
            long next = StateWord.publishOutcome(current, outcome);
            note(next);
            if (StateWord.waiter(current) == StateWord.REGISTERED) {
                Consumer<@Nullable Object> resumed = requireNonNull(continuation);
                Object state = continuationState;
                Executor executor = continuationExecutor;
                clearWaiter();
                // Licence: COMPLETING with REGISTERED has no transition but this one.
                setWordRelease(next);
                if ((Object) resumed == Discarding.TAKE_OWN) {
                    Discarding.takeOwn(this, StateWord.generation(next), runContinuationsAsynchronously);
                } else {
                    resume(resumed, state, executor, runContinuationsAsynchronously);
                }
                return;
            }
            if (casWord(current, next)) {
                return;
            }
        }
    }

    private void clearWaiter() {
        continuation = null;
        continuationState = null;
        continuationExecutor = null;
    }

    static void resume(Consumer<@Nullable Object> continuation, @Nullable Object state,
            @Nullable Executor executor, boolean asynchronously) {
        if ((Object) continuation == UNPARK) {
            LockSupport.unpark((Thread) state);
        } else if ((Object) continuation == DispatchedContinuation.DISPATCH && state != null) {
            ((DispatchedContinuation) state).dispatch(asynchronously); // it has its executor
        } else if (asynchronously) {
            Executor wanted = executor == null ? DispatchedContinuation.ASYNCHRONOUS : executor;
            DispatchedContinuation.of(wanted, continuation, state).dispatch(true);
        } else if (executor == null || CallerContexts.isCurrent(executor)) {
            Trampoline.run(continuation, state);
        } else {
            DispatchedContinuation.of(executor, continuation, state).dispatch(false);
        }
    }

    // The waiting side

    final ValueTaskSourceStatus status(long token) {
        long current = wordAcquire();
        long answer = StateWord.look(current, token);
        if (StateWord.isRefusal(answer)) {
            throw misuse(answer, token, current);
        }
        return switch (StateWord.phase(answer)) {
            case StateWord.SUCCEEDED -> ValueTaskSourceStatus.SUCCEEDED;
            case StateWord.FAULTED -> ValueTaskSourceStatus.FAULTED;
            case StateWord.CANCELED -> ValueTaskSourceStatus.CANCELED;
            default -> ValueTaskSourceStatus.PENDING;
        };
    }

    @SuppressWarnings("unchecked")
    final boolean register(Consumer<?> waiter, @Nullable Object state, long token, int flags) {
        if (waiter == null) {
            throw new NullPointerException("continuation");
        }
        // Asked before the claim: a provider that throws must not leave the source half registered.
        Executor executor = null;
        ContextualContinuation inContext = null;
        if (flags != ValueTaskSourceOnCompletedFlags.NONE) {
            executor = requestedExecutor(flags);
            inContext = ContextualContinuation.capture(flags, waiter, state);
        }
        if (!claimWaiter(token)) {
            return false;
        }
        continuation = (Consumer<@Nullable Object>) (inContext == null ? waiter : ContextualContinuation.RUN);
        continuationState = inContext == null ? state : inContext;
        continuationExecutor = executor;
        return publishWaiter();
    }

    /** Refuses a token that could not register now. Changes nothing. */
    final void checkWaiterPermitted(long token) {
        long current = wordAcquire();
        long answer = StateWord.claimWaiter(current, token);
        if (StateWord.isRefusal(answer)) {
            throw misuse(answer, token, current);
        }
    }

    static @Nullable Executor requestedExecutor(int flags) {
        return (flags & ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT) == 0
                ? null
                : CallerContexts.INSTANCE.currentExecutor();
    }

    /** False if the operation is complete. */
    private boolean claimWaiter(long token) {
        for (;;) {
            long current = wordAcquire();
            long next = StateWord.claimWaiter(current, token);
            if (StateWord.isRefusal(next)) {
                throw misuse(next, token, current);
            }
            if (casWord(current, next)) {
                if (OperationTrace.ON) {
                    trace(OperationTrace.AWAITED, token);
                }
                return StateWord.waiter(next) == StateWord.REGISTERING;
            }
        }
    }

    /** False if the operation completed while the waiter was being written; nothing is left of it then. */
    private boolean publishWaiter() {
        for (;;) {
            long current = wordAcquire();
            long next = StateWord.publishWaiter(current);
            if (StateWord.isDone(StateWord.phase(current))) {
                clearWaiter();
                // Licence: an outcome with REGISTERING has no transition but this one.
                setWordRelease(next);
                return false;
            }
            if (casWord(current, next)) {
                return true;
            }
        }
    }

    /** Wins the right to take the outcome and answers its phase; the caller must {@link #release}. */
    final int consume(long token) {
        for (;;) {
            long current = wordAcquire();
            long next = StateWord.consume(current, token);
            if (StateWord.isRefusal(next)) {
                throw misuse(next, token, current);
            }
            if (casWord(current, next)) {
                if (OperationTrace.ON) {
                    trace(OperationTrace.TAKEN, token);
                }
                return StateWord.phase(current);
            }
        }
    }

    final void release() {
        // Licence: only the winner of consume, or the owner that has withdrawn, leaves CONSUMING.
        setWordRelease(StateWord.release(wordAcquire()));
    }

    // The pool's side, see ValueTaskSourcePool

    /** For the pool that made this source and is about to hand it out. False if it is in use, or has a pool. */
    final boolean joinPool(ValueTaskSourcePool<?> pool) {
        long current = wordAcquire();
        if (StateWord.phase(current) != StateWord.IDLE || membership != null) {
            return false;
        }
        PoolMembership joined = new PoolMembership(pool, this);
        if (!MEMBERSHIP.compareAndSet(this, null, joined)) {
            joined.forget();
            return false;
        }
        joined.rent(current);
        return true;
    }

    /** For the renter that took this source out of its slot. */
    final void leavePool() {
        long next = StateWord.release(wordAcquire());
        requireNonNull(membership).rent(next);
        // Licence: only one takes a source out of a slot, and the winner of consume passed CONSUMING on to it.
        setWordRelease(next);
    }

    final @Nullable PoolMembership membership() {
        return membership;
    }

    /** What the pool's watch is going to say if this source is dropped. Before the word itself, so that it is in order. */
    private void note(long next) {
        PoolMembership joined = membership;
        if (joined != null) {
            joined.note(next);
        }
    }

    final ValueTaskMisuseException misuse(long refusal, long token, long current) {
        return explained(ValueTaskMisuseException.of(refusal, describeSource(), token, current));
    }

    /** With the places of the other parties, if they are remembered. */
    final ValueTaskMisuseException explained(ValueTaskMisuseException misuse) {
        return trace == null ? misuse : trace.explain(misuse);
    }

    /** Only where a test of {@link OperationTrace#ON} has said so. */
    private void trace(int step, long token) {
        requireNonNull(trace).remember(step, token);
    }

    /** How misuse messages name this source. */
    String describeSource() {
        return getClass().getSimpleName();
    }

    /** Tells token, state and waiter, without side effects. */
    @Override
    public String toString() {
        return describeSource() + "[" + StateWord.describe(wordAcquire()) + "]";
    }
}
