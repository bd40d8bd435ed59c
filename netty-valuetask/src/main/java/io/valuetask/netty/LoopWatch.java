package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Closes a channel when its event loop ends. A loop that is shut down closes its channels before its last passes over
 * its tasks, or misses to: one that is told amid its tasks, with no quiet period, ends and leaves them open. Whoever
 * waits would wait for ever.
 *
 * <p>On the handler's executor. Where that is not the channel's event loop, this may be late: the loop may have ended by the
 * time it is to know, or tell of its end when the channel has left it. So who comes from there looks whether it has.
 */
final class LoopWatch implements Runnable {
    private final Channel channel;
    private final Runnable loopIsGone;
    /** Whose set of hooks holds this. Kept, since a channel that left its loop does not name it any more. */
    private @Nullable SingleThreadEventExecutor followed;

    /** The action runs when the loop has ended, on a thread of Netty's: nobody else tells what depends on it. */
    LoopWatch(Channel channel, Runnable loopIsGone) {
        this.channel = channel;
        this.loopIsGone = loopIsGone;
    }

    /** The channel is registered, perhaps with another loop than before. */
    void follow() {
        leave();
        if (channel.eventLoop() instanceof SingleThreadEventExecutor loop) {
            followed = loop;
            try {
                loop.addShutdownHook(this);
            } catch (Throwable thrown) {
                FullQueue.rejection(thrown);
                // Is seen below.
            }
            if (loop.isShuttingDown()) {
                // Its hooks may have run already, and its last tasks with them.
                lookAgainAtTheEndOf(loop);
            }
        }
    }

    /** The channel is registered no more, or the handler is gone. */
    void leave() {
        SingleThreadEventExecutor loop = followed;
        if (loop != null) {
            followed = null;
            try {
                loop.removeShutdownHook(this);
            } catch (Throwable thrown) {
                FullQueue.rejection(thrown);
                // It has no hooks any more.
            }
        }
    }

    /** The loop ends that this is a hook of. On that loop. */
    @Override
    public void run() {
        EventLoop loop = channel.eventLoop();
        if (!loop.inEventLoop() || isBetweenLoops()) {
            return; // it is another one's, or going to be
        }
        lookAgainAtTheEndOf(loop);
        channel.close();
        if (channel.isOpen()) {
            // A handler takes its time over it, or one with an executor of its own does: the loop has no more of it.
            channel.unsafe().close(channel.newPromise());
        }
    }

    private boolean isBetweenLoops() {
        return channel.isOpen() && !channel.isRegistered();
    }

    /** What closing posts may never run. */
    private void lookAgainAtTheEndOf(EventExecutor loop) {
        loop.terminationFuture().addListener(ended -> {
            if (channel.eventLoop() == loop && !isBetweenLoops()) {
                loopIsGone.run();
            }
        });
    }
}
