package io.valuetask;

/** Rethrows failures as they are. */
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
}
