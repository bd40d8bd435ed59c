package io.valuetask;

/**
 * The state of a reusable source: one {@code long}, and every legal change of it as a pure function.
 *
 * <p>Nothing here has fields or effects. {@link SourceCore} reads the word, asks this class what the event
 * leads to, and installs the answer with a compare-and-set, or a release store where only one party may. So the whole protocol can be tested exhaustively
 * without a thread, see {@code StateWordTest}.
 */
final class StateWord {
    /*
     * One 64-bit word holds everything two threads may race on:
     *
     *    63                                          8 7   5 4  3 2   0
     *   +---------------------------------------------+-----+----+-----+
     *   |                 generation                  |  0  | w  |phase|
     *   +---------------------------------------------+-----+----+-----+
     *
     *   generation -- bumped by every arm/begin, handed out as the token    (bits 8-63, never wraps)
     *   reserved   -- zero in every word; bit 7 marks an answer as a refusal (bits 5-7)
     *   w          -- NONE, REGISTERING, REGISTERED or ANSWERED              (bits 3-4)
     *   phase      -- one of the eight below                                 (bits 0-2)
     *
     * Transitions, each with the only party allowed to cause it:
     *
     *         IDLE -> ARMING      w=NONE, generation+1  // owner: begin(), no token is out yet
     *         IDLE -> PENDING     w=NONE, generation+1  // owner: arm(), begin() and pend() in one step
     *       ARMING -> PENDING                           // same owner: pend()
     *       ARMING -> SUCCEEDED                         // same owner: the operation needed no wait
     *       ARMING -> CONSUMING                         // same owner: nobody is to have it
     *      PENDING -> COMPLETING                        // completer: wins the right to write the outcome
     *   COMPLETING -> SUCCEEDED, FAULTED, CANCELED      // same completer: publishes the outcome
     *     SUCCEEDED, FAULTED, CANCELED -> CONSUMING     // consumer: wins the right to take the outcome
     *    CONSUMING -> IDLE                              // same consumer: the generation is spent; of a source
     *                                                   // that lies in a pool: the next renter
     *
     *   and of the waiter, while the phase is PENDING or COMPLETING:
     *
     *         NONE -> REGISTERING                       // registrant: wins the right to write its waiter
     *  REGISTERING -> REGISTERED                        // same registrant: publishes the waiter
     *   REGISTERED -> ANSWERED                          // completer, in the step that publishes the outcome
     *
     *   or, when the outcome came first (phase SUCCEEDED, FAULTED, CANCELED):
     *
     *         NONE -> ANSWERED                          // registrant is told "already complete", once
     *  REGISTERING -> ANSWERED                          // same, when the outcome overtook a registration
     *
     *   and any w -> NONE with CONSUMING -> IDLE.
     *
     * REGISTERING with a published outcome bars consumers: the registrant is still inside the source. It is
     * told "already complete" and consumes; anybody else who tried meanwhile is a second consumer.
     */

    static final int IDLE = 0;
    static final int PENDING = 1;
    static final int COMPLETING = 2;
    static final int SUCCEEDED = 3;
    static final int FAULTED = 4;
    static final int CANCELED = 5;
    static final int CONSUMING = 6;
    static final int ARMING = 7;

    static final int NONE = 0;
    static final int REGISTERING = 1;
    static final int REGISTERED = 2;
    static final int ANSWERED = 3;

    private static final int PHASE_MASK = 0b111;
    private static final int WAITER_SHIFT = 3;
    private static final int WAITER_MASK = 0b11 << WAITER_SHIFT;
    private static final int GENERATION_SHIFT = 8;
    private static final int REFUSAL_MARK = 1 << 7;

    /** The last token there is. At ten million operations a second it comes after 228 years. */
    static final long MAX_GENERATION = (1L << (Long.SIZE - GENERATION_SHIFT)) - 1;

    // Refusals: what a transition function answers instead of a word. REFUSAL_MARK tells them apart.

    /** arm, begin: an operation is in progress, or its outcome was not taken yet. */
    static final long REFUSED_BUSY = REFUSAL_MARK;
    /** arm, begin: the source has used up every generation. */
    static final long REFUSED_EXHAUSTED = REFUSAL_MARK | 1;
    /** The token belongs to an earlier operation of this source. */
    static final long REFUSED_STALE = REFUSAL_MARK | 2;
    /** The source never issued this token. */
    static final long REFUSED_UNKNOWN = REFUSAL_MARK | 3;
    /** The token's operation has ended and its outcome was taken. */
    static final long REFUSED_CONSUMED = REFUSAL_MARK | 4;
    /** A result was asked for that does not exist yet. */
    static final long REFUSED_PENDING = REFUSAL_MARK | 5;
    /** Somebody else waits for this operation, or was already told that it is complete. */
    static final long REFUSED_SECOND_WAITER = REFUSAL_MARK | 6;
    /** The operation is complete already; this completion came second. */
    static final long REFUSED_COMPLETED = REFUSAL_MARK | 7;

    private StateWord() {}

    static int phase(long word) {
        return (int) word & PHASE_MASK;
    }

    static int waiter(long word) {
        return ((int) word & WAITER_MASK) >>> WAITER_SHIFT;
    }

    static long generation(long word) {
        return word >>> GENERATION_SHIFT;
    }

    static long word(long generation, int phase, int waiter) {
        return (generation << GENERATION_SHIFT) | ((long) waiter << WAITER_SHIFT) | phase;
    }

    static boolean isRefusal(long answer) {
        return (answer & REFUSAL_MARK) != 0;
    }

    static boolean isDone(int phase) {
        return phase == SUCCEEDED || phase == FAULTED || phase == CANCELED;
    }

    // Events of the owner

    static long arm(long word) {
        return next(word, PENDING);
    }

    static long begin(long word) {
        return next(word, ARMING);
    }

    /** Only the owner that won {@link #begin} may ask. */
    static long pend(long word) {
        return withPhase(require(word, ARMING), PENDING);
    }

    /** Only the owner that won {@link #begin} may ask. */
    static long succeed(long word) {
        return withPhase(require(word, ARMING), SUCCEEDED);
    }

    /** Only the owner that won {@link #begin} may ask. */
    static long withdraw(long word) {
        return withPhase(require(word, ARMING), CONSUMING);
    }

    // Events of the waiting side

    static long claimWaiter(long word, long token) {
        if (isUsual(word, token, PENDING)) {
            return withWaiter(word, REGISTERING);
        }
        return claimWaiterOtherwise(word, token);
    }

    private static long claimWaiterOtherwise(long word, long token) {
        long refusal = refuseToken(word, token);
        if (refusal != 0) {
            return refusal;
        }
        return switch (phase(word)) {
            case PENDING, COMPLETING ->
                waiter(word) == NONE ? withWaiter(word, REGISTERING) : REFUSED_SECOND_WAITER;
            case SUCCEEDED, FAULTED, CANCELED ->
                waiter(word) == NONE ? withWaiter(word, ANSWERED) : REFUSED_SECOND_WAITER;
            case IDLE, CONSUMING -> REFUSED_CONSUMED;
            default -> throw impossible("claimWaiter", word);
        };
    }

    /** Only the registrant that won {@link #claimWaiter} may ask. */
    static long publishWaiter(long word) {
        if (waiter(word) != REGISTERING) {
            throw impossible("publishWaiter", word);
        }
        return switch (phase(word)) {
            case PENDING, COMPLETING -> withWaiter(word, REGISTERED);
            case SUCCEEDED, FAULTED, CANCELED -> withWaiter(word, ANSWERED);
            default -> throw impossible("publishWaiter", word);
        };
    }

    static long consume(long word, long token) {
        if (isUsual(word, token, SUCCEEDED)) {
            return withPhase(word, CONSUMING);
        }
        return consumeOtherwise(word, token);
    }

    private static long consumeOtherwise(long word, long token) {
        long refusal = refuseToken(word, token);
        if (refusal != 0) {
            return refusal;
        }
        return switch (phase(word)) {
            case SUCCEEDED, FAULTED, CANCELED ->
                waiter(word) == REGISTERING ? REFUSED_SECOND_WAITER : withPhase(word, CONSUMING);
            case PENDING, COMPLETING -> REFUSED_PENDING;
            case IDLE, CONSUMING -> REFUSED_CONSUMED;
            default -> throw impossible("consume", word);
        };
    }

    /**
     * Only the consumer that won {@link #consume} may ask, the owner that has withdrawn, or the renter whom either passed the
     * source on to.
     */
    static long release(long word) {
        return word(generation(require(word, CONSUMING)), IDLE, NONE);
    }

    /** Answers the word itself when {@code token} may ask for its status, else the refusal. */
    static long look(long word, long token) {
        if (isUsual(word, token, PENDING)) {
            return word;
        }
        return lookOtherwise(word, token);
    }

    private static long lookOtherwise(long word, long token) {
        long refusal = refuseToken(word, token);
        if (refusal != 0) {
            return refusal;
        }
        int phase = phase(word);
        return phase == IDLE || phase == CONSUMING ? REFUSED_CONSUMED : word;
    }

    // Events of the completing side

    static long claimCompletion(long word, long token) {
        if (isUsual(word, token, PENDING)) {
            return withPhase(word, COMPLETING);
        }
        return claimCompletionOtherwise(word, token);
    }

    private static long claimCompletionOtherwise(long word, long token) {
        long refusal = refuseToken(word, token);
        if (refusal != 0) {
            return refusal;
        }
        return switch (phase(word)) {
            case PENDING -> withPhase(word, COMPLETING);
            case COMPLETING, SUCCEEDED, FAULTED, CANCELED -> REFUSED_COMPLETED;
            case IDLE, CONSUMING -> REFUSED_CONSUMED;
            default -> throw impossible("claimCompletion", word);
        };
    }

    /** Only the completer that won {@link #claimCompletion} may ask. */
    static long publishOutcome(long word, int outcome) {
        if (!isDone(outcome)) {
            throw new AssertionError("not an outcome: phase=" + phaseName(outcome));
        }
        long done = withPhase(require(word, COMPLETING), outcome);
        return waiter(word) == REGISTERED ? withWaiter(done, ANSWERED) : done;
    }

    // Words for people

    static String phaseName(int phase) {
        return switch (phase) {
            case IDLE -> "IDLE";
            case PENDING -> "PENDING";
            case COMPLETING -> "COMPLETING";
            case SUCCEEDED -> "SUCCEEDED";
            case FAULTED -> "FAULTED";
            case CANCELED -> "CANCELED";
            case CONSUMING -> "CONSUMING";
            case ARMING -> "ARMING";
            default -> throw new AssertionError("phase=" + phase);
        };
    }

    static String waiterName(int waiter) {
        return switch (waiter) {
            case NONE -> "NONE";
            case REGISTERING -> "REGISTERING";
            case REGISTERED -> "REGISTERED";
            case ANSWERED -> "ANSWERED";
            default -> throw new AssertionError("waiter=" + waiter);
        };
    }

    static String describe(long word) {
        return "current=" + generation(word) + ", state=" + phaseName(phase(word)) + ", waiter="
                + waiterName(waiter(word));
    }

    /**
     * The case each event nearly always meets, tested first: then compiled code holds nothing else, stays small,
     * and is inlined where the value task is used, so that the handle need not exist.
     */
    private static boolean isUsual(long word, long token, int phase) {
        return token > 0 && generation(word) == token && phase(word) == phase && waiter(word) == NONE;
    }

    private static long next(long word, int phase) {
        if (phase(word) != IDLE) {
            return REFUSED_BUSY;
        }
        long generation = generation(word);
        return generation == MAX_GENERATION ? REFUSED_EXHAUSTED : word(generation + 1, phase, NONE);
    }

    /** Zero when the token is the current one and was issued. */
    private static long refuseToken(long word, long token) {
        long generation = generation(word);
        if (token == generation) {
            return token == 0 || phase(word) == ARMING ? REFUSED_UNKNOWN : 0;
        }
        return token > 0 && token < generation ? REFUSED_STALE : REFUSED_UNKNOWN;
    }

    private static long require(long word, int phase) {
        if (phase(word) != phase) {
            throw impossible(phaseName(phase) + " expected", word);
        }
        return word;
    }

    private static long withPhase(long word, int phase) {
        return (word & ~(long) PHASE_MASK) | phase;
    }

    private static long withWaiter(long word, int waiter) {
        return (word & ~(long) WAITER_MASK) | ((long) waiter << WAITER_SHIFT);
    }

    private static AssertionError impossible(String event, long word) {
        return new AssertionError(event + ": " + describe(word));
    }
}
