package io.valuetask.schedule;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For the flight recorder: a virtual thread begins its body on an event loop. The event's thread is that one. */
@Name("io.valuetask.BodyStarted")
@Label("Body Started")
@Category({"netty-valuetask", "Event loop"})
@Description("A virtual thread begins to run on the event loop that carries it")
@StackTrace(false)
final class BodyStartedEvent extends Event {
    @Label("Event Loop")
    String eventLoop = "";

    static void commit(EventLoopCarrier carrier) {
        BodyStartedEvent event = new BodyStartedEvent();
        if (event.isEnabled()) {
            event.eventLoop = carrier.loop().toString();
            event.commit();
        }
    }
}
