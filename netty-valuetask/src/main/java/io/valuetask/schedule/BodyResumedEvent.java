package io.valuetask.schedule;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * For the flight recorder: a virtual thread went on, on the event loop, and how long it kept that. Once or twice per
 * message, so that a recording has to ask for it.
 */
@Name("io.valuetask.BodyResumed")
@Label("Body Resumed")
@Category({"netty-valuetask", "Event loop"})
@Description("A virtual thread was resumed by the event loop that carries it, until it parked or ended")
@Enabled(false)
@StackTrace(false)
final class BodyResumedEvent extends Event {
    @Label("Body")
    @Nullable
    Thread body;

    /** Null unless somebody records it: then the object that was looked at for that is not made. */
    static @Nullable BodyResumedEvent begun() {
        if (!FlightRecorder.isInitialized()) {
            return null; // also where the compiler would make an object that is only asked one thing
        }
        BodyResumedEvent event = new BodyResumedEvent();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    static void commit(@Nullable BodyResumedEvent event, CarriedThread resumed) {
        if (event != null) {
            event.end();
            if (event.shouldCommit()) {
                event.body = resumed.thread();
                event.commit();
            }
        }
    }
}
