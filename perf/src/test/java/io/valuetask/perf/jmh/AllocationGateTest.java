package io.valuetask.perf.jmh;

import io.valuetask.perf.jmh.AllocationGate.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The judgement alone; what it judges is measured by the gate itself, {@code mvn -q -Pallocation verify}. */
class AllocationGateTest {
    private final List<Row> measured = new ArrayList<>(
            AllocationGate.MOST_BYTES_PER_OPERATION.keySet().stream()
                    .map(name -> new Row(name, name.equals(AllocationGate.CONTROL) ? 24 : 0.001)).toList());

    @Test
    void allPass_whenEveryRowIsWithinItsLimit_isTrue() {
        assertThat(AllocationGate.allPass(measured)).isTrue();
    }

    @Test
    void allPass_whenAnyFreeRowAllocates_isFalse() {
        for (String name : List.of("sourceByToken", "intSourceByHandle", "schedulingContextAsked")) {
            List<Row> rows = with(new Row(name, 16));
            assertThat(AllocationGate.allPass(rows)).as(name).isFalse();
            assertThat(rows.toString()).contains("NOT free");
        }
    }

    @Test
    void allPass_whenAHandleGrew_isFalse() {
        assertThat(AllocationGate.allPass(with(new Row("sourceByHandleNotInlined", 24)))).isTrue();
        assertThat(AllocationGate.allPass(with(new Row("sourceByHandleNotInlined", 32)))).isFalse();
    }

    @Test
    void allPass_whenARowIsMissing_isFalse() {
        assertThat(AllocationGate.allPass(List.of())).isFalse();
        assertThat(AllocationGate.allPass(measured.subList(1, measured.size()))).isFalse();
    }

    @Test
    void allPass_whenTheProfilerSeesNothing_isFalse() {
        assertThat(AllocationGate.allPass(with(new Row(AllocationGate.CONTROL, 0)))).isFalse();
    }

    private List<Row> with(Row replacement) {
        List<Row> rows = new ArrayList<>(measured);
        int index = IntStream.range(0, rows.size())
                .filter(i -> rows.get(i).benchmark().equals(replacement.benchmark())).findFirst()
                .orElseThrow();
        rows.set(index, replacement);
        return rows;
    }
}
