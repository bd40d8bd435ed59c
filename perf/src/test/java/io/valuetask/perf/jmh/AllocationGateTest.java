package io.valuetask.perf.jmh;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(180)
class AllocationGateTest {
    @Test
    void anOperationOfASourceAllocatesNothing() throws Exception {
        List<AllocationGate.Row> rows = AllocationGate.measure();
        rows.forEach(System.out::println);
        assertThat(AllocationGate.allPass(rows)).as(rows.toString()).isTrue();
        assertThat(rows).filteredOn(row -> row.benchmark().equals(AllocationGate.CONTROL))
                .as("the profiler sees what is allocated")
                .allMatch(row -> row.bytesPerOperation() > 8).hasSize(1);
    }

    @Test
    void refusesAnAllocatingSourceAndAnEmptyTable() {
        assertThat(AllocationGate.allPass(List.of(new AllocationGate.Row("sourceByToken", 24)))).isFalse();
        assertThat(AllocationGate.allPass(List.of())).isFalse();
    }
}
