package io.valuetask.schedule;

/**
 * Starts the threads that run straight-line bodies: virtual threads on the common scheduler.
 *
 * <p><b>Threading.</b> Any thread may start a body. <b>Ownership.</b> A body's thread ends with it.
 * <b>Allocation.</b> One virtual thread per body.
 */
public final class BodyThreads {
    private BodyThreads() {}

    /**
     * Starts a body on a thread of its own.
     *
     * @param name what to call the thread, for dumps; prefixed with {@code valuetask-}
     * @param body what to run
     * @return the started thread
     */
    public static Thread start(String name, Runnable body) {
        return Thread.ofVirtual().name("valuetask-" + name).start(body);
    }
}
