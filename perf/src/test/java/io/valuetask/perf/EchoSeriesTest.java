package io.valuetask.perf;

import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;

class EchoSeriesTest {
    @Test
    void ratiosAreMediansOverPairsAndNotRatiosOfMedians() {
        EchoSeries series = new EchoSeries(Mode.of(Workload.ECHO, "callback"));
        // The machine slows down by 10 and 100; in each pair the mode costs twice as much and 5 bytes more.
        series.add(window(1000, 2000, 5000), window(1000, 1000, 0));
        series.add(window(1000, 20_000, 6000), window(1000, 10_000, 1000));
        series.add(window(1000, 200_000, 7000), window(1000, 100_000, 2000));

        EchoRow row = series.row(new EchoOptions(), false);

        assertThat(row.cpuRatioToRaw()).isEqualTo(2);
        assertThat(row.bytesAboveRaw()).isEqualTo(5);
        assertThat(row.cpuNanosPerOp()).isEqualTo(20);
        assertThat(row.bytesPerOp()).isEqualTo(6);
        assertThat(row.opsPerSecond()).isEqualTo(1000);
        assertThat(row.pairs()).isEqualTo(3);
        assertThat(row.p50Micros()).isEqualTo(0.1);
    }

    @Test
    void row_ofSeveralPairs_hasTheSpreadAndTheSums() {
        EchoSeries series = new EchoSeries(Mode.of(Workload.ECHO, "callback"));
        series.add(window(1000, 1200, 0, 500), window(1000, 1000, 0));
        series.add(window(1000, 900, 0, 300), window(1000, 1000, 0));
        series.add(window(1000, 1100, 0, 400), window(1000, 1000, 0));

        EchoRow row = series.row(new EchoOptions(), false);

        assertThat(row.cpuRatioMin()).isEqualTo(0.9);
        assertThat(row.cpuRatioMax()).isEqualTo(1.2);
        assertThat(row.collections()).isEqualTo(3);
        assertThat(row.contextSwitchesPerOp()).isEqualTo(0.4);
    }

    @Test
    void row_ofAWindowWithoutContextSwitches_saysThatTheyAreUnknown() {
        EchoSeries series = new EchoSeries(Mode.of(Workload.ECHO, "callback"));
        series.add(window(1000, 1200, 0), window(1000, 1000, 0));
        series.add(window(1000, 1200, 0, ContextSwitches.UNKNOWN), window(1000, 1000, 0));

        assertThat(series.row(new EchoOptions(), false).contextSwitchesPerOp()).isNull();
    }

    @Test
    void sample_asALine_isReadBackWithEverything() {
        ServerSample earlier = new ServerSample(1, 2, 3, 4);
        ServerSample later = new ServerSample(11, 102, 4, 24);

        assertThat(ServerSample.parse(later.format()).minus(earlier))
                .isEqualTo(new ServerSample(10, 100, 1, 20));
        assertThat(later.minus(new ServerSample(1, 2, 3, ContextSwitches.UNKNOWN)).contextSwitches())
                .isEqualTo(ContextSwitches.UNKNOWN);
        assertThat(later.withoutBytes(200).allocatedBytes()).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void contextSwitches_whenAThreadHasWaitedAndEnded_haveGrown() throws InterruptedException {
        ContextSwitches switches = new ContextSwitches();
        long before = switches.count();
        Thread waiting = new Thread(() -> LockSupport.parkNanos(1_000_000));
        waiting.start();
        waiting.join();

        assertThat(before).isPositive();
        assertThat(switches.count()).isGreaterThan(before);
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
        return window(roundTrips, cpuNanos, bytes, 100);
    }

    private static EchoWindow window(long roundTrips, long cpuNanos, long bytes, long switches) {
        Histogram latencies = new Histogram(3);
        latencies.recordValue(100);
        return new EchoWindow(roundTrips, 1_000_000_000, latencies,
                new ServerSample(cpuNanos, bytes, 1, switches));
    }
}
