package io.valuetask.netty;

/**
 * Why a channel was closed, see {@link ValueTaskChannel#closed()}: what came first of these. A {@code switch} over it
 * is complete with the three.
 *
 * <p>A reset is seen while nobody reads: on epoll always; on NIO, which looks at a socket only while it reads, as long as
 * the channel reads ahead, so not while {@linkplain ValueTaskChannelOptions#inboundBounds as much as it may} waits to be
 * read, nor with {@link ValueTaskChannelOptions#readAhead readAhead(false)} between two reads. There it is seen when
 * reading goes on, or when a write fails. The peer's FIN is seen likewise, as the end of what can be read; it closes the
 * channel only without {@linkplain ValueTaskChannelOptions#halfClosure half-closure}; a reset behind it is seen when a write
 * fails. A peer that vanishes without a packet is seen by nobody; idle timeouts are for that.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> None. <b>Allocation.</b> One object per failure.
 */
public sealed interface CloseReason {
    /**
     * This side closed it: {@link ValueTaskChannel#close()}, a handler such as an idle timeout, or the end of the event
     * loop. Also said of a channel whose handler was removed before: what ended it is not known here.
     */
    record Local() implements CloseReason {
        static final Local INSTANCE = new Local();
    }

    /** The peer had finished sending before this side closed. */
    record Remote() implements CloseReason {
        static final Remote INSTANCE = new Remote();
    }

    /**
     * The connection broke, something that was {@linkplain ValueTaskChannel#send sent} could not be, or the pipeline
     * reported an exception and closed the channel for it.
     *
     * @param cause the first failure of these
     */
    record Failed(Throwable cause) implements CloseReason {}
}
