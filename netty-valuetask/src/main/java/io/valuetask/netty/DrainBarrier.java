package io.valuetask.netty;

import java.util.concurrent.RejectedExecutionException;

/** Stands behind the last write that {@code close()} still lets out, and closes the channel when it is reached. */
final class DrainBarrier extends ChannelOperation {
    DrainBarrier(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    @Override
    boolean isBarrier() {
        return true;
    }

    @Override
    void passBarrier() {
        handler.ending().closeNow();
    }

    /** At the deadline. */
    @Override
    void proceed() {
        handler.ending().closeNow();
    }

    @Override
    void perform(boolean claimed) {
        throw new AssertionError("a barrier is not performed: " + this);
    }

    @Override
    void reject(RejectedExecutionException terminated) {
        // The executor has ended, and with it the channel.
    }

    @Override
    void abandon(Throwable cause) {
        // Behind the writes that are abandoned with it; passes when they are gone.
    }
}
