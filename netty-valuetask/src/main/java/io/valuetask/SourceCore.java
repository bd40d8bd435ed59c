package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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
            if (casWord(current, next)) {
                return StateWord.generation(next);
            }
        }
    }

    final long start(boolean pending) {
        long token = tryStart(pending);
        if (token < 0) {
            long current = wordAcquire();
            throw misuse(-token, StateWord.generation(current), current);
        }
        return token;
    }

    /** ARMING to PENDING. Full fence, so that the owner may look once more for what arrived before it. */
    final void leaveArmingPending() {
        // Licence: only the owner leaves ARMING, and no token is out that anybody could act on.
        setWordRelease(StateWord.pend(wordAcquire()));
        // Not setVolatile: that is ordered before volatile reads alone, and the owner may look with a weaker one.
        VarHandle.fullFence();
    }

    /** ARMING to SUCCEEDED. */
    final void leaveArmingSucceeded() {
        // Licence: only the owner leaves ARMING, and no token is out that anybody could act on.
        setWordRelease(StateWord.succeed(wordAcquire()));
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
                return 0;
            }
        }
    }

    /** Publishes the outcome that the winner of {@link #claimCompletion} wrote, and resumes the waiter. */
    final void publishOutcome(int outcome) {
        for (;;) {
            long current = wordAcquire();
            long next = StateWord.publishOutcome(current, outcome);
            if (StateWord.waiter(current) == StateWord.REGISTERED) {
                Consumer<@Nullable Object> resumed = requireNonNull(continuation);
                Object state = continuationState;
                Executor executor = continuationExecutor;
                clearWaiter();
                // Licence: COMPLETING with REGISTERED has no transition but this one.
                setWordRelease(next);
                resume(resumed, state, executor);
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
            @Nullable Executor executor) {
        if ((Object) continuation == UNPARK) {
            LockSupport.unpark((Thread) state);
        } else if (executor == null || executor == CallerContexts.INSTANCE.currentExecutor()) {
            Trampoline.run(continuation, state);
        } else {
            try {
                executor.execute(() -> Trampoline.run(continuation, state));
            } catch (RejectedExecutionException terminated) {
                // The executor the waiter wanted is gone. To lose the continuation would hang it for ever.
                Trampoline.run(continuation, state);
            }
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
        Executor executor = requestedExecutor(flags);
        if (!claimWaiter(token)) {
            return false;
        }
        continuation = (Consumer<@Nullable Object>) waiter;
        continuationState = state;
        continuationExecutor = executor;
        return publishWaiter();
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
                return StateWord.phase(current);
            }
        }
    }

    final void release() {
        // Licence: only the winner of consume leaves CONSUMING.
        setWordRelease(StateWord.release(wordAcquire()));
    }

    final ValueTaskMisuseException misuse(long refusal, long token, long current) {
        return ValueTaskMisuseException.of(refusal, describeSource(), token, current);
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
