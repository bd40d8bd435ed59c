package io.valuetask.stream;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who may touch what a stream has received: one party at a time, and nobody waits for it. Whoever finds the turn
 * taken leaves word and goes; whoever has it looks again before it leaves.
 */
final class Turn {
    /*
     *               enter                      grant
     *     FREE --------------> HELD ----------------------------> GRANTED
     *      ^                   |  |^                                 |
     *      |       leave       |  ||   redeem, enterToClose          |
     *      +-------------------+  |+---------------------------------+
     *                             |^
     *          enter by others    ||  leave: false, look again
     *                             v|
     *                           CALLED
     *
     *     FREE -> HELD       // any party: reader in ARMING, event loop with a message, closer
     *     HELD -> CALLED     // any other party that wants to enter: it goes, the holder is going to look again
     *   CALLED -> HELD       // holder
     *     HELD -> FREE       // holder
     *     HELD -> GRANTED    // holder, right before it completes a read: the turn goes to whoever consumes that
     *  GRANTED -> HELD       // consumer of that read; or the granter, if the read was cancelled first; or closer
     *
     * In GRANTED nobody is inside. A read that was completed and is never consumed keeps everybody out but the closer,
     * who releases what is there.
     *
     * Every change is a CAS or, where one party alone may change the state, a volatile store; so what was written
     * before enter(), leave() or grant(), by whichever party, is seen after the next change that finds it.
     */
    private static final int FREE = 0;
    private static final int HELD = 1;
    private static final int CALLED = 2;
    private static final int GRANTED = 3;

    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "state",
            VarHandle.class, Turn.class, int.class);

    /** Any thread, by CAS; the holder alone moves CALLED. */
    private volatile int state;

    /**
     * True if the caller has the turn now, and must look and {@link #leave}. False if the holder is going to look for
     * it, or a read is complete and not consumed, so that there is nothing to look for.
     */
    boolean enter() {
        return enter(false);
    }

    /** As {@link #enter}; and takes the turn from a read that is complete and not consumed. */
    boolean enterToClose() {
        return enter(true);
    }

    private boolean enter(boolean revoke) {
        for (;;) {
            int now = state;
            if (now == FREE || (now == GRANTED && revoke)) {
                if (STATE.compareAndSet(this, now, HELD)) {
                    return true;
                }
            } else if (now != HELD || STATE.compareAndSet(this, HELD, CALLED)) {
                return false;
            }
        }
    }

    /** False if somebody came meanwhile: the caller still has the turn, and must look again. Holder only. */
    boolean leave() {
        if (STATE.compareAndSet(this, HELD, FREE)) {
            return true;
        }
        state = HELD;
        return false;
    }

    /** Passes the turn on to the consumer of a read, unless somebody came meanwhile. Holder only. */
    boolean grant() {
        return STATE.compareAndSet(this, HELD, GRANTED);
    }

    /** Takes what was granted; false if the closer has it. Consumer of the read, or the granter whose read is gone. */
    boolean redeem() {
        if (!STATE.compareAndSet(this, GRANTED, HELD)) {
            return false;
        }
        // For the granter, which looks for a pending read next, and may do so with acquire only: a reader that found
        // GRANTED left no word, but made its read pending before, with a full fence between.
        VarHandle.fullFence();
        return true;
    }
}
