package io.valuetask.netty;

/**
 * Why a channel was closed, see {@link ValueTaskChannel#closed()}: what came first of these. A {@code switch} over it
 * is complete with the three.
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
