package io.valuetask.netty;

import io.netty.util.concurrent.EventExecutor;
import io.valuetask.CancellationToken;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.util.concurrent.CancellationException;

/** The reads of a channel that has none, and their deadline. */
final class DeadlineReads extends ReadPump {
    final ActorExecutor executor;
    final ReadSource<String> source;
    final ReadDeadline deadline;
    /** Of the last one that began. */
    long token;

    DeadlineReads(ActorExecutor executor, InboundQueue queue) {
        super(queue, true);
        this.executor = executor;
        source = new ReadSource<>(this, queue);
        deadline = new ReadDeadline(this, source);
    }

    /** As {@link ReadSource#readWithin}, whose deadline is its own. */
    void begin(long timeoutNanos) {
        token = source.read(CancellationToken.NONE);
        deadline.set(token, timeoutNanos);
    }

    /** The read is over, and the next one may begin. */
    void finish() {
        try {
            source.getResult(token);
        } catch (IOException | CancellationException ended) {
            // As well.
        }
    }

    ValueTaskSourceStatus status() {
        return source.getStatus(token);
    }

    @Override
    EventExecutor executor() {
        return executor;
    }

    @Override
    boolean mayRequest() {
        return false;
    }

    @Override
    boolean isWanted() {
        return false;
    }

    @Override
    void request() {}
}
