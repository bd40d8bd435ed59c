package io.valuetask.netty;

import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An end that comes once, for any number of parties, each of which waits for it with a value task of its own. Whoever
 * gives up is forgotten, since what they wait for may live long. Any thread.
 */
final class EndSignal<R extends @Nullable Object> {
    /*
     *   await: joins those who wait; looks at over       tell: writes over; looks at those who wait
     *
     * One of the two sees the other; if both do, one of them takes it out of those who wait.
     * See EndSignalStress, and its broken twins.
     */
    private static final VarHandle TOLD = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "told",
            VarHandle.class, EndSignal.class, boolean.class);

    private final Set<Consumer<? super R>> waiting = ConcurrentHashMap.newKeySet();

    /** By CAS: the first to tell wins. */
    @SuppressWarnings("unused")
    private volatile boolean told;
    /** Written plainly by the winner of told, and read by whoever has seen over. */
    private @Nullable R outcome;
    /** Written by the winner of told, after the outcome. */
    private volatile boolean over;

    /** The end has come. Does nothing if it had come before. */
    void tell(R how) {
        if (!TOLD.compareAndSet(this, false, true)) {
            return;
        }
        outcome = how;
        over = true;
        waiting.forEach(this::tellOnce);
    }

    ValueTask<R> await() {
        if (over) {
            return ValueTask.completed(outcome());
        }
        Wait wait = begin();
        return ValueTask.fromSource(wait, wait.token);
    }

    Wait begin() {
        Wait wait = new Wait();
        onEnd(wait);
        return wait;
    }

    /** For a party that does not give up, or {@linkplain #forget says} so. Runs where the end is told. */
    void onEnd(Consumer<? super R> party) {
        waiting.add(party);
        if (over) {
            tellOnce(party);
        }
    }

    /** A party of {@link #onEnd} does give up. It may be told nevertheless, at the same time. */
    void forget(Consumer<? super R> party) {
        waiting.remove(party);
    }

    private void tellOnce(Consumer<? super R> party) {
        if (waiting.remove(party)) {
            party.accept(outcome());
        }
    }

    /** Null where that is a legal outcome, which the null checker cannot know. */
    @SuppressWarnings("NullAway")
    private R outcome() {
        return outcome;
    }

    /** One party's. */
    final class Wait extends ManualResetValueTaskSource<R> implements Consumer<R> {
        final long token = arm();

        @Override
        public void accept(R how) {
            tryComplete(token, how);
        }

        @Override
        public boolean cancel(long operation) {
            if (!tryCancel(operation)) {
                return false;
            }
            waiting.remove(this);
            return true;
        }
    }
}
