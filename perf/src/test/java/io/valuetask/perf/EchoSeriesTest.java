package io.valuetask.perf;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EchoSeriesTest {
    @Test
    void ratiosAreMediansOverPairsAndNotRatiosOfMedians() {
        EchoSeries series = new EchoSeries(Mode.of(Workload.ECHO, "callback"));
        // The machine slows down by 10 and 100; in each pair the mode costs twice as much and 5 bytes more.
        series.add(window(1000, 2000, 5000), window(1000, 1000, 0));
        series.add(window(1000, 20_000, 6000), window(1000, 10_000, 1000));
        series.add(window(1000, 200_000, 7000), window(1000, 100_000, 2000));

        EchoRow row = series.row(new EchoOptions());

        assertThat(row.cpuRatioToRaw()).isEqualTo(2);
        assertThat(row.bytesAboveRaw()).isEqualTo(5);
        assertThat(row.cpuNanosPerOp()).isEqualTo(20);
        assertThat(row.bytesPerOp()).isEqualTo(6);
        assertThat(row.opsPerSecond()).isEqualTo(1000);
        assertThat(row.pairs()).isEqualTo(3);
        assertThat(row.p50Micros()).isEqualTo(0.1);
    }

    @Test
    void medianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(EchoSeries.median(new double[]{9, 1, 3, 2})).isEqualTo(2.5);
    }

    @Test
    void readsTheKernelsListOfProcessors() {
        assertThat(Cpus.parse("0-2,5,8-9")).containsExactly(0, 1, 2, 5, 8, 9);
    }

    private static EchoWindow window(long roundTrips, long cpuNanos, long bytes) {
        Histogram latencies = new Histogram(3);
        latencies.recordValue(100);
        return new EchoWindow(roundTrips, 1_000_000_000, latencies, new ServerSample(cpuNanos, bytes, 0));
    }
}
