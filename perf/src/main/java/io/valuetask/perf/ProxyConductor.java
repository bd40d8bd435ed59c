package io.valuetask.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the proxies and the windows, each next to one of raw, as {@link EchoConductor} does for echo servers. */
final class ProxyConductor implements AutoCloseable {
    /** A warm-up ends when the cost of two windows in a row is this close to the one before. */
    private static final double STEADY = 0.03;
    private static final long SLICE_BYTES = 256L << 20;
    /** As many messages as compilers want to see take gigabytes if each is 64 KiB, and are quickly sent if it is one. */
    private static final long SMALL_BYTES = 32L << 20;
    private static final int SMALL_CHUNK = 1024;

    private final ProxyOptions options;
    private final Cpus cpus;
    private final ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Map<Mode, ServerProcess> servers = new LinkedHashMap<>();
    private final Map<Mode, Transfer> transfers = new LinkedHashMap<>();

    ProxyConductor(ProxyOptions options, Cpus cpus) throws IOException {
        this.options = options;
        this.cpus = cpus;
    }

    List<ProxyRow> run() throws EchoFailure, IOException, InterruptedException {
        List<Mode> modes = options.modes();
        List<Mode> others = Pairs.besideRaw(modes);
        Map<Mode, ProxySeries> series = new LinkedHashMap<>();
        for (Mode mode : modes) {
            servers.put(mode, ServerProcess.start(mode, serverOptions(), cpus));
            series.put(mode, new ProxySeries(mode));
        }
        try (Progress progress = new Progress(modes.size() + 2 * others.size() * options.pairs,
                "measuring " + modes + ", " + 2 * others.size() * options.pairs + " transfers of "
                        + options.megabytes + " MB")) {
            for (Mode mode : modes) {
                progress.next("warming up " + mode);
                warmUp(mode);
            }
            Pairs.run(modes, options.pairs, mode -> measure(mode, progress),
                    (mode, window, raw) -> series.get(mode).add(window, raw));
        }
        List<ProxyRow> rows = new ArrayList<>();
        series.values().forEach(one -> rows.add(one.row(options)));
        return rows;
    }

    EchoOptions serverOptions() {
        EchoOptions servers = options.servers();
        servers.serverJvmArguments = new ArrayList<>(servers.serverJvmArguments);
        servers.serverJvmArguments.add(ProxyBackend.flag(backend.getLocalPort()));
        return servers;
    }

    /** First connections that come and go, with small messages; then the one that is measured. */
    private void warmUp(Mode mode) throws EchoFailure, IOException, InterruptedException {
        ServerProcess server = servers.get(mode);
        long started = System.nanoTime();
        long warmup = (long) (options.warmupSeconds * 1e9);
        long slice = Math.min(options.bytes(), SLICE_BYTES);
        do {
            try (Transfer passing = new Transfer(server.port(), backend)) {
                passing.run(Math.min(options.bytes(), SMALL_BYTES), SMALL_CHUNK);
            }
            EchoConductor.awaitSilence(server);
        } while (System.nanoTime() - started < warmup / 2);
        transfers.put(mode, new Transfer(server.port(), backend));
        double last = Double.POSITIVE_INFINITY;
        for (int steady = 0; steady < 2 && System.nanoTime() - started < 2 * warmup;) {
            double cost = window(mode, slice).cpuNanosPerKilobyte();
            steady = Math.abs(cost - last) < STEADY * last ? steady + 1 : 0;
            last = cost;
            EchoConductor.awaitSilence(server);
        }
    }

    private ProxyWindow measure(Mode mode, Progress progress) throws EchoFailure, InterruptedException {
        progress.next(mode.toString());
        return window(mode, options.bytes());
    }

    private ProxyWindow window(Mode mode, long bytes) throws EchoFailure, InterruptedException {
        ServerProcess server = servers.get(mode);
        try {
            ServerSample before = server.sample();
            long elapsed = transfers.get(mode).run(bytes, Transfer.LARGEST_CHUNK);
            ServerSample used = server.sample().minus(before);
            return new ProxyWindow(bytes, elapsed, used.withoutBytes(server.bytesPerSample()));
        } catch (EchoFailure failure) {
            throw new EchoFailure(mode + ": " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        transfers.values().forEach(Transfer::close);
        servers.values().forEach(ServerProcess::close);
        try {
            backend.close();
        } catch (IOException gone) {
            // As it should be.
        }
    }
}
