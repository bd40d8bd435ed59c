package io.valuetask.schedule;

import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** For the flight recorder: a body keeps its event loop, and all channels of that, from going on. */
@Name("io.valuetask.LoopBlocked")
@Label("Event Loop Blocked")
@Category({"netty-valuetask", "Event loop"})
@Description("A body has not parked for long, so that no other body and no channel of its event loop went on")
@StackTrace(false)
final class LoopBlockedEvent extends Event {
    @Label("Event Loop")
    String eventLoop = "";

    @Label("Body")
    @Nullable
    Thread body;

    @Label("So Far")
    @Timespan(Timespan.NANOSECONDS)
    long soFar;

    @Label("Where It Is")
    String where = "";

    static void commit(EventLoopCarrier carrier, @Nullable Thread body, Duration soFar, String where) {
        LoopBlockedEvent event = new LoopBlockedEvent();
        if (event.isEnabled()) {
            event.eventLoop = carrier.loop().toString();
            event.body = body;
            event.soFar = soFar.toNanos();
            event.where = where;
            event.commit();
        }
    }
}
