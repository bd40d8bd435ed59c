package io.valuetask.perf.load;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.valuetask.perf.load.LoadScene.options;
import static io.valuetask.perf.load.LoadScene.run;
import static org.assertj.core.api.Assertions.assertThat;

/** A server that answers HTTP and stalls for 200 ms in every second: who asks less meanwhile does not see it. */
@Timeout(60)
class StalledServerTest {
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int CONNECTIONS = 2;
    private static final double SECONDS = 3;

    @Test
    void run_serverStalls_openLoopShowsItAndClosedLoopDoesNot() throws Exception {
        try (TestServer server = TestServer.http()) {
            server.stallEachSecond(200);
            LoadOptions open = stalled(server);
            open.rate = 500.0;
            LoadOptions closed = stalled(server);

            LoadResult openResult = run(open);
            LoadResult closedResult = run(closed);

            // A tenth of all that is due comes in the first half of a stall, and waits for the other one, at least.
            assertThat(openResult.count(LoadCounter.OK)).isEqualTo(1500);
            assertThat(longOnes(openResult.latency())).isGreaterThan(75);
            assertThat(openResult.millisAt(99)).isGreaterThan(100);
            // One for each connection and stall; a machine that is busy stalls, too.
            assertThat(longOnes(closedResult.latency())).isBetween((long) CONNECTIONS,
                    longOnes(openResult.latency()) / 3);
            // What the open loop has sent itself looks as harmless as a closed one.
            assertThat(longOnes(openResult.service())).isLessThan(longOnes(openResult.latency()) / 3);
        }
    }

    private static LoadOptions stalled(TestServer server) {
        LoadOptions options = options("http", server.port());
        options.connections = CONNECTIONS;
        options.durationSeconds = SECONDS;
        options.expectedBody = TestServer.BODY;
        return options;
    }

    private static long longOnes(Histogram latency) {
        return latency.getCountBetweenValues(LONG_NANOS, LoopTally.LONGEST_NANOS);
    }
}
