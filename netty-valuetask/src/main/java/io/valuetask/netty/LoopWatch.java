package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Closes a channel when its event loop ends. A loop that is shut down closes its channels before its last passes over
 * its tasks, or misses to: one that is told amid its tasks, with no quiet period, ends and leaves them open. Whoever
 * waits would wait for ever.
 *
 * <p>On the channel's event loop only.
 */
final class LoopWatch implements Runnable {
    private final Channel channel;
    /** Whose set of hooks holds this. Kept, since a channel that left its loop does not name it any more. */
    private @Nullable SingleThreadEventExecutor followed;

    LoopWatch(Channel channel) {
        this.channel = channel;
    }

    /** The channel is registered, perhaps with another loop than before. */
    void follow() {
        leave();
        if (channel.eventLoop() instanceof SingleThreadEventExecutor loop) {
            followed = loop;
            loop.addShutdownHook(this);
        }
    }

    /** The channel is registered no more, or the handler is gone. */
    void leave() {
        SingleThreadEventExecutor loop = followed;
        if (loop != null) {
            followed = null;
            loop.removeShutdownHook(this);
        }
    }

    /** The loop ends. */
    @Override
    public void run() {
        channel.close();
    }
}
