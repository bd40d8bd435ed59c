package io.valuetask;

/**
 * The state of an {@link AsyncIteratorSource}: one {@code int}, and every legal change of it as a pure function, as
 * {@link StateWord} is for a source. {@code IteratorWordTest} tests all of them in all states.
 */
final class IteratorWord {
    /*
     *    31                         5 4   3 2    0
     *   +----------------------------+-----+------+
     *   |             0              | end | slot |
     *   +----------------------------+-----+------+
     *
     * The slot holds at most one element. From FULL on it is what the consumer takes and then looks at, so an element
     * is never copied from a queue to a "current" field:
     *
     *        EMPTY -> WANTED                 // consumer: moveNext() for the first time
     *        EMPTY, WANTED -> FILLING        // producer: wins the right to write the slot
     *      FILLING -> FULL                   // same producer: publishes the element
     *      FILLING -> EMPTY                  // same producer, which finds CLOSED: the element stays its own
     *         FULL -> TAKEN                  // consumer, in the step that consumes moveNext(): the element is its own
     *        TAKEN -> WANTED                 // consumer: moveNext(), and lets go of the element
     *         FULL -> EMPTY with end=CLOSED  // closer: the element that nobody took is its own
     *
     * A moveNext() that finds WANTED (an earlier one was cancelled), FILLING or FULL changes nothing.
     *
     *   end:  OPEN -> ENDING                 // producer: wins the right to write the failure
     *       ENDING -> ENDED                  // same producer: publishes the end, which comes after the element
     *       OPEN, ENDING, ENDED -> CLOSED    // consumer: wants no more; an end in the making comes too late
     */

    static final int EMPTY = 0;
    static final int WANTED = 1;
    static final int FILLING = 2;
    static final int FULL = 3;
    static final int TAKEN = 4;

    static final int OPEN = 0;
    static final int ENDING = 1;
    static final int ENDED = 2;
    static final int CLOSED = 3;

    private static final int SLOT_MASK = 0b111;
    private static final int END_SHIFT = 3;

    /** A move has to wait. */
    static final int ANSWER_NOTHING = 0;
    /** A move comes to an element. */
    static final int ANSWER_ELEMENT = 1;
    /** A move comes to the end, or to the failure that is it. */
    static final int ANSWER_END = 2;
    /** A move is cancelled. */
    static final int ANSWER_CLOSED = 3;

    // Refusals: what a transition function answers instead of a word. No word is negative.

    /** The consumer has closed the iterator. */
    static final int REFUSED_CLOSED = -1;
    /** The producer has ended the sequence, or is about to. */
    static final int REFUSED_ENDED = -2;
    /** Another producer is writing its element at this moment. */
    static final int REFUSED_SECOND_PRODUCER = -3;
    /** The consumer has not asked for the element after the last one. */
    static final int REFUSED_UNASKED = -4;

    private IteratorWord() {}

    static int slot(int word) {
        return word & SLOT_MASK;
    }

    static int end(int word) {
        return word >>> END_SHIFT;
    }

    static int word(int slot, int end) {
        return end << END_SHIFT | slot;
    }

    static boolean isRefusal(int answer) {
        return answer < 0;
    }

    // Events of the producer

    static int claimSlot(int word) {
        return switch (end(word)) {
            case OPEN -> switch (slot(word)) {
                case EMPTY, WANTED -> word(FILLING, OPEN);
                case FILLING -> REFUSED_SECOND_PRODUCER;
                default -> REFUSED_UNASKED;
            };
            case CLOSED -> REFUSED_CLOSED;
            default -> REFUSED_ENDED;
        };
    }

    /** Only the producer that won {@link #claimSlot} may ask. EMPTY: the element stays the producer's. */
    static int publishElement(int word) {
        if (slot(word) != FILLING) {
            throw impossible("publishElement", word);
        }
        return word(end(word) == CLOSED ? EMPTY : FULL, end(word));
    }

    static int claimEnd(int word) {
        return switch (end(word)) {
            case OPEN -> word(slot(word), ENDING);
            case CLOSED -> REFUSED_CLOSED;
            default -> REFUSED_ENDED;
        };
    }

    /** Only the producer that won {@link #claimEnd} may ask. */
    static int publishEnd(int word) {
        return switch (end(word)) {
            case ENDING -> word(slot(word), ENDED);
            case CLOSED -> REFUSED_CLOSED;
            default -> throw impossible("publishEnd", word);
        };
    }

    /** Whether the consumer has asked for an element that was not emitted yet. */
    static boolean isWanted(int word) {
        return slot(word) == WANTED;
    }

    // Events of the consumer

    /** Only the consumer that started a move may ask. The same word: there is nothing to tell the producer. */
    static int ask(int word) {
        return switch (slot(word)) {
            case EMPTY, TAKEN -> word(WANTED, end(word));
            default -> word;
        };
    }

    /** What a move has to answer. An element, also one that is being written, comes before the end. */
    static int answer(int word) {
        int end = end(word);
        if (end == CLOSED) {
            return ANSWER_CLOSED;
        }
        return switch (slot(word)) {
            case FULL -> ANSWER_ELEMENT;
            case FILLING -> ANSWER_NOTHING;
            default -> end == ENDED ? ANSWER_END : ANSWER_NOTHING;
        };
    }

    /** Only the consumer to which an element was promised may ask. */
    static int take(int word) {
        if (end(word) == CLOSED) {
            return REFUSED_CLOSED;
        } else if (slot(word) != FULL) {
            throw impossible("take", word);
        }
        return word(TAKEN, end(word));
    }

    /** From FULL it leads to EMPTY: the element is the closer's, to be released. */
    static int close(int word) {
        if (end(word) == CLOSED) {
            return REFUSED_CLOSED;
        }
        return word(slot(word) == FULL ? EMPTY : slot(word), CLOSED);
    }

    // Names

    static String slotName(int slot) {
        return switch (slot) {
            case EMPTY -> "EMPTY";
            case WANTED -> "WANTED";
            case FILLING -> "FILLING";
            case FULL -> "FULL";
            case TAKEN -> "TAKEN";
            default -> throw new AssertionError("slot=" + slot);
        };
    }

    static String endName(int end) {
        return switch (end) {
            case OPEN -> "OPEN";
            case ENDING -> "ENDING";
            case ENDED -> "ENDED";
            case CLOSED -> "CLOSED";
            default -> throw new AssertionError("end=" + end);
        };
    }

    static String describe(int word) {
        return "slot=" + slotName(slot(word)) + ", end=" + endName(end(word));
    }

    private static AssertionError impossible(String event, int word) {
        return new AssertionError(event + ": " + describe(word));
    }
}
