package io.valuetask.netty;

/**
 * What one connection does, in straight-line code.
 *
 * <p><b>Threading.</b> Runs on a thread of its own, a virtual one, which may block. Where the channel's event
 * loop carries it, it must not compute for long: what does not park holds up the loop. <b>Ownership.</b> The channel
 * is closed when the body ends, however it ends, unless it was {@linkplain ValueTaskChannel#handOver handed over}.
 * <b>Allocation.</b> One thread per connection.
 *
 * @param <I> the type of the messages that are read
 * @param <O> the type of the messages that are written
 */
@FunctionalInterface
public interface ChannelBody<I, O> {
    /**
     * Serves the channel until it returns.
     *
     * @param channel the connection
     * @throws Exception what the body does not handle; an {@link java.io.IOException}, or what has one as its cause, and an
     *         {@link InterruptedException} are logged at debug level, everything else as a warning
     */
    void run(ValueTaskChannel<I, O> channel) throws Exception;
}
