package io.valuetask;

/** Rethrows failures as they are, and reports those that nobody can be told. */
final class Failures {
    private Failures() {}

    /**
     * Throws {@code failure} itself, checked or not, past the compiler. An operation's own exception reaches its
     * waiter unwrapped, so that {@code catch} clauses mean what they say.
     *
     * @return never; declared so that callers can write {@code throw}
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
        throw (E) failure;
    }

    /** Hands a failure that has no caller to the thread's uncaught exception handler. Never throws. */
    static void report(Throwable failure) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        } catch (Throwable ofHandler) {
            // The last resort has failed; what is left is not to harm the event loop.
            if (ofHandler != failure) { // some handlers throw what they are given
                failure.addSuppressed(ofHandler);
            }
        }
    }
}
