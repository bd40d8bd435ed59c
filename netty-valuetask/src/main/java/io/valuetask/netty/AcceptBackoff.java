package io.valuetask.netty;

import io.netty.channel.Channel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.ZoneId;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Keeps a server channel that cannot accept, because the process has too many open files or the machine no memory, from
 * trying again at once and for ever: the connection that failed is still first in the backlog. On the event loop only.
 *
 * <p>Netty's own pause needs {@code AUTO_READ}, which is off here.
 */
final class AcceptBackoff implements Runnable {
    static final long FIRST_DELAY_MILLIS = 5;
    static final long LAST_DELAY_MILLIS = 1000;
    /** So many in a row end a bad time. At the limit of open files one may get in now and then. */
    static final int SUCCESSES_TO_RECOVER = 16;

    private static final Logger LOGGER = System.getLogger("io.valuetask.netty");

    static {
        // The JDK's own log writes the time. It reads the zones from a file when it does so first; if that fails it never
        // writes again, and Netty, which logs by it, loses its event loop to the error.
        requireNonNull(ZoneId.systemDefault().getRules(), "rules");
    }

    private final Channel channel;
    private final Runnable resume;

    private long delayMillis = FIRST_DELAY_MILLIS;
    private @Nullable Future<?> timer;
    private boolean reported;
    private int successes;

    AcceptBackoff(Channel channel, Runnable resume) {
        this.channel = channel;
        this.resume = resume;
    }

    boolean isWaiting() {
        return timer != null;
    }

    void succeeded() {
        delayMillis = FIRST_DELAY_MILLIS;
        if (reported && ++successes == SUCCESSES_TO_RECOVER) {
            reported = false;
        }
    }

    void failed(Throwable cause) {
        successes = 0;
        if (!isWaiting()) {
            withdrawRead();
            try {
                // First of all, and an object that is there already: to load a class may take an open file, too.
                timer = channel.eventLoop().schedule(this, delayMillis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException shutDown) {
                return; // the channel is closed with its loop
            }
            delayMillis = Math.min(2 * delayMillis, LAST_DELAY_MILLIS);
        }
        if (!reported) {
            reported = report(cause);
        }
    }

    /** False if even that could not be done for want of a file. Whoever called this would log what it throws. */
    private boolean report(Throwable cause) {
        try {
            LOGGER.log(Level.WARNING,
                    "a server channel cannot accept connections; it tries again after "
                            + FIRST_DELAY_MILLIS + " ms, then less and less often up to every "
                            + LAST_DELAY_MILLIS
                            + " ms, and does not report it again until it has recovered: " + channel,
                    cause);
            return true;
        } catch (Throwable notLogged) {
            return false; // the next failure tries again
        }
    }

    /**
     * The transport still has the request to read, since nothing was read, and would spin. There is no call that takes
     * it back but switching {@code AUTO_READ} off, which has to be on for that.
     */
    void withdrawRead() {
        channel.config().setAutoRead(true).setAutoRead(false);
    }

    /** The delay is over. */
    @Override
    public void run() {
        timer = null;
        resume.run();
    }

    /** The channel is closed, or leaves this event loop. */
    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
