package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.lookup;

/**
 * What an {@link AsyncIteratorSource} holds: the word, the element and the failure, and the steps that change them. Who
 * waits for a step is not known here.
 */
abstract class IteratorCore<T> {
    private static final VarHandle WORD = ConstantBootstraps.fieldVarHandle(lookup(), "word", VarHandle.class,
            IteratorCore.class, int.class);

    /** Any thread, by CAS; read with getAcquire. {@link IteratorWord} draws it. */
    @SuppressWarnings("unused")
    private volatile int word;

    // Written plainly by the producer in FILLING; read by the consumer in TAKEN, and cleared by it when it moves on; read
    // and cleared by the closer that left FULL. Published by the word.
    private @Nullable T slot;

    // Written plainly by the winner of ENDING, and cleared by it if the end came too late; read in ENDED. Published by
    // the word.
    private @Nullable Throwable failure;

    IteratorCore() {}

    final int wordAcquire() {
        return (int) WORD.getAcquire(this);
    }

    private boolean casWord(int expected, int next) {
        return WORD.compareAndSet(this, expected, next);
    }

    // Steps of the producer

    /** Zero if the element is in the slot now, else the refusal. */
    final int put(T value) {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.claimSlot(current);
            if (IteratorWord.isRefusal(next)) {
                return next;
            }
            if (casWord(current, next)) {
                slot = value;
                return publishElement();
            }
        }
    }

    private int publishElement() {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.publishElement(current);
            boolean closed = IteratorWord.slot(next) == IteratorWord.EMPTY;
            if (closed) {
                slot = null;
            }
            if (casWord(current, next)) {
                return closed ? IteratorWord.REFUSED_CLOSED : 0;
            }
        }
    }

    /** True if this is the end: a failure or, without one, the end of the elements. */
    final boolean end(@Nullable Throwable cause) {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.claimEnd(current);
            if (IteratorWord.isRefusal(next)) {
                return false;
            }
            if (casWord(current, next)) {
                failure = cause;
                return publishEnd();
            }
        }
    }

    private boolean publishEnd() {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.publishEnd(current);
            if (IteratorWord.isRefusal(next)) {
                failure = null;
                return false;
            }
            if (casWord(current, next)) {
                return true;
            }
        }
    }

    // Steps of the consumer

    /** Asks for the next element and lets go of the current one. True if the producer has to be told. */
    final boolean ask() {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.ask(current);
            if (next == current) {
                return false;
            }
            if (IteratorWord.slot(current) == IteratorWord.TAKEN) {
                slot = null; // the asking consumer alone leaves TAKEN
            }
            if (casWord(current, next)) {
                return true;
            }
        }
    }

    /** Takes the element that was promised; false if the iterator was closed meanwhile. */
    final boolean takeElement() {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.take(current);
            if (IteratorWord.isRefusal(next)) {
                return false;
            }
            if (casWord(current, next)) {
                return true;
            }
        }
    }

    /** The element that was taken, or null. */
    final @Nullable T currentOrNull() {
        return IteratorWord.slot(wordAcquire()) == IteratorWord.TAKEN ? slot : null;
    }

    /** The failure that is the end, or null. Only after {@link IteratorWord#ANSWER_END}. */
    final @Nullable Throwable failure() {
        return failure;
    }

    /** True if this call has closed the iterator. It releases the element that nobody took. */
    final boolean closeAndRelease() {
        for (;;) {
            int current = wordAcquire();
            int next = IteratorWord.close(current);
            if (IteratorWord.isRefusal(next)) {
                return false;
            }
            if (casWord(current, next)) {
                if (IteratorWord.slot(current) == IteratorWord.FULL) {
                    T untaken = slot;
                    slot = null; // EMPTY and CLOSED: nobody writes it any more
                    Discarding.release(untaken);
                }
                return true;
            }
        }
    }
}
