package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Asks the transport for more while there is room in the queue. On the handler's executor only, but for
 * {@link #taken}.
 */
final class ReadPump implements Runnable {
    private final ValueTaskHandler<?, ?> handler;
    private final InboundQueue queue;
    private boolean started;
    private boolean pumping;
    private boolean again;

    ReadPump(ValueTaskHandler<?, ?> handler, InboundQueue queue) {
        this.handler = handler;
        this.queue = queue;
    }

    /** The channel is active. Answers false if it was before. */
    boolean start() {
        if (started) {
            return false;
        }
        started = true;
        run();
        return true;
    }

    /**
     * Reads ahead, once. Not re-entered: where a read delivers at once, as from a queueing handler or a local channel,
     * the outer call goes round again.
     */
    @Override
    public void run() {
        if (pumping) {
            again = true;
            return;
        }
        pumping = true;
        try {
            do {
                again = false;
                if (wantsMore()) {
                    handler.requestRead();
                }
            } while (again);
        } finally {
            pumping = false;
        }
    }

    private boolean wantsMore() {
        if (!started || handler.isInputEnded() || queue.isPaused()) {
            return false;
        }
        return !queue.isFull() || !queue.pause();
    }

    /** The reader has taken a message. Reader only, any thread. */
    void taken() {
        if (!queue.shouldResume()) {
            return;
        }
        EventExecutor executor = handler.executor();
        if (executor.inEventLoop()) {
            run();
            return;
        }
        try {
            executor.execute(this);
        } catch (RejectedExecutionException terminated) {
            // Nothing more will come.
        }
    }
}
