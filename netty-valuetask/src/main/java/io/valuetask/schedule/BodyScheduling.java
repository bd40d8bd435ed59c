package io.valuetask.schedule;

import org.jspecify.annotations.Nullable;

/**
 * Which scheduler runs the virtual thread of a body.
 *
 * <p><b>Threading.</b> Immutable. <b>Ownership.</b> None. <b>Allocation.</b> None.
 */
public enum BodyScheduling {
    /**
     * The channel's event loop where that {@linkplain EventLoopVirtualThreads#isSupported() can be}, else the common
     * scheduler, which is told once. The system property {@code io.valuetask.bodies} decides for all of these:
     * {@code event-loop} or {@code common}.
     */
    AUTOMATIC,

    /**
     * The channel's event loop: continuations run where the message has arrived, at the price of a callback. What does not
     * park holds up the loop.
     */
    EVENT_LOOP,

    /** The JDK's scheduler of all virtual threads, on as many processors as there are. */
    COMMON;

    /** The system property that decides for {@link #AUTOMATIC}. */
    static final String PROPERTY = "io.valuetask.bodies";

    private static final BodyScheduling PREFERRED = preferred(System.getProperty(PROPERTY));

    /**
     * What this means in this JVM.
     *
     * @return what the system property says in place of {@link #AUTOMATIC}; that itself where nobody has decided
     */
    public BodyScheduling resolved() {
        return this == AUTOMATIC ? PREFERRED : this;
    }

    static BodyScheduling preferred(@Nullable String value) {
        if (value == null || value.equals("automatic")) {
            return AUTOMATIC;
        } else if (value.equals("event-loop")) {
            return EVENT_LOOP;
        } else if (value.equals("common")) {
            return COMMON;
        }
        throw new IllegalArgumentException("unknown value of the system property " + PROPERTY + ": " + value
                + "; it may be automatic, event-loop or common");
    }
}
