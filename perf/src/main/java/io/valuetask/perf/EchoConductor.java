package io.valuetask.perf;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the servers and the windows. Every window of a mode stands next to one of raw, so that a machine that
 * gets slower or faster does so for both; all servers stay up, and are silent outside their windows.
 *
 * <p>So do their connections, if this process may have as many open files. Otherwise they are visits: a server's connections
 * are opened for a window, used until they are as warm as the others would be, measured, and closed.
 */
final class EchoConductor implements AutoCloseable {
    /** A warm-up ends when the cost of two windows in a row is this close to the one before. */
    private static final double STEADY = 0.03;
    private static final long SHORT_PASSING_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int LONG_PASSINGS = 3;
    private static final long LISTEN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** To connect, to be silent twice, and to let go, roughly. */
    private static final double VISIT_SECONDS = 1.5;
    private static final long LONGEST_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final EchoOptions options;
    private final Cpus cpus;
    private final long mostOpenFiles;
    private final boolean visits;
    private final LoopbackSources sources = new LoopbackSources();
    private final EventLoopGroup loops;
    private final Map<Mode, ServerProcess> servers = new LinkedHashMap<>();
    private final Map<Mode, EchoLoad> loads = new LinkedHashMap<>();

    EchoConductor(EchoOptions options, Cpus cpus) {
        this(options, cpus, OpenFiles.most());
    }

    /** With what this process may have, and each server. */
    EchoConductor(EchoOptions options, Cpus cpus, long mostOpenFiles) {
        this.options = options;
        this.cpus = cpus;
        this.mostOpenFiles = mostOpenFiles;
        visits = OpenFiles.lacking((long) options.modes().size() * options.connections,
                mostOpenFiles) != null;
        loops = new MultiThreadIoEventLoopGroup(1, EchoLoad.ioHandler(options));
    }

    List<EchoRow> run() throws EchoFailure, InterruptedException {
        OpenFiles.require(options.connections, mostOpenFiles);
        List<Mode> modes = options.modes();
        Map<Mode, EchoSeries> series = new LinkedHashMap<>();
        for (Mode mode : modes) {
            ServerProcess server = ServerProcess.start(mode, options, cpus);
            servers.put(mode, server);
            series.put(mode, new EchoSeries(mode));
        }
        List<Mode> others = Pairs.besideRaw(modes);
        try (Progress progress = new Progress(modes.size() + 2 * others.size() * options.pairs,
                "measuring " + modes + " for about " + estimatedSeconds(modes.size(), others.size())
                        + " s")) {
            for (Mode mode : modes) {
                progress.next("warming up " + mode);
                warmUp(mode);
            }
            Pairs.run(modes, options.pairs, mode -> measure(mode, progress),
                    (mode, window, raw) -> series.get(mode).add(window, raw));
        }
        for (EchoLoad load : loads.values()) {
            load.requireCorrect();
        }
        List<EchoRow> rows = new ArrayList<>();
        series.values().forEach(one -> rows.add(one.row(options, visits)));
        return rows;
    }

    /**
     * First with connections that come and go, then with those that are measured. A connection's code is one call
     * that lasts as long as the connection; the compiler replaces the code of a call that is running only when that
     * very call happens to reach a threshold, so that a server which never saw a connection end would stay half
     * interpreted for millions of messages.
     *
     * <p>In between the server is left alone until its compiler has nothing left to do. It shares the one processor
     * with the event loop and would otherwise work off its queue, at the server's expense, amid the windows.
     */
    private void warmUp(Mode mode) throws EchoFailure, InterruptedException {
        ServerProcess server = servers.get(mode);
        long started = System.nanoTime();
        long warmup = (long) (options.warmupSeconds * 1e9);
        while (System.nanoTime() - started < warmup / 4) {
            pass(mode, SHORT_PASSING_NANOS);
            if (visits) {
                awaitSilence(server); // it may not have files enough for these and the next
            }
        }
        awaitSilence(server);
        for (int i = 0; i < LONG_PASSINGS && warmup > 0; i++) {
            pass(mode, warmup / 4);
            awaitSilence(server);
        }
        loads.put(mode, connect(server));
        long slice = slice();
        double last = Double.POSITIVE_INFINITY;
        for (int steady = 0; steady < 2 && System.nanoTime() - started < 2 * warmup;) {
            double cost = window(mode, slice).cpuNanosPerOp();
            steady = Math.abs(cost - last) < STEADY * last ? steady + 1 : 0;
            last = cost;
            awaitSilence(server);
        }
        if (visits) {
            disconnect(mode);
        }
    }

    private void pass(Mode mode, long nanos) throws EchoFailure, InterruptedException {
        try (EchoLoad passing = connect(servers.get(mode))) {
            passing.run(nanos);
        } catch (EchoFailure failure) {
            throw new EchoFailure(mode + ", warming up: " + failure.getMessage(), failure);
        }
    }

    private EchoLoad connect(ServerProcess server) throws EchoFailure, InterruptedException {
        return new EchoLoad(loops.next(), server.port(), options, options.connections,
                visits ? sources.next() : null);
    }

    /** Until the server has closed its side, too. */
    private void disconnect(Mode mode) throws EchoFailure, InterruptedException {
        try (EchoLoad load = loads.remove(mode)) {
            load.requireCorrect();
        }
        awaitSilence(servers.get(mode));
    }

    private long slice() {
        return Math.min(options.durationNanos(), TimeUnit.MILLISECONDS.toNanos(500));
    }

    /** A server without work that uses no processor time has compiled all that it was going to. */
    static void awaitSilence(ServerProcess server) throws EchoFailure, InterruptedException {
        long deadline = System.nanoTime() + LONGEST_SILENCE_NANOS;
        ServerSample before = server.sample();
        for (int silent = 0; silent < 2 && System.nanoTime() < deadline;) {
            TimeUnit.NANOSECONDS.sleep(LISTEN_NANOS);
            ServerSample now = server.sample();
            silent = now.minus(before).cpuNanos() < LISTEN_NANOS / 20 ? silent + 1 : 0;
            before = now;
        }
    }

    private EchoWindow measure(Mode mode, Progress progress) throws EchoFailure, InterruptedException {
        progress.next(mode.toString());
        return visits ? visit(mode) : window(mode, options.durationNanos());
    }

    /**
     * A window for connections that have come for it. What they are made of is collected before, with what those of the
     * last window have left: the server would have to do it amid some window, as no server has to whose connections stay.
     * Then each has a message at least: a body's stack that a collection has made old is copied once when it next parks.
     */
    private EchoWindow visit(Mode mode) throws EchoFailure, InterruptedException {
        ServerProcess server = servers.get(mode);
        try {
            EchoLoad load = connect(server);
            loads.put(mode, load);
            load.touch(0, load.size());
            server.collect();
            load.run(slice());
            awaitSilence(server);
        } catch (EchoFailure failure) {
            throw new EchoFailure(mode + ": " + failure.getMessage(), failure);
        }
        EchoWindow window = window(mode, options.durationNanos());
        disconnect(mode);
        return window;
    }

    private EchoWindow window(Mode mode, long nanos) throws EchoFailure, InterruptedException {
        ServerProcess server = servers.get(mode);
        try {
            ServerSample before = server.sample();
            EchoLoad.Result result = loads.get(mode).run(nanos);
            ServerSample used = server.sample().minus(before);
            if (result.roundTrips() == 0) {
                throw new EchoFailure("no reply came within " + options.durationSeconds + " s");
            }
            return new EchoWindow(result.roundTrips(), result.elapsedNanos(), result.latencyNanos(),
                    used.withoutBytes(server.bytesPerSample()));
        } catch (EchoFailure failure) {
            throw new EchoFailure(mode + ": " + failure.getMessage(), failure);
        }
    }

    private long estimatedSeconds(int modes, int others) {
        double windows = 2.0 * others * options.pairs;
        return Math.round(modes * options.warmupSeconds + windows * options.durationSeconds
                + (visits ? windows * (slice() / 1e9 + VISIT_SECONDS) : 0));
    }

    /** How the servers are driven. */
    String load() {
        return EchoReport.load(options)
                + (visits ? ", opened for each window, since not all may be open at once" : "");
    }

    /** What a sample of each server allocates, taken off every window. */
    String samplingBytes() {
        StringBuilder text = new StringBuilder();
        servers.forEach((mode, server) -> text.append(text.isEmpty() ? "" : ", ").append(mode).append(' ')
                .append(server.bytesPerSample()));
        return text.toString();
    }

    @Override
    public void close() {
        loads.values().forEach(EchoLoad::close);
        servers.values().forEach(ServerProcess::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
