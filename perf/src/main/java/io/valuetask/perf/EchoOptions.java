package io.valuetask.perf;

import io.netty.channel.epoll.Epoll;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What {@code echo} can be told. */
final class EchoOptions {
    @Spec(Target.MIXEE)
    CommandSpec spec;

    @Option(names = "--modes", split = ",", paramLabel = "MODE", description = "What to compare with raw (all others).")
    List<String> modeNames = List.of("callback", "loop-send", "loop-write", "common");

    @Option(names = "--workload", paramLabel = "NAME", description = "echo, http or http-stream (echo).")
    Workload workload = Workload.ECHO;

    @Option(names = "--connections", paramLabel = "N", description = "Connections to each server (64).")
    int connections = 64;

    @Option(names = "--payload", paramLabel = "BYTES", description = "Bytes in each message (64).")
    int payloadBytes = 64;

    @Option(names = "--pipelining", paramLabel = "N", description = "Messages under way on each connection (1).")
    int pipelining = 1;

    @Option(names = "--framed", description = "The servers cut what they receive into messages, by a decoder.")
    boolean framed;

    @Option(names = "--tls", description = "The connections are encrypted, TLS 1.3 by the JDK's engine on both sides.")
    boolean tls;

    @Option(names = "--pairs", paramLabel = "N", description = "Windows of each mode, one of raw beside each (11).")
    int pairs = 11;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "Length of a window (0.5).")
    double durationSeconds = 0.5;

    @Option(names = "--warmup", paramLabel = "SECONDS", description = "Warm-up of a mode, about (4).")
    double warmupSeconds = 4;

    @Option(names = "--transport", paramLabel = "NAME", description = "nio, epoll or auto (auto).")
    String requestedTransport = "auto";

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the rows to this file.")
    Path json;

    @Option(names = "--server-jvm-arg", paramLabel = "FLAG", description = "For every server's JVM; may be repeated.")
    List<String> serverJvmArguments = new ArrayList<>();

    /** The modes, raw first. */
    List<Mode> modes() {
        List<Mode> modes = new ArrayList<>(List.of(Mode.floor(workload)));
        for (String name : modeNames) {
            try {
                Mode mode = Mode.of(workload, name);
                if (!modes.contains(mode)) {
                    modes.add(mode);
                }
            } catch (IllegalArgumentException unknown) {
                throw wrong("--modes: " + unknown.getMessage());
            }
        }
        return modes;
    }

    boolean epoll() {
        return requestedTransport.equals("epoll") || requestedTransport.equals("auto") && Epoll.isAvailable();
    }

    String transport() {
        return epoll() ? "epoll" : "nio";
    }

    long durationNanos() {
        return (long) (durationSeconds * 1e9);
    }

    /** What concerns the servers alone. */
    void checkServers() {
        if (!List.of("nio", "epoll", "auto").contains(requestedTransport)) {
            throw wrong("--transport must be nio, epoll or auto");
        }
        if (requestedTransport.equals("epoll") && !Epoll.isAvailable()) {
            throw wrong("--transport: epoll is not available here");
        }
        modes();
    }

    void check() {
        if (workload == Workload.PROXY) {
            throw wrong(
                    "--workload must be echo, http or http-stream; proxies are compared by the command proxy");
        }
        checkServers();
        if (connections < 1 || payloadBytes < 1 || pipelining < 1 || pairs < 1) {
            throw wrong("--connections, --payload, --pipelining and --pairs must be at least 1");
        }
        if (!(durationSeconds >= 0.01) || !(warmupSeconds >= 0)) {
            throw wrong("--duration must be at least 0.01 s and --warmup not negative");
        }
        for (Mode mode : modes()) {
            if (framed && !mode.canFrame()) {
                throw wrong("--framed: the mode " + mode
                        + " has no pipeline to put a decoder into; choose --modes");
            }
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
