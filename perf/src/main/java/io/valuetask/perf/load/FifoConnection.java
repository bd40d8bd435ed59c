package io.valuetask.perf.load;

import io.valuetask.netty.ValueTaskChannel;

/** A connection whose answers come in the order of its operations. */
abstract class FifoConnection extends LoadConnection {
    private final LongQueue intended = new LongQueue();
    private final LongQueue sent = new LongQueue();
    private long sequence;
    private boolean awaitingFin;
    private long awaitingFinSince;

    FifoConnection(LoadLoop owner, LoadOptions options, int number, long delayNanos) {
        super(owner, options, number, delayNanos);
    }

    /** Null before the first connection is open. */
    abstract ValueTaskChannel<?, ?> channel();

    abstract void transmit(long operation);

    @Override
    final void send(long whenIntended) {
        intended.add(whenIntended);
        sent.add(System.nanoTime());
        began(whenIntended);
        transmit(sequence++);
        if (hasSentLast() && options().halfClose) {
            channel().shutdownOutput().discard();
        }
    }

    /** The number of the operation whose answer comes next. */
    final long awaited() {
        return sequence - intended.size();
    }

    /** The answer that comes next is complete. */
    final void answered(boolean good) {
        finished(intended.remove(), sent.remove(), good ? LoadCounter.OK : LoadCounter.BAD_PAYLOAD);
        sendMore();
    }

    /** Whether to stop reading: all is answered, and the peer's FIN, if there is to be one, is not awaited. */
    final boolean isComplete() {
        if (!isDone()) {
            return false;
        }
        awaitingFin = options().halfClose;
        awaitingFinSince = System.nanoTime();
        return !awaitingFin;
    }

    @Override
    final void lose(LoadCounter outcome) {
        awaitingFin = false;
        while (!intended.isEmpty()) {
            finished(intended.remove(), sent.remove(), outcome);
        }
    }

    @Override
    final void expire(long now) {
        if (!sent.isEmpty()) {
            if (now - sent.peek() > options().timeoutNanos()) {
                expired();
            }
        } else if (awaitingFin && now - awaitingFinSince > options().timeoutNanos()) {
            awaitingFin = false;
            owner().count(LoadCounter.NO_FIN);
            expired();
        }
    }

    @Override
    final void closeChannel() {
        if (channel() != null) {
            channel().close();
        }
    }
}
