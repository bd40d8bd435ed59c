package io.valuetask.perf;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.valuetask.perf.report.RecordedRun;
import io.valuetask.perf.report.RecordedRun.Section;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What connections hold that are waiting for a message: opens many to each server, one mode after another, lets each
 * answer one message, and measures the heap; then lets few of them work for a while, and counts full collections, or what a
 * {@link HeapCollector} has instead.
 */
@Command(name = "idle", sortOptions = false, description = "Measures what idle connections hold.")
final class IdleCommand implements Callable<Integer> {
    private static final int CONNECTIONS_AT_ONCE = 500;
    private static final int ROUNDS_BEFORE = 3;
    /**
     * So often all of {@link #CONNECTIONS_AT_ONCE} come and go before. A body's stack keeps the size that it had when it first
     * parked, and frames that are not compiled yet are larger.
     */
    private static final int GENERATIONS_BEFORE = 12;
    private static final int SETTLED_BYTES = 16 * 1024;
    private static final int MOST_MEASUREMENTS = 50;

    @Mixin
    EchoOptions options;

    @Option(names = "--seconds", paramLabel = "N", description = "Light traffic after that (60).")
    int seconds = 60;

    @Option(names = "--busy", paramLabel = "N", description = "Messages per second in it (1000).")
    int busy = 1000;

    /**
     * An object of the JSON; the names of the components are the keys. README.md explains each. Either full collections
     * or concurrent cycles are counted, and the other is null, and no key.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Row(String mode, int connections, long heapBytesPerConnection, long bytesAboveRaw,
            @Nullable Long fullCollections, @Nullable Long concurrentCycles, long roundTrips,
            @JsonIgnore HeapCollector collector) {
        long collections() {
            return fullCollections != null ? fullCollections : concurrentCycles;
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        Cpus cpus = Cpus.pin();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EchoLoad.ioHandler(options));
        try {
            OpenFiles.require(options.connections, OpenFiles.most());
            List<Row> rows = new ArrayList<>();
            for (Mode mode : options.modes()) {
                rows.add(measure(mode, rows, loops, cpus));
            }
            HeapCollector collector = rows.getFirst().collector;
            System.out.printf(Locale.ROOT, "%-22s %20s %20s %18s %14s%n", "mode", "heap bytes", "above raw",
                    collector.heading(), "round trips");
            for (Row row : rows) {
                System.out.printf(Locale.ROOT, "%-22s %,20d %,20d %18d %,14d%n", row.mode,
                        row.heapBytesPerConnection, row.bytesAboveRaw, row.collections(),
                        row.roundTrips);
            }
            System.out.printf(Locale.ROOT,
                    "%nper idle connection, of %,d; then %d s of about %,d messages per second%n"
                            + "%s: %s%n"
                            + "Servers:  %s%n",
                    options.connections, seconds, busy, collector.heading(), collector.meaning(),
                    String.join(" ", ServerProcess.flags(options)));
            if (options.json != null) {
                record(rows, cpus).write(options.json);
            }
            return 0;
        } catch (EchoFailure failure) {
            System.err.println(failure.getMessage());
            return 1;
        } catch (IOException failure) {
            System.err.println("cannot write " + options.json + ": " + failure);
            return 1;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private RecordedRun record(List<Row> rows, Cpus cpus) {
        String load = String.format(Locale.ROOT,
                "%s; heap after %s; then %d s of about %,d messages per second",
                options.transport(), rows.getFirst().collector.heading(), seconds, busy);
        return RecordedRun.begin(EchoReport.arguments(options.spec), cpus.count() + " processors; " + cpus)
                .with(Section.of("idle-" + options.connections,
                        String.format(Locale.ROOT, "%,d idle connections", options.connections), load,
                        ServerProcess.flags(options), rows));
    }

    private Row measure(Mode mode, List<Row> before, EventLoopGroup loops, Cpus cpus)
            throws EchoFailure, InterruptedException {
        List<EchoLoad> loads = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(mode, options, cpus)) {
            // What the first connections of all leave behind is not theirs: classes, compiled code, buffers.
            int connections = options.connections;
            int atOnce = Math.min(connections, CONNECTIONS_AT_ONCE);
            try (EchoLoad first = new EchoLoad(loops.next(), server.port(), options, atOnce)) {
                first.run(TimeUnit.SECONDS.toNanos(1));
            }
            for (int generation = 0; generation < GENERATIONS_BEFORE; generation++) {
                try (EchoLoad brief = new EchoLoad(loops.next(), server.port(), options, atOnce)) {
                    touchAll(List.of(brief));
                }
            }
            ServerMemory empty = settled(server);
            for (int open = 0; open < connections; open += CONNECTIONS_AT_ONCE) {
                loads.add(new EchoLoad(loops.next(), server.port(), options,
                        Math.min(connections - open, CONNECTIONS_AT_ONCE)));
            }
            for (int round = 0; round < ROUNDS_BEFORE; round++) {
                touchAll(loads);
            }
            ServerMemory idle = settled(server);
            long roundTrips = work(loads);
            ServerMemory after = server.memory();
            long bytes = (idle.usedBytes() - empty.usedBytes()) / connections;
            long rawBytes = before.isEmpty() ? bytes : before.getFirst().heapBytesPerConnection;
            HeapCollector collector = after.collector();
            long collections = after.collectionsSince(idle);
            return new Row(mode.toString(), connections, bytes, bytes - rawBytes,
                    collector.stops() ? collections : null, collector.stops() ? null : collections,
                    roundTrips, collector);
        } finally {
            loads.forEach(EchoLoad::close);
        }
    }

    /** When what is going has gone, such as the connections that have just been closed. */
    private static ServerMemory settled(ServerProcess server) throws EchoFailure, InterruptedException {
        ServerMemory last = server.memory();
        for (int i = 0; i < MOST_MEASUREMENTS; i++) {
            TimeUnit.MILLISECONDS.sleep(100); // the server has one processor, and collects on it
            ServerMemory now = server.memory();
            if (Math.abs(now.usedBytes() - last.usedBytes()) < SETTLED_BYTES) {
                return now;
            }
            last = now;
        }
        throw new EchoFailure("the memory of an idle server does not settle");
    }

    private static void touchAll(List<EchoLoad> loads) throws EchoFailure, InterruptedException {
        for (EchoLoad load : loads) {
            load.touch(0, load.size());
        }
    }

    /** A different part of the connections in each tenth of a second. */
    private long work(List<EchoLoad> loads) throws EchoFailure, InterruptedException {
        long roundTrips = 0;
        int perTick = Math.max(1, busy / 10);
        for (int tick = 0; tick < 10 * seconds; tick++) {
            EchoLoad load = loads.get(tick % loads.size());
            roundTrips += load.touch(tick / loads.size() * perTick, Math.min(perTick, load.size()))
                    .roundTrips();
            TimeUnit.MILLISECONDS.sleep(100); // the rate is what is asked for, not a signal
        }
        return roundTrips;
    }
}
