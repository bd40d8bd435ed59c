package io.valuetask;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;

/** What ties a source to its pool: the way back, and a watch that outlives the source. One object for all its life. */
final class PoolMembership {
    private static final Logger LOGGER = System.getLogger("io.valuetask");
    private static final Cleaner CLEANER = Cleaner.create();

    private final ValueTaskSourcePool<?> pool;
    private final Rental rental;
    private final Cleaner.Cleanable watch;

    PoolMembership(ValueTaskSourcePool<?> pool, SourceCore source) {
        this.pool = pool;
        rental = new Rental(source.describeSource(), pool.ledger());
        watch = CLEANER.register(source, rental);
    }

    /** The source is about to be handed out; it has this word. */
    void rent(long word) {
        rental.word = word;
        rental.current = true;
    }

    /** The source is about to have this word. */
    void note(long word) {
        rental.word = word;
    }

    boolean isRented() {
        return rental.current;
    }

    /** The outcome was taken. Called once per rental, as consumption has one winner. */
    void giveBack(ManualResetSource source) {
        rental.current = false;
        if (!pool.keep(source)) {
            drop();
        }
    }

    /** The outcome was taken, but somebody may still hold the source: it is not to be used again. */
    void retire() {
        rental.current = false;
        drop();
    }

    private void drop() {
        pool.ledger().dropped.incrementAndGet();
        forget();
    }

    /** Ends the watch over a source that is not rented. */
    void forget() {
        watch.clean();
    }

    /**
     * What is left of a source when it is garbage. The cleaner holds it, so it must not lead to the source: not to the
     * pool either, whose slots do.
     *
     * <p>The fields are plain: the parties that write them are those that move the source's word, one after the other,
     * and the one reader comes after the last of them, when the source is garbage. For whoever asks before, it is a
     * remark in a message.
     */
    private static final class Rental implements Runnable {
        private final String source;
        private final PoolLedger ledger;
        private long word;
        private boolean current;

        Rental(String source, PoolLedger ledger) {
            this.source = source;
            this.ledger = ledger;
        }

        /** Runs once: when the source is garbage, or was dropped. */
        @Override
        public void run() {
            if (!current) {
                return;
            }
            long lost = ledger.lost.incrementAndGet();
            LOGGER.log(Level.WARNING, () -> describe() + ", lost=" + lost);
        }

        private String describe() {
            int phase = StateWord.phase(word);
            String state = ", state=" + StateWord.phaseName(phase) + ", source=" + source;
            return phase == StateWord.IDLE
                    ? "a source was rented from its pool and never armed: token=none" + state
                            + "; rent one only for an operation that is started"
                    : "a value task of a pooled source was dropped before its outcome was taken: token="
                            + StateWord.generation(word) + state
                            + "; await each value task, or say with discard() that nobody will";
        }
    }
}
