package io.valuetask.netty;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Where a body's failure goes, since nobody awaits a body. */
final class BodyFailures {
    private static final Logger LOGGER = System.getLogger("io.valuetask.netty");

    private BodyFailures() {}

    /** A connection that breaks is everyday life; anything else is somebody's mistake. */
    static void report(ValueTaskChannel<?, ?> channel, Throwable failure) {
        // A codec wraps what broke: a failed TLS handshake arrives as the cause of a DecoderException.
        boolean expected = failure instanceof IOException || failure.getCause() instanceof IOException
                || failure instanceof InterruptedException;
        LOGGER.log(expected ? Level.DEBUG : Level.WARNING,
                () -> "the body of a channel ended with a failure; the channel is closed: " + channel,
                failure);
    }
}
