package io.valuetask;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Where the steps of a source's operation were taken, and by which thread, for whoever looks for the other party of a
 * misuse. One for each source while {@code io.valuetask.debug} is true, else none.
 */
final class OperationTrace {
    /** Read once: while it is false, compiled code has nothing of what is behind it. */
    static final boolean ON = Boolean.getBoolean("io.valuetask.debug");

    // What is remembered of an operation, in the order in which it is told.
    static final int STARTED = 0;
    static final int AWAITED = 1;
    static final int COMPLETED = 2;
    static final int TAKEN = 3;

    private static final String[] DONE = {"started", "awaited", "completed", "taken"};

    /**
     * One for each step. Written by the winner of the step, after it has won: who is refused at that moment may still find
     * nothing.
     */
    private final AtomicReferenceArray<@Nullable Place> places = new AtomicReferenceArray<>(DONE.length);

    /** For the field of a source: null while this is off. */
    static @Nullable OperationTrace ofNewSource() {
        return ON ? new OperationTrace() : null;
    }

    /**
     * Remembers the caller's place. Of an operation that was taken no more than that is kept, until the next one is:
     * a second taker learns of the first, also if the source has gone on.
     */
    void remember(int step, long operation) {
        places.set(step, new Place(DONE[step], operation, Thread.currentThread().getName()));
        if (step == TAKEN) {
            for (int earlier = STARTED; earlier < TAKEN; earlier++) {
                places.set(earlier, null);
            }
        }
    }

    /** Gives the exception what is known of the others. */
    ValueTaskMisuseException explain(ValueTaskMisuseException misuse) {
        for (int step = 0; step < places.length(); step++) {
            Place place = places.get(step);
            if (place != null) {
                misuse.addSuppressed(place);
            }
        }
        return misuse;
    }

    /** A stack trace and a sentence. Has the name of the thread and not the thread, so that it keeps nothing alive. */
    private static final class Place extends Throwable {
        private static final long serialVersionUID = 1L;

        Place(String done, long operation, String thread) {
            super("the operation with token=" + operation + " was " + done + " here, by thread="
                    + thread);
        }

        /** Without the name of the class: nothing was thrown. */
        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return requireNonNull(getMessage());
        }
    }
}
