package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** What Netty does not tell of a channel that is being registered with an event loop. */
final class Registration {
    private Registration() {}

    /** The loop that the channel was given to; null if it never got that far, and then Netty has closed it. */
    static @Nullable EventLoop loopOf(Channel channel) {
        try {
            return channel.eventLoop();
        } catch (IllegalStateException none) {
            return null;
        }
    }

    /** Closes the channel, registered or about to be. Any thread. */
    static void close(Channel channel) {
        if (loopOf(channel) != null) {
            channel.close();
        }
    }

    /**
     * Closes a channel whose loop has lost the task that registers it, and then runs the action, on a thread of
     * Netty's. A loop that ends may neither run nor refuse a task, see {@link PostedTask}; nobody would ever close
     * the channel then. Called after the channel was given to the loop.
     */
    static void whenLost(Channel channel, Runnable action) {
        EventLoop loop = loopOf(channel);
        if (loop != null && loop.isShutdown()) {
            loop.terminationFuture().addListener(ended -> {
                if (channel.isOpen() && !channel.isRegistered()) {
                    channel.unsafe().closeForcibly();
                }
                action.run();
            });
        }
    }
}
