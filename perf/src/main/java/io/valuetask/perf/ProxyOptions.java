package io.valuetask.perf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What {@code proxy} can be told. */
final class ProxyOptions {
    @Spec(Target.MIXEE)
    CommandSpec spec;

    @Option(names = "--modes", split = ",", paramLabel = "MODE", description = "What to compare with raw (raw-read-ahead,relay).")
    List<String> modeNames = List.of("raw-read-ahead", "relay");

    @Option(names = "--megabytes", paramLabel = "N", description = "What a window transfers (1024).")
    int megabytes = 1024;

    @Option(names = "--pairs", paramLabel = "N", description = "Windows of each mode, one of raw beside each (11).")
    int pairs = 11;

    @Option(names = "--warmup", paramLabel = "SECONDS", description = "Warm-up of a mode, about (8).")
    double warmupSeconds = 8;

    @Option(names = "--transport", paramLabel = "NAME", description = "nio, epoll or auto (auto).")
    String transport = "auto";

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the rows to this file.")
    Path json;

    @Option(names = "--server-jvm-arg", paramLabel = "FLAG", description = "For every server's JVM; may be repeated.")
    List<String> serverJvmArguments = new ArrayList<>();

    /** The modes, raw first. */
    List<Mode> modes() {
        return servers().modes();
    }

    /** What {@link ServerProcess} needs to know. */
    EchoOptions servers() {
        EchoOptions servers = new EchoOptions();
        servers.spec = spec;
        servers.workload = Workload.PROXY;
        servers.modeNames = modeNames;
        servers.requestedTransport = transport;
        servers.serverJvmArguments = serverJvmArguments;
        return servers;
    }

    long bytes() {
        return (long) megabytes << 20;
    }

    void check() {
        servers().checkServers();
        if (megabytes < 1 || pairs < 1 || !(warmupSeconds >= 0)) {
            throw new ParameterException(spec.commandLine(),
                    "--megabytes and --pairs must be at least 1, and --warmup not negative");
        }
    }
}
