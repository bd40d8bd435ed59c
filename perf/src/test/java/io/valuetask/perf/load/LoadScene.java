package io.valuetask.perf.load;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Short runs, and what they have counted. */
final class LoadScene {
    static {
        prime();
    }

    private LoadScene() {}

    /** The first run of a JVM loads classes for longer than a short run lasts. */
    private static void prime() {
        try (TestServer server = TestServer.http()) {
            LoadOptions options = options("http", server.port());
            options.durationSeconds = 2;
            run(options);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    /** A closed loop of four connections for a third of a second, without a warm-up. */
    static LoadOptions options(String scheme, int port) {
        LoadOptions options = new LoadOptions();
        options.address = scheme + "://localhost:" + port;
        options.connections = 4;
        options.loops = 1;
        options.warmupSeconds = 0;
        options.durationSeconds = 0.3;
        options.graceSeconds = 10;
        options.timeoutSeconds = 20;
        return options;
    }

    /** Runs; and again for longer, where the machine was so busy that the time was over before anything was done. */
    static LoadResult run(LoadOptions options) throws Exception {
        LoadResult result = new LoadRun(options, new LoadProgress(true)).run(false);
        if (result.count(LoadCounter.SENT) + result.count(LoadCounter.REFUSED)
                + result.count(LoadCounter.CONNECT_ERROR) > 0) {
            return result;
        }
        options.durationSeconds *= 2;
        return run(options);
    }

    /** All that is not zero, but for what says nothing of how it went. */
    static Map<LoadCounter, Long> counted(LoadResult result) {
        return Arrays.stream(LoadCounter.values())
                .filter(counter -> !List
                        .of(LoadCounter.LATE_FIRES, LoadCounter.WAITED, LoadCounter.WAITING_AT_START,
                                LoadCounter.OPENED)
                        .contains(counter))
                .filter(counter -> result.count(counter) > 0)
                .collect(Collectors.toMap(counter -> counter, result::count));
    }

    /** What became of everything that was sent. */
    static long outcomes(LoadResult result) {
        return List.of(LoadCounter.OK, LoadCounter.BAD_PAYLOAD, LoadCounter.RESET, LoadCounter.CLOSED,
                LoadCounter.TIMEOUT, LoadCounter.IN_FLIGHT_AT_END).stream().mapToLong(result::count).sum();
    }
}
