package io.valuetask;

/**
 * How the core disposes of a result that nobody is going to take, because its value task was
 * {@linkplain ValueTask#discard discarded}. Providers are found by {@link java.util.ServiceLoader};
 * {@code io.valuetask.netty} brings the one that releases reference-counted messages. What no provider knows and is
 * {@link AutoCloseable} is closed.
 *
 * <p><b>Threading.</b> Called by any thread, also by event loops; must not block. <b>Ownership.</b> The result belongs
 * to the provider that answers true. <b>Allocation.</b> As the provider likes.
 */
public interface ResultReleaser {
    /**
     * Releases a result, if this is the one to do so.
     *
     * @param result the result; not null
     * @return true if the result was released, or needs no release
     * @throws Exception if the release failed; it is reported to the thread's uncaught exception handler
     */
    boolean release(Object result) throws Exception;
}
