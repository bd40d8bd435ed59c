package io.valuetask.netty;

import io.netty.channel.Channel;
import io.valuetask.ValueTask;
import org.jspecify.annotations.Nullable;

/**
 * A Netty channel as awaitable operations. Get it from {@link ValueTaskChannelInitializer} or
 * {@link ValueTaskHandler#channel()}.
 *
 * {@snippet :
 * for (ByteBuf message; (message = channel.read().await()) != null;) {
 *     channel.writeAndFlush(message).await();
 * }
 * }
 *
 * <p><b>Threading.</b> Every method may be called by any thread: the event loop, a virtual thread, any other. One
 * read at a time; writes may overlap, and those of one thread keep their order. Continuations run on the event
 * loop, those of a cancelled operation where it was cancelled. <b>Ownership.</b> A message that {@code read} returned belongs to the caller, who releases it or writes
 * it. A message given to {@code write} belongs to the channel from the call on, whatever happens. Whoever got the
 * channel closes it; a {@linkplain ValueTaskChannelInitializer#serve served} one is closed for its body.
 * <b>Allocation.</b> None per read, write and flush while each value task is consumed and no more than eight
 * writes and two flushes are in flight at once, beyond which each is one object; {@code close} and
 * {@code closed} make a few objects per call.
 *
 * @param <I> the type of the messages that are read
 * @param <O> the type of the messages that are written
 */
public final class ValueTaskChannel<I, O> {
    private final ValueTaskHandler<I, O> handler;

    ValueTaskChannel(ValueTaskHandler<I, O> handler) {
        this.handler = handler;
    }

    /**
     * Reads the next message.
     *
     * <p>The read completes when a message has arrived, the peer has finished, or the pipeline reported a failure;
     * failures keep their place among the messages. Cancelling it loses nothing: the message stays first in the
     * queue.
     *
     * @return the message, or null at the end of the stream. Fails with the exception that the pipeline reported,
     *         with {@link java.nio.channels.ClosedChannelException} after {@link #close()} here, and with
     *         an {@link java.io.IOException} when the handler was removed from the pipeline
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not taken; that
     *         read is not affected
     */
    public ValueTask<@Nullable I> read() {
        ReadSource<I> reads = handler.reads();
        return ValueTask.fromSource(reads, InlineBarrier.read(reads));
    }

    /**
     * Writes a message without flushing it. Completes when its bytes have left for the transport, so not before a
     * flush.
     *
     * @param message the message; the channel releases it
     * @return completes when the message was written, and fails as Netty's promise would
     */
    public ValueTask<@Nullable Void> write(O message) {
        WriteOperation write = InlineBarrier.write(handler, message, false);
        return ValueTask.fromSource(write, write.token());
    }

    /**
     * Flushes what was written before.
     *
     * @return completes when everything written before has left for the transport; fails if one of the
     *         {@code write}s since the {@code flush} before has failed
     */
    public ValueTask<@Nullable Void> flush() {
        FlushOperation flush = InlineBarrier.flush(handler);
        return ValueTask.fromSource(flush, flush.token());
    }

    /**
     * Writes a message and flushes. Completes when its bytes have left for the transport.
     *
     * <p>Cancelling it, by an interrupt or a timeout, drops a message that the pipeline has not got yet; after that
     * the waiter is let go and the message may or may not be sent.
     *
     * @param message the message; the channel releases it
     * @return completes when the message was written, and fails as Netty's promise would
     */
    public ValueTask<@Nullable Void> writeAndFlush(O message) {
        WriteOperation write = InlineBarrier.write(handler, message, true);
        return ValueTask.fromSource(write, write.token());
    }

    /**
     * Closes the channel: what was written is flushed and may leave within ten seconds; what was not read is
     * released; a pending read fails. Closing again does nothing and is no mistake.
     *
     * @return completes when the channel is closed; need not be awaited
     */
    public ValueTask<@Nullable Void> close() {
        return handler.close();
    }

    /**
     * Waits until the channel is closed, by whichever side.
     *
     * @return completes when the channel is closed; each call returns an independent value task
     */
    public ValueTask<@Nullable Void> closed() {
        return handler.closed();
    }

    /**
     * The Netty channel behind this one, for its addresses, options and attributes. To read from it or to write to
     * it directly bypasses what is promised here.
     *
     * @return the channel
     */
    public Channel channel() {
        return handler.nettyChannel();
    }

    /** Tells the Netty channel, the state of the read, what is queued and how many writes are in flight. */
    @Override
    public String toString() {
        return handler.describe();
    }
}
