package io.valuetask;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every event of {@link IteratorWord} in every state, against tables that are written by hand. */
class IteratorWordTest {
    private static final List<String> SLOTS = List.of("EMPTY", "WANTED", "FILLING", "FULL", "TAKEN");
    private static final List<String> ENDS = List.of("OPEN", "ENDING", "ENDED", "CLOSED");

    private static final Map<Integer, String> REFUSALS = Map.of(IteratorWord.REFUSED_CLOSED, "!CLOSED",
            IteratorWord.REFUSED_ENDED, "!ENDED", IteratorWord.REFUSED_SECOND_PRODUCER, "!SECOND_PRODUCER",
            IteratorWord.REFUSED_UNASKED, "!UNASKED");

    private static final Map<Integer, String> ANSWERS = Map.of(IteratorWord.ANSWER_NOTHING, "nothing",
            IteratorWord.ANSWER_ELEMENT, "element", IteratorWord.ANSWER_END, "end",
            IteratorWord.ANSWER_CLOSED, "closed");

    /**
     * A row per slot, a column per end: OPEN, ENDING, ENDED, CLOSED. A cell is the state that follows; {@code !} and the
     * refusal; or {@code impossible} where asking is a bug of the library itself.
     */
    enum Event {
        // @formatter:off
        CLAIM_SLOT(IteratorWord::claimSlot, """
                EMPTY   FILLING/OPEN     !ENDED !ENDED !CLOSED
                WANTED  FILLING/OPEN     !ENDED !ENDED !CLOSED
                FILLING !SECOND_PRODUCER !ENDED !ENDED !CLOSED
                FULL    !UNASKED         !ENDED !ENDED !CLOSED
                TAKEN   !UNASKED         !ENDED !ENDED !CLOSED
                """),
        PUBLISH_ELEMENT(IteratorWord::publishElement, """
                EMPTY   impossible impossible  impossible impossible
                WANTED  impossible impossible  impossible impossible
                FILLING FULL/OPEN  FULL/ENDING FULL/ENDED EMPTY/CLOSED
                FULL    impossible impossible  impossible impossible
                TAKEN   impossible impossible  impossible impossible
                """),
        CLAIM_END(IteratorWord::claimEnd, """
                EMPTY   EMPTY/ENDING   !ENDED !ENDED !CLOSED
                WANTED  WANTED/ENDING  !ENDED !ENDED !CLOSED
                FILLING FILLING/ENDING !ENDED !ENDED !CLOSED
                FULL    FULL/ENDING    !ENDED !ENDED !CLOSED
                TAKEN   TAKEN/ENDING   !ENDED !ENDED !CLOSED
                """),
        PUBLISH_END(IteratorWord::publishEnd, """
                EMPTY   impossible EMPTY/ENDED   impossible !CLOSED
                WANTED  impossible WANTED/ENDED  impossible !CLOSED
                FILLING impossible FILLING/ENDED impossible !CLOSED
                FULL    impossible FULL/ENDED    impossible !CLOSED
                TAKEN   impossible TAKEN/ENDED   impossible !CLOSED
                """),
        ASK(IteratorWord::ask, """
                EMPTY   WANTED/OPEN  WANTED/ENDING  WANTED/ENDED  WANTED/CLOSED
                WANTED  WANTED/OPEN  WANTED/ENDING  WANTED/ENDED  WANTED/CLOSED
                FILLING FILLING/OPEN FILLING/ENDING FILLING/ENDED FILLING/CLOSED
                FULL    FULL/OPEN    FULL/ENDING    FULL/ENDED    FULL/CLOSED
                TAKEN   WANTED/OPEN  WANTED/ENDING  WANTED/ENDED  WANTED/CLOSED
                """),
        TAKE(IteratorWord::take, """
                EMPTY   impossible impossible   impossible  !CLOSED
                WANTED  impossible impossible   impossible  !CLOSED
                FILLING impossible impossible   impossible  !CLOSED
                FULL    TAKEN/OPEN TAKEN/ENDING TAKEN/ENDED !CLOSED
                TAKEN   impossible impossible   impossible  !CLOSED
                """),
        CLOSE(IteratorWord::close, """
                EMPTY   EMPTY/CLOSED   EMPTY/CLOSED   EMPTY/CLOSED   !CLOSED
                WANTED  WANTED/CLOSED  WANTED/CLOSED  WANTED/CLOSED  !CLOSED
                FILLING FILLING/CLOSED FILLING/CLOSED FILLING/CLOSED !CLOSED
                FULL    EMPTY/CLOSED   EMPTY/CLOSED   EMPTY/CLOSED   !CLOSED
                TAKEN   TAKEN/CLOSED   TAKEN/CLOSED   TAKEN/CLOSED   !CLOSED
                """);
        // @formatter:on

        final IntUnaryOperator function;
        private final String table;

        Event(IntUnaryOperator function, String table) {
            this.function = function;
            this.table = table;
        }
    }

    private static final String ANSWER_TABLE = """
            EMPTY   nothing nothing end     closed
            WANTED  nothing nothing end     closed
            FILLING nothing nothing nothing closed
            FULL    element element element closed
            TAKEN   nothing nothing end     closed
            """;

    @ParameterizedTest
    @EnumSource(Event.class)
    void event_inEveryState_answersAsTheTableSays(Event event) {
        for (int slot = 0; slot < SLOTS.size(); slot++) {
            for (int end = 0; end < ENDS.size(); end++) {
                assertThat(outcome(event, IteratorWord.word(slot, end)))
                        .as("%s at %s/%s", event, SLOTS.get(slot), ENDS.get(end))
                        .isEqualTo(cell(event.table, slot, end));
            }
        }
    }

    @Test
    void answer_inEveryState_isAsTheTableSays() {
        for (int slot = 0; slot < SLOTS.size(); slot++) {
            for (int end = 0; end < ENDS.size(); end++) {
                assertThat(ANSWERS.get(IteratorWord.answer(IteratorWord.word(slot, end))))
                        .as("%s/%s", SLOTS.get(slot), ENDS.get(end))
                        .isEqualTo(cell(ANSWER_TABLE, slot, end));
            }
        }
    }

    @Test
    void isWanted_ofEverySlot_isTrueForOne() {
        assertThat(IntStream.range(0, SLOTS.size())
                .filter(slot -> IteratorWord.isWanted(IteratorWord.word(slot, 0))))
                .containsExactly(IteratorWord.WANTED);
    }

    @Test
    void exploration_fromEmptyWithEveryEvent_reachesEverythingButAnElementThatNobodyIsGoingToTake() {
        Set<String> reached = new TreeSet<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(0));
        while (!open.isEmpty()) {
            int word = open.remove();
            if (reached.add(stateName(word))) {
                for (Event event : Event.values()) {
                    try {
                        int next = event.function.applyAsInt(word);
                        if (!IteratorWord.isRefusal(next)) {
                            open.add(next);
                        }
                    } catch (AssertionError impossible) {
                        // Nobody may cause this event in this state.
                    }
                }
            }
        }
        Set<String> expected = new TreeSet<>();
        SLOTS.forEach(slot -> ENDS.forEach(end -> expected.add(slot + "/" + end)));
        expected.remove("FULL/CLOSED");
        assertThat(reached).isEqualTo(expected);
    }

    @Test
    void names_ofEverySlotAndEnd_areThoseOfTheConstants() {
        assertThat(IntStream.range(0, SLOTS.size()).mapToObj(IteratorWord::slotName)).isEqualTo(SLOTS);
        assertThat(IntStream.range(0, ENDS.size()).mapToObj(IteratorWord::endName)).isEqualTo(ENDS);
        assertThatThrownBy(() -> IteratorWord.slotName(SLOTS.size())).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> IteratorWord.endName(ENDS.size())).isInstanceOf(AssertionError.class);
        assertThat(IteratorWord.describe(IteratorWord.word(IteratorWord.TAKEN, IteratorWord.ENDED)))
                .isEqualTo("slot=TAKEN, end=ENDED");
    }

    /** As the table writes it. */
    private static String outcome(Event event, int word) {
        int answer;
        try {
            answer = event.function.applyAsInt(word);
        } catch (AssertionError impossible) {
            assertThat(impossible).hasMessageContaining(IteratorWord.describe(word));
            return "impossible";
        }
        return IteratorWord.isRefusal(answer) ? REFUSALS.get(answer) : stateName(answer);
    }

    private static String stateName(int word) {
        return SLOTS.get(IteratorWord.slot(word)) + "/" + ENDS.get(IteratorWord.end(word));
    }

    private static String cell(String table, int slot, int end) {
        String[] row = table.lines().toArray(String[]::new)[slot].split("\\s+");
        if (row.length != 5 || !row[0].equals(SLOTS.get(slot))) {
            throw new AssertionError("malformed table, row " + slot);
        }
        return row[end + 1];
    }
}
