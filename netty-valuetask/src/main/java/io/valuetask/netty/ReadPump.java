package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Asks the transport for more while there is room in the queue. On the producer's executor only, but for
 * {@link #taken} and {@link #wanted}.
 */
abstract class ReadPump extends HomingTask {
    private final InboundQueue queue;
    /** False: only while a read is pending. */
    private final boolean ahead;
    private boolean started;
    private boolean pumping;
    private boolean again;

    ReadPump(InboundQueue queue, boolean ahead) {
        this.queue = queue;
        this.ahead = ahead;
    }

    /** Who offers to the queue. Any thread. */
    @Override
    abstract EventExecutor executor();

    /** Has the task run later, on that executor or by one that goes on there. On that executor. */
    Future<?> schedule(HomingTask task, long nanos) {
        return executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Whether there is anything to ask for, apart from room in the queue. */
    abstract boolean mayRequest();

    /** Whether somebody waits for it. Asked only of a pump that does not read ahead. */
    abstract boolean isWanted();

    /** There is no room in the queue, until {@link #taken} finds some. */
    void heldUp() {}

    /** Asks the transport. May deliver at once. */
    abstract void request();

    /** The channel is active. Answers false if it was before. */
    final boolean start() {
        if (started) {
            return false;
        }
        started = true;
        pump();
        return true;
    }

    @Override
    final void runAtHome() {
        pump();
    }

    /**
     * Reads ahead, once. Not re-entered: where a read delivers at once, as from a queueing handler or a local channel,
     * the outer call goes round again.
     */
    final void pump() {
        if (pumping) {
            again = true;
            return;
        }
        pumping = true;
        try {
            do {
                again = false;
                if (wantsMore()) {
                    request();
                }
            } while (again);
        } finally {
            pumping = false;
        }
    }

    private boolean wantsMore() {
        if (!started || !mayRequest() || queue.isPaused()) {
            return false;
        }
        if (queue.isFull() && queue.pause()) {
            heldUp();
            return false;
        }
        return ahead || isWanted();
    }

    /** The reader has taken a message. Reader only, any thread. */
    void taken() {
        if (queue.shouldResume()) {
            enter();
        }
    }

    /** A read is pending. Any thread. */
    final void wanted() {
        if (!ahead) {
            enter();
        }
    }
}
