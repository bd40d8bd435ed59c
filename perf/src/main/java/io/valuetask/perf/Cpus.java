package io.valuetask.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Who runs on which processor: the servers on the first one that this process may use, the load on the
 * others, so that neither takes time from the other. Needs Linux, {@code taskset} and two processors.
 */
final class Cpus {
    private final int count = Runtime.getRuntime().availableProcessors(); // read before the pinning
    private final String server;
    private final String load;
    private final String whyNot;

    private Cpus(String server, String load, String whyNot) {
        this.server = server;
        this.load = load;
        this.whyNot = whyNot;
    }

    /** Pins this process and everything it will start, if that is possible here. */
    static Cpus pin() {
        try {
            List<Integer> allowed = allowed();
            if (allowed.size() < 2) {
                return unpinned("there is only one processor");
            }
            String server = allowed.getFirst().toString();
            String load = allowed.stream().skip(1).map(String::valueOf).collect(Collectors.joining(","));
            String self = Long.toString(ProcessHandle.current().pid());
            Cpus pinned = new Cpus(server, load, null);
            Process taskset = new ProcessBuilder("taskset", "-a", "-c", "-p", load, self)
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            int status = taskset.waitFor();
            return status == 0 ? pinned : unpinned("taskset failed with status " + status);
        } catch (IOException absent) {
            return unpinned("taskset or /proc is missing");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return unpinned("interrupted");
        }
    }

    /** Pins nothing. */
    static Cpus none() {
        return unpinned("nobody asked for it");
    }

    private static Cpus unpinned(String whyNot) {
        return new Cpus(null, null, whyNot);
    }

    private static List<Integer> allowed() throws IOException {
        String key = "Cpus_allowed_list:";
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(key)) {
                return parse(line.substring(key.length()).trim());
            }
        }
        return List.of();
    }

    /** The kernel's notation, such as {@code 0-3,8}. */
    static List<Integer> parse(String list) {
        List<Integer> cpus = new ArrayList<>();
        for (String range : list.split(",")) {
            String[] ends = range.split("-");
            for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); cpu++) {
                cpus.add(cpu);
            }
        }
        return cpus;
    }

    /** How many processors there were for both sides together. */
    int count() {
        return count;
    }

    /** What to put before the command of a server. */
    List<String> serverPrefix() {
        return server == null ? List.of() : List.of("taskset", "-c", server);
    }

    @Override
    public String toString() {
        return server == null
                ? "not pinned, since " + whyNot + ": servers and load take time from each other"
                : "servers on cpu " + server + ", load on cpu " + load;
    }
}
