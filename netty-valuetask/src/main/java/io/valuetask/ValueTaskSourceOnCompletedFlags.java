package io.valuetask;

/**
 * Wishes of a waiter, combined with {@code |}; bits unknown to a source are ignored. Counterpart of .NET's
 * enumeration of the same name; plain {@code int} constants here, because a set of enums would cost an object
 * per wait.
 */
public final class ValueTaskSourceOnCompletedFlags {
    /** No wish: the continuation runs where the operation completes. */
    public static final int NONE = 0;

    /**
     * Resume on the executor that is running the registering thread, for example its Netty event loop. Has no
     * effect when the registering thread belongs to no known executor. A continuation that has to change
     * threads costs one small object.
     */
    public static final int USE_SCHEDULING_CONTEXT = 1;

    private ValueTaskSourceOnCompletedFlags() {}
}
