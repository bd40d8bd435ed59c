package io.valuetask;

/**
 * Wishes of a waiter, combined with {@code |}; bits unknown to a source are ignored. Counterpart of .NET's
 * enumeration of the same name; plain {@code int} constants here, because a set of enums would cost an object
 * per wait.
 *
 * <p>In .NET an {@code await} asks for both wishes unless told otherwise. Here nothing is asked for unless it is said:
 * {@link #NONE} is .NET's {@code ConfigureAwait(false)}, {@link #USE_SCHEDULING_CONTEXT} its
 * {@code ConfigureAwait(true)}.
 *
 * <p><b>Threading.</b> Constants. <b>Ownership.</b> None. <b>Allocation.</b> Told at each flag.
 */
public final class ValueTaskSourceOnCompletedFlags {
    /** No wish: the continuation runs where the operation completes. */
    public static final int NONE = 0;

    /**
     * Resume on the executor that is running the registering thread, for example its Netty event loop. Has no
     * effect when the registering thread belongs to no known executor. A continuation that has to change
     * threads costs one small object. If the executor has terminated by then, the continuation runs on the completing
     * thread, since to lose it would hang whoever waits.
     */
    public static final int USE_SCHEDULING_CONTEXT = 1;

    /**
     * Capture the execution context of the registering thread (what {@link ContextPropagation} knows of its thread
     * locals, such as a trace or a logging context) and restore it around the continuation. Has no effect when no
     * {@link ContextPropagation} is at hand. Costs what the capture costs, and one small object.
     */
    public static final int FLOW_EXECUTION_CONTEXT = 2;

    private ValueTaskSourceOnCompletedFlags() {}
}
