package io.valuetask;

import io.valuetask.StateWordTable.Event;
import io.valuetask.StateWordTable.TokenRelation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every event in every state, for every kind of token, against {@link StateWordTable}. */
class StateWordTest {
    private static final int PHASES = 8;
    private static final int WAITERS = 4;
    /** Any generation in the middle of the range, so that older and newer tokens exist. */
    private static final long GENERATION = 1_000_000;

    @ParameterizedTest
    @EnumSource(Event.class)
    void event_inEveryStateWithTheCurrentToken_answersAsTheTableSays(Event event) {
        for (long generation : new long[]{1, GENERATION, StateWord.MAX_GENERATION}) {
            for (int phase = 0; phase < PHASES; phase++) {
                for (int waiter = 0; waiter < WAITERS; waiter++) {
                    long word = StateWord.word(generation, phase, waiter);
                    assertThat(outcome(event, word, generation))
                            .as("%s at %s", event, StateWord.describe(word))
                            .isEqualTo(expected(event, phase, waiter, generation));
                }
            }
        }
    }

    private static String expected(Event event, int phase, int waiter, long generation) {
        String cell = StateWordTable.cell(event, phase, waiter);
        boolean starts = event == Event.ARM || event == Event.BEGIN;
        if (!starts || cell.startsWith("!")) {
            return cell;
        }
        return generation == StateWord.MAX_GENERATION ? "!EXHAUSTED" : cell + "+1";
    }

    @ParameterizedTest
    @MethodSource("eventsWithToken")
    void event_inEveryStateWithAWrongToken_isRefusedAndNeverTakesEffect(Event event) {
        for (TokenRelation relation : TokenRelation.values()) {
            for (int phase = 0; phase < PHASES; phase++) {
                for (int waiter = 0; waiter < WAITERS; waiter++) {
                    for (long token : relation.tokensFor(GENERATION)) {
                        long word = StateWord.word(GENERATION, phase, waiter);
                        assertThat(outcome(event, word, token))
                                .as("%s(%d) at %s", event, token, StateWord.describe(word))
                                .isEqualTo(relation.answer);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("eventsWithToken")
    void event_beforeTheFirstOperation_knowsNoToken(Event event) {
        long word = StateWord.word(0, StateWord.IDLE, StateWord.NONE);
        for (long token : new long[]{0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(outcome(event, word, token)).isEqualTo("!UNKNOWN");
        }
    }

    private static List<Event> eventsWithToken() {
        return List.of(Event.CLAIM_WAITER, Event.CONSUME, Event.LOOK, Event.CLAIM_COMPLETION);
    }

    @Test
    void arm_nearTheLastGeneration_usesItAndThenIsExhausted() {
        long word = StateWord.word(StateWord.MAX_GENERATION - 1, StateWord.IDLE, StateWord.NONE);

        long last = StateWord.arm(word);

        assertThat(StateWord.generation(last)).isEqualTo(StateWord.MAX_GENERATION).isPositive();
        assertThat(StateWord.isRefusal(last)).isFalse();
        long spent = StateWord.release(StateWord.consume(StateWord.publishOutcome(
                StateWord.claimCompletion(last, StateWord.MAX_GENERATION), StateWord.SUCCEEDED),
                StateWord.MAX_GENERATION));
        assertThat(StateWord.arm(spent)).isEqualTo(StateWord.REFUSED_EXHAUSTED);
        assertThat(StateWord.begin(spent)).isEqualTo(StateWord.REFUSED_EXHAUSTED);
        assertThat(outcome(Event.CONSUME, spent, StateWord.MAX_GENERATION + 1)).isEqualTo("!UNKNOWN");
    }

    @Test
    void word_ofEveryPhaseWaiterAndGeneration_isReadBackAndIsNoRefusal() {
        for (long generation : new long[]{0, 1, 0x7F, 0x80, 0xFF, GENERATION, 1L << 55,
            StateWord.MAX_GENERATION}) {
            for (int phase = 0; phase < PHASES; phase++) {
                for (int waiter = 0; waiter < WAITERS; waiter++) {
                    long word = StateWord.word(generation, phase, waiter);
                    assertThat(StateWord.generation(word)).isEqualTo(generation);
                    assertThat(StateWord.phase(word)).isEqualTo(phase);
                    assertThat(StateWord.waiter(word)).isEqualTo(waiter);
                    assertThat(StateWord.isRefusal(word)).isFalse();
                }
            }
        }
    }

    @Test
    void refusals_areDistinctAndPositiveAndMarked() {
        assertThat(StateWordTable.REFUSALS.values()).hasSize(8).doesNotHaveDuplicates()
                .allMatch(StateWord::isRefusal)
                .as("tryArm answers them negated, 0 means accepted").allMatch(refusal -> refusal > 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {StateWord.IDLE, StateWord.PENDING, StateWord.COMPLETING, StateWord.CONSUMING,
        StateWord.ARMING, -1, 8})
    void publishOutcome_withAPhaseThatIsNoOutcome_isImpossible(int phase) {
        long word = StateWord.word(GENERATION, StateWord.COMPLETING, StateWord.NONE);

        assertThatThrownBy(() -> StateWord.publishOutcome(word, phase)).isInstanceOf(AssertionError.class);
    }

    @Test
    void isDone_ofEveryPhase_isTrueForTheThreeOutcomes() {
        assertThat(IntStream.range(0, PHASES).filter(StateWord::isDone)).containsExactly(StateWord.SUCCEEDED,
                StateWord.FAULTED, StateWord.CANCELED);
    }

    @Test
    void names_ofEveryPhaseAndWaiter_areThoseOfTheConstants() {
        assertThat(IntStream.range(0, PHASES).mapToObj(StateWord::phaseName))
                .containsExactly(StateWordTable.PHASE_NAMES);
        assertThat(IntStream.range(0, WAITERS).mapToObj(StateWord::waiterName))
                .containsExactly(StateWordTable.WAITER_NAMES);
        assertThatThrownBy(() -> StateWord.phaseName(PHASES)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> StateWord.waiterName(WAITERS)).isInstanceOf(AssertionError.class);
        assertThat(StateWord.describe(StateWord.word(43, StateWord.PENDING, StateWord.REGISTERED)))
                .isEqualTo("current=43, state=PENDING, waiter=REGISTERED");
    }

    @Test
    void exploration_fromIdleWithEveryEvent_reachesTheDocumentedStatesAndNoOthers() {
        Set<String> reached = new TreeSet<>();
        Deque<Long> open = new ArrayDeque<>(List.of(StateWord.word(0, StateWord.IDLE, StateWord.NONE)));
        while (!open.isEmpty()) {
            long word = open.remove();
            if (reached.add(StateWordTable.stateName(word))) {
                open.addAll(successors(word));
            }
        }
        assertThat(reached).isEqualTo(new TreeSet<>(StateWordTable.REACHABLE));
    }

    private static List<Long> successors(long word) {
        List<Long> successors = new ArrayList<>();
        for (Event event : Event.values()) {
            for (long token : LongStream.rangeClosed(-1, StateWord.generation(word) + 1).toArray()) {
                try {
                    long next = event.function.apply(word, token);
                    if (!StateWord.isRefusal(next)) {
                        successors.add(next);
                    }
                } catch (AssertionError impossible) {
                    // Nobody may cause this event in this state.
                }
            }
        }
        return successors;
    }

    /** As the table writes it: the new state, "!" and a refusal, or "impossible". */
    private static String outcome(Event event, long word, long token) {
        long answer;
        try {
            answer = event.function.apply(word, token);
        } catch (AssertionError impossible) {
            assertThat(impossible).hasMessageContaining(StateWord.describe(word));
            return "impossible";
        }
        if (StateWord.isRefusal(answer)) {
            return "!" + StateWordTable.refusalName(answer);
        }
        long bumped = StateWord.generation(answer) - StateWord.generation(word);
        return StateWordTable.stateName(answer) + (bumped == 0 ? "" : "+" + bumped);
    }
}
