package io.valuetask.perf.load;

import io.valuetask.schedule.BodyScheduling;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One connection of the load, with the body that opens it, reads its answers, and opens the next one in its place when it
 * has ended. Belongs to its event loop, which carries the body.
 */
abstract class LoadConnection {
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final int MOST_DOUBLINGS = 4;

    private final LoadLoop owner;
    private final LoadOptions options;
    private final int number;
    private final long delayNanos;
    private final long limit;
    private Thread body;
    private long sentHere;
    private int underWay;
    private boolean tried;
    private boolean begun;
    private boolean usable;
    private boolean offered;
    private boolean expired;

    /**
     * Makes a connection, to be started on the event loop.
     *
     * @param number which of all it is
     * @param delayNanos when it begins to send, after the start
     */
    LoadConnection(LoadLoop owner, LoadOptions options, int number, long delayNanos) {
        this.owner = owner;
        this.options = options;
        this.number = number;
        this.delayNanos = delayNanos;
        limit = options.operationsPerConnection();
    }

    void start() {
        body = startBody("load-" + number, this::run);
    }

    /** Runs something on a virtual thread of the connection's event loop. */
    final Thread startBody(String name, Runnable code) {
        owner.bodyStarted();
        Thread started = EventLoopVirtualThreads.create(BodyScheduling.EVENT_LOOP, owner.loop(), name, () -> {
            try {
                code.run();
            } finally {
                owner.bodyEnded();
            }
        });
        started.start();
        return started;
    }

    private void run() {
        try {
            for (int failures = 0; !owner.isOver();) {
                boolean open = tryOpen();
                if (!tried) {
                    tried = true;
                    owner.tried();
                }
                if (open) {
                    failures = 0;
                    converse();
                } else {
                    long pause = SHORTEST_PAUSE_MILLIS << Math.min(failures++, MOST_DOUBLINGS);
                    TimeUnit.MILLISECONDS.sleep(pause);
                }
            }
        } catch (InterruptedException ended) {
            // That is how a run ends.
        } finally {
            end(LoadCounter.CLOSED);
        }
    }

    private boolean tryOpen() throws InterruptedException {
        try {
            open();
            owner.count(LoadCounter.OPENED);
            return true;
        } catch (InterruptedException ended) {
            throw ended;
        } catch (Exception failure) {
            owner.count(isRefusal(failure) ? LoadCounter.REFUSED : LoadCounter.CONNECT_ERROR);
            closeChannel();
            return false;
        }
    }

    private void converse() throws InterruptedException {
        expired = false;
        sentHere = 0;
        usable = true;
        LoadCounter outcome = LoadCounter.CLOSED;
        try {
            owner.available(this);
            while (readAnswer()) {
                // Each a call of its own: one long call would be compiled late, and its parked frames never.
            }
        } catch (InterruptedException ended) {
            throw ended;
        } catch (BadAnswer bad) {
            outcome = LoadCounter.BAD_PAYLOAD;
        } catch (Exception failure) {
            outcome = expired ? LoadCounter.TIMEOUT : outcomeOf(failure);
        } finally {
            end(outcome);
        }
    }

    private void end(LoadCounter outcome) {
        usable = false;
        closeChannel();
        lose(outcome);
    }

    static boolean isRefusal(Throwable failure) {
        return failure instanceof ConnectException && message(failure).contains("refused");
    }

    static LoadCounter outcomeOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = message(cause);
            if (message.contains("reset") || message.contains("broken pipe")) {
                return LoadCounter.RESET;
            }
        }
        return LoadCounter.CLOSED;
    }

    private static String message(Throwable failure) {
        return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    }

    /** The answers on a connection make no sense any more. */
    static final class BadAnswer extends IOException {
        private static final long serialVersionUID = 1;

        BadAnswer(String message) {
            super(message);
        }
    }

    // What a protocol does

    /** Opens the connection, so that operations can be sent. */
    abstract void open() throws Exception;

    /**
     * Reads an answer, or some part of one; closes nothing.
     *
     * @return false if the connection has ended, or {@link #isDone}
     */
    abstract boolean readAnswer() throws Exception;

    /** Sends one operation; there is room for it. Does not wait. */
    abstract void send(long intended);

    /** What is under way is lost in this manner. */
    abstract void lose(LoadCounter outcome);

    /** Closes the connection if there is one. */
    abstract void closeChannel();

    /** Looks for operations that have taken too long, and {@link #expired() says so}. */
    abstract void expire(long now);

    // For the protocols

    final void began(long intended) {
        underWay++;
        sentHere++;
        owner.sent(intended);
    }

    final void finished(long intended, long sent, LoadCounter outcome) {
        underWay--;
        owner.finished(intended, sent, outcome);
    }

    /** Sends what waits for room, in an open loop, or the next operation in a closed one. */
    final void sendMore() {
        owner.available(this);
    }

    /** No more operations on this connection. */
    final void retire() {
        usable = false;
    }

    /** An answer is too late: the connection is closed, and what is under way on it has timed out. */
    final void expired() {
        expired = true;
        usable = false;
        closeChannel();
    }

    /** Whether the operation that was sent last is the last one of this connection. */
    final boolean hasSentLast() {
        return limit > 0 && sentHere == limit;
    }

    /** Whether this connection has done what it was for. */
    final boolean isDone() {
        return underWay == 0 && (hasSentLast() || !usable);
    }

    final int underWay() {
        return underWay;
    }

    final int number() {
        return number;
    }

    final LoadOptions options() {
        return options;
    }

    final LoadLoop owner() {
        return owner;
    }

    /** How many operations may be under way. */
    int capacity() {
        return options.pipelining;
    }

    // For the loop

    /** From here on it sends. */
    final void begin() {
        begun = true;
        sendMore();
    }

    final long delayNanos() {
        return delayNanos;
    }

    final boolean canSend() {
        return begun && usable && underWay < capacity() && !hasSentLast();
    }

    final boolean isOffered() {
        return offered;
    }

    final void setOffered(boolean whether) {
        offered = whether;
    }

    void interrupt() {
        body.interrupt();
    }
}
