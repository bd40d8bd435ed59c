package io.valuetask;

import java.util.Map;
import java.util.Set;

import static java.util.stream.Collectors.toMap;

/**
 * What {@link StateWord} must answer, written as data and by hand. Nothing here is computed by the code under test.
 *
 * <p>A row per phase, a column per waiter: NONE, REGISTERING, REGISTERED, ANSWERED. A cell is the state that follows,
 * {@code phase/waiter}; or {@code !} and the refusal; or {@code impossible} where asking is a bug of the library
 * itself.
 */
final class StateWordTable {
    static final String[] PHASE_NAMES = {"IDLE", "PENDING", "COMPLETING", "SUCCEEDED", "FAULTED", "CANCELED",
        "CONSUMING", "ARMING"};
    static final String[] WAITER_NAMES = {"NONE", "REGISTERING", "REGISTERED", "ANSWERED"};

    /*
     * What can be reached at all. A waiter exists from PENDING on; an outcome and a registered waiter exclude each
     * other, because the step that publishes the outcome answers the waiter; and a consumer is barred while the
     * registrant is still inside.
     */
    static final Set<String> REACHABLE = Set.of(
    // @formatter:off
            "IDLE/NONE",
            "ARMING/NONE",
            "PENDING/NONE",    "PENDING/REGISTERING",    "PENDING/REGISTERED",
            "COMPLETING/NONE", "COMPLETING/REGISTERING", "COMPLETING/REGISTERED",
            "SUCCEEDED/NONE",  "SUCCEEDED/REGISTERING",                           "SUCCEEDED/ANSWERED",
            "FAULTED/NONE",    "FAULTED/REGISTERING",                             "FAULTED/ANSWERED",
            "CANCELED/NONE",   "CANCELED/REGISTERING",                            "CANCELED/ANSWERED",
            "CONSUMING/NONE",                                                     "CONSUMING/ANSWERED");
            // @formatter:on

    static final Map<String, Long> REFUSALS = Map.of("BUSY", StateWord.REFUSED_BUSY, "EXHAUSTED",
            StateWord.REFUSED_EXHAUSTED, "STALE", StateWord.REFUSED_STALE, "UNKNOWN",
            StateWord.REFUSED_UNKNOWN,
            "CONSUMED", StateWord.REFUSED_CONSUMED, "PENDING", StateWord.REFUSED_PENDING, "SECOND_WAITER",
            StateWord.REFUSED_SECOND_WAITER, "COMPLETED", StateWord.REFUSED_COMPLETED);

    private static final Map<Long, String> REFUSAL_NAMES = REFUSALS.entrySet().stream()
            .collect(toMap(Map.Entry::getValue, Map.Entry::getKey));

    private StateWordTable() {}

    interface Transition {
        long apply(long word, long token);
    }

    /** How a presented token relates to the current generation, other than being it. Every event answers alike. */
    enum TokenRelation {
        OLDER("!STALE"),
        NEWER("!UNKNOWN"),
        ZERO("!UNKNOWN"),
        NEGATIVE("!UNKNOWN");

        final String answer;

        TokenRelation(String answer) {
            this.answer = answer;
        }

        long[] tokensFor(long generation) {
            return switch (this) {
                case OLDER -> new long[]{1, generation - 65_536, generation - 1};
                case NEWER -> new long[]{generation + 1, StateWord.MAX_GENERATION, Long.MAX_VALUE};
                case ZERO -> new long[]{0};
                case NEGATIVE -> new long[]{-1, -generation, Long.MIN_VALUE};
            };
        }
    }

    /** The events and, for the current token, their answers. */
    enum Event {
        // @formatter:off
        ARM((word, token) -> StateWord.arm(word), """
                IDLE       PENDING/NONE PENDING/NONE PENDING/NONE PENDING/NONE
                PENDING    !BUSY !BUSY !BUSY !BUSY
                COMPLETING !BUSY !BUSY !BUSY !BUSY
                SUCCEEDED  !BUSY !BUSY !BUSY !BUSY
                FAULTED    !BUSY !BUSY !BUSY !BUSY
                CANCELED   !BUSY !BUSY !BUSY !BUSY
                CONSUMING  !BUSY !BUSY !BUSY !BUSY
                ARMING     !BUSY !BUSY !BUSY !BUSY
                """),
        BEGIN((word, token) -> StateWord.begin(word), """
                IDLE       ARMING/NONE ARMING/NONE ARMING/NONE ARMING/NONE
                PENDING    !BUSY !BUSY !BUSY !BUSY
                COMPLETING !BUSY !BUSY !BUSY !BUSY
                SUCCEEDED  !BUSY !BUSY !BUSY !BUSY
                FAULTED    !BUSY !BUSY !BUSY !BUSY
                CANCELED   !BUSY !BUSY !BUSY !BUSY
                CONSUMING  !BUSY !BUSY !BUSY !BUSY
                ARMING     !BUSY !BUSY !BUSY !BUSY
                """),
        PEND((word, token) -> StateWord.pend(word), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING impossible impossible impossible impossible
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  impossible impossible impossible impossible
                ARMING     PENDING/NONE PENDING/REGISTERING PENDING/REGISTERED PENDING/ANSWERED
                """),
        SUCCEED((word, token) -> StateWord.succeed(word), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING impossible impossible impossible impossible
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  impossible impossible impossible impossible
                ARMING     SUCCEEDED/NONE SUCCEEDED/REGISTERING SUCCEEDED/REGISTERED SUCCEEDED/ANSWERED
                """),
        WITHDRAW((word, token) -> StateWord.withdraw(word), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING impossible impossible impossible impossible
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  impossible impossible impossible impossible
                ARMING     CONSUMING/NONE CONSUMING/REGISTERING CONSUMING/REGISTERED CONSUMING/ANSWERED
                """),
        CLAIM_WAITER(StateWord::claimWaiter, """
                IDLE       !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                PENDING    PENDING/REGISTERING    !SECOND_WAITER !SECOND_WAITER !SECOND_WAITER
                COMPLETING COMPLETING/REGISTERING !SECOND_WAITER !SECOND_WAITER !SECOND_WAITER
                SUCCEEDED  SUCCEEDED/ANSWERED     !SECOND_WAITER !SECOND_WAITER !SECOND_WAITER
                FAULTED    FAULTED/ANSWERED       !SECOND_WAITER !SECOND_WAITER !SECOND_WAITER
                CANCELED   CANCELED/ANSWERED      !SECOND_WAITER !SECOND_WAITER !SECOND_WAITER
                CONSUMING  !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                ARMING     !UNKNOWN !UNKNOWN !UNKNOWN !UNKNOWN
                """),
        PUBLISH_WAITER((word, token) -> StateWord.publishWaiter(word), """
                IDLE       impossible impossible            impossible impossible
                PENDING    impossible PENDING/REGISTERED    impossible impossible
                COMPLETING impossible COMPLETING/REGISTERED impossible impossible
                SUCCEEDED  impossible SUCCEEDED/ANSWERED    impossible impossible
                FAULTED    impossible FAULTED/ANSWERED      impossible impossible
                CANCELED   impossible CANCELED/ANSWERED     impossible impossible
                CONSUMING  impossible impossible            impossible impossible
                ARMING     impossible impossible            impossible impossible
                """),
        CONSUME(StateWord::consume, """
                IDLE       !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                PENDING    !PENDING !PENDING !PENDING !PENDING
                COMPLETING !PENDING !PENDING !PENDING !PENDING
                SUCCEEDED  CONSUMING/NONE !SECOND_WAITER CONSUMING/REGISTERED CONSUMING/ANSWERED
                FAULTED    CONSUMING/NONE !SECOND_WAITER CONSUMING/REGISTERED CONSUMING/ANSWERED
                CANCELED   CONSUMING/NONE !SECOND_WAITER CONSUMING/REGISTERED CONSUMING/ANSWERED
                CONSUMING  !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                ARMING     !UNKNOWN !UNKNOWN !UNKNOWN !UNKNOWN
                """),
        RELEASE((word, token) -> StateWord.release(word), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING impossible impossible impossible impossible
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  IDLE/NONE  IDLE/NONE  IDLE/NONE  IDLE/NONE
                ARMING     impossible impossible impossible impossible
                """),
        LOOK(StateWord::look, """
                IDLE       !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                PENDING    PENDING/NONE    PENDING/REGISTERING    PENDING/REGISTERED    PENDING/ANSWERED
                COMPLETING COMPLETING/NONE COMPLETING/REGISTERING COMPLETING/REGISTERED COMPLETING/ANSWERED
                SUCCEEDED  SUCCEEDED/NONE  SUCCEEDED/REGISTERING  SUCCEEDED/REGISTERED  SUCCEEDED/ANSWERED
                FAULTED    FAULTED/NONE    FAULTED/REGISTERING    FAULTED/REGISTERED    FAULTED/ANSWERED
                CANCELED   CANCELED/NONE   CANCELED/REGISTERING   CANCELED/REGISTERED   CANCELED/ANSWERED
                CONSUMING  !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                ARMING     !UNKNOWN !UNKNOWN !UNKNOWN !UNKNOWN
                """),
        CLAIM_COMPLETION(StateWord::claimCompletion, """
                IDLE       !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                PENDING    COMPLETING/NONE COMPLETING/REGISTERING COMPLETING/REGISTERED COMPLETING/ANSWERED
                COMPLETING !COMPLETED !COMPLETED !COMPLETED !COMPLETED
                SUCCEEDED  !COMPLETED !COMPLETED !COMPLETED !COMPLETED
                FAULTED    !COMPLETED !COMPLETED !COMPLETED !COMPLETED
                CANCELED   !COMPLETED !COMPLETED !COMPLETED !COMPLETED
                CONSUMING  !CONSUMED !CONSUMED !CONSUMED !CONSUMED
                ARMING     !UNKNOWN !UNKNOWN !UNKNOWN !UNKNOWN
                """),
        PUBLISH_SUCCESS((word, token) -> StateWord.publishOutcome(word, StateWord.SUCCEEDED), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING SUCCEEDED/NONE SUCCEEDED/REGISTERING SUCCEEDED/ANSWERED SUCCEEDED/ANSWERED
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  impossible impossible impossible impossible
                ARMING     impossible impossible impossible impossible
                """),
        PUBLISH_FAILURE((word, token) -> StateWord.publishOutcome(word, StateWord.FAULTED), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING FAULTED/NONE FAULTED/REGISTERING FAULTED/ANSWERED FAULTED/ANSWERED
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  impossible impossible impossible impossible
                ARMING     impossible impossible impossible impossible
                """),
        PUBLISH_CANCELLATION((word, token) -> StateWord.publishOutcome(word, StateWord.CANCELED), """
                IDLE       impossible impossible impossible impossible
                PENDING    impossible impossible impossible impossible
                COMPLETING CANCELED/NONE CANCELED/REGISTERING CANCELED/ANSWERED CANCELED/ANSWERED
                SUCCEEDED  impossible impossible impossible impossible
                FAULTED    impossible impossible impossible impossible
                CANCELED   impossible impossible impossible impossible
                CONSUMING  impossible impossible impossible impossible
                ARMING     impossible impossible impossible impossible
                """);
        // @formatter:on

        final Transition function;
        private final String table;

        Event(Transition function, String table) {
            this.function = function;
            this.table = table;
        }
    }

    static String cell(Event event, int phase, int waiter) {
        String[] row = event.table.lines().toArray(String[]::new)[phase].split("\\s+");
        if (row.length != 5 || !row[0].equals(PHASE_NAMES[phase])) {
            throw new AssertionError("malformed table: " + event + ", row " + phase);
        }
        return row[waiter + 1];
    }

    static String stateName(long word) {
        return PHASE_NAMES[(int) (word & 7)] + "/" + WAITER_NAMES[(int) (word >>> 3 & 3)];
    }

    static String refusalName(long refusal) {
        return REFUSAL_NAMES.get(refusal);
    }
}
