package io.valuetask;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/**
 * For the flight recorder: a value task or its source was misused, and refused that. The event's stack trace is that of the
 * mistake, also where the code that made it swallows the exception.
 */
@Name("io.valuetask.Misuse")
@Label("Value Task Misuse")
@Category("netty-valuetask")
@Description("A value task was awaited twice, too early, too late or by two parties, or its source was used out of turn")
final class MisuseEvent extends Event {
    @Label("What Happened")
    String message = "";

    static void commit(String message) {
        MisuseEvent event = new MisuseEvent();
        if (event.isEnabled()) {
            event.message = message;
            event.commit();
        }
    }
}
