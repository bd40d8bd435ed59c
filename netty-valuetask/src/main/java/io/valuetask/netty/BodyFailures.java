package io.valuetask.netty;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Where a body's failure goes, since nobody awaits a body. */
final class BodyFailures {
    private static final Logger LOGGER = System.getLogger("io.valuetask.netty");

    private BodyFailures() {}

    /** What ends a body, or the callback that begins one. */
    static void report(ValueTaskChannel<?, ?> channel, Throwable failure) {
        log("the code that serves a channel ended with a failure; the channel is closed: ", channel, failure);
    }

    /** What the pipeline reported and nobody read. */
    static void reportUnread(ValueTaskChannel<?, ?> channel, Throwable failure) {
        log("the pipeline of a channel reported a failure that nobody read: ", channel, failure);
    }

    /** A connection that breaks is everyday life; anything else is somebody's mistake. */
    private static void log(String what, ValueTaskChannel<?, ?> channel, Throwable failure) {
        // A codec wraps what broke: a failed TLS handshake arrives as the cause of a DecoderException.
        boolean expected = failure instanceof IOException || failure.getCause() instanceof IOException
                || failure instanceof InterruptedException;
        LOGGER.log(expected ? Level.DEBUG : Level.WARNING, () -> what + channel, failure);
    }
}
