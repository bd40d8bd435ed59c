package io.valuetask.netty;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Catches what the bridge, or Netty, logs as a warning or worse, until closed, and keeps it from the console. */
final class Warnings extends Handler implements AutoCloseable {
    private final Logger logger;
    private final boolean parents;
    private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
    private volatile Error failure;

    Warnings() {
        this("io.valuetask.netty");
    }

    Warnings(String loggers) {
        logger = Logger.getLogger(loggers);
        parents = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** The failures that were logged so far. */
    List<Throwable> thrown() {
        return thrown;
    }

    /** From now on to log throws this; null: it works again. */
    void failWith(Error planted) {
        failure = planted;
    }

    @Override
    public void publish(LogRecord entry) {
        Error planted = failure;
        if (planted != null) {
            throw planted;
        }
        if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
            thrown.add(entry.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(parents);
    }
}
