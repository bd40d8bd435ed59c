package io.valuetask.netty;

import java.lang.invoke.VarHandle;

/** Whether there is room for one more connection that nobody has taken yet, beside those that are on their way. */
final class AcceptRoom {
    /*
     * The loop that has held back, and looks once more, and the taker, who has taken one and then looks: one of the two
     * always sees the other, and asks for the next connection.
     *
     *   loop: heldBack, full fence, what waits          taker: poll (a full fence at its end), heldBack
     *
     * See AcceptRoomStress, and its broken twin.
     */

    private final InboundQueue queue;
    private final int most;

    /** Set on the event loop, cleared by whoever takes a connection then; volatile. */
    private volatile boolean heldBack;

    AcceptRoom(InboundQueue queue, int most) {
        this.queue = queue;
        this.most = most;
    }

    /** If not, whoever takes a connection next is told so. On the event loop. */
    boolean isBeside(int arriving) {
        if (isEnoughFor(arriving)) {
            return true;
        }
        heldBack = true;
        VarHandle.fullFence();
        return isEnoughFor(arriving);
    }

    private boolean isEnoughFor(int arriving) {
        return arriving + queue.size() < most;
    }

    /** Whether the loop waits for what the caller, who takes connections, has just made. */
    boolean isMissed() {
        if (!heldBack) {
            return false;
        }
        heldBack = false;
        return true;
    }
}
