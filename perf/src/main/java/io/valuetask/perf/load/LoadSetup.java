package io.valuetask.perf.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.netty.util.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was asked for, and on which machine: all that has to be the same for two results to be comparable.
 *
 * @param loop {@value #OPEN} or {@value #CLOSED}
 * @param arrivals how the operations of an open loop were spread; null in a closed one
 * @param rate operations per second that an open loop was to send; null in a closed one
 * @param seed of the arrivals; null where there is nothing random
 */
record LoadSetup(String label, String loop, String arrivals, Double rate, Long seed, String target,
        String protocol,
        int connections, int pipelining, int payloadBytes, List<String> profiles, String command,
        Map<String, String> environment) {
    static final String OPEN = "open";
    static final String CLOSED = "closed";

    static LoadSetup of(LoadOptions options) {
        Target target = options.target();
        boolean open = options.openLoop();
        return new LoadSetup(options.label == null ? target.toString() : options.label, open ? OPEN : CLOSED,
                open ? options.arrivals : null, options.rate, options.poisson() ? options.seed : null,
                target.toString(), target.protocol().toString(), options.connections, options.pipelining,
                options.payloadBytes(), profiles(options), command(options), environment(options));
    }

    @JsonIgnore
    boolean isOpen() {
        return loop.equals(OPEN);
    }

    /** The kind of the loop, and what its numbers mean. */
    String describeLoop() {
        return isOpen()
                ? String.format(Locale.ROOT,
                        "OPEN LOOP, %,.0f per second, %s: a latency begins when its operation should have been sent, "
                                + "so what a stall makes wait is in it",
                        rate, seed == null ? arrivals : arrivals + " (seed " + seed + ")")
                : "CLOSED LOOP: a server that stalls is asked less meanwhile, and the latencies do not show how long "
                        + "others would have waited";
    }

    String describeLoad() {
        return String.format(Locale.ROOT, "%s, %s, %,d connections, %d under way on each, %,d bytes%s",
                target,
                protocol, connections, pipelining, payloadBytes,
                profiles.isEmpty() ? "" : ", " + String.join(", ", profiles));
    }

    private static List<String> profiles(LoadOptions options) {
        List<String> profiles = new ArrayList<>();
        if (options.operationsPerConnection() > 0) {
            profiles.add("a new connection after " + options.operationsPerConnection());
        }
        if (options.halfClose) {
            profiles.add("half-closed behind the last");
        }
        if (options.slowReader > 0) {
            profiles.add("reads " + options.slowReader + " B/s");
        }
        if (options.slowWriter > 0) {
            profiles.add("sends " + options.slowWriter + " B/s");
        }
        return profiles;
    }

    private static String command(LoadOptions options) {
        return options.spec == null
                ? ""
                : String.join(" ", options.spec.commandLine().getParseResult().originalArgs());
    }

    private static Map<String, String> environment(LoadOptions options) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version() + ", "
                + System.getProperty("java.vendor"));
        environment.put("flags", String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        environment.put("netty", Version.identify().get("netty-transport").artifactVersion() + ", "
                + (options.epoll() ? "epoll" : "nio"));
        environment.put("machine",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch") + ", " + Runtime.getRuntime().availableProcessors()
                        + " processors"
                        + allowedProcessors());
        return environment;
    }

    /** On Linux, what taskset or a container has left to this process. */
    private static String allowedProcessors() {
        String key = "Cpus_allowed_list:";
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(key))
                    .findFirst().map(line -> ", allowed " + line.substring(key.length()).trim()).orElse("");
        } catch (IOException elsewhere) {
            return "";
        }
    }
}
