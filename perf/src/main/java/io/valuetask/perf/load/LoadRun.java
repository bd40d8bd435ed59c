package io.valuetask.perf.load;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** Conducts a run: opens the connections, waits for the times to pass, and takes together what the loops have counted. */
final class LoadRun {
    private static final long LEAD_NANOS = 50_000_000;
    private static final long STEP_NANOS = 500_000_000;
    private static final long LOOP_SECONDS = 10;

    private final LoadOptions options;
    private final LoadProgress progress;
    private final List<LoadLoop> loops = new ArrayList<>();
    private final List<Histogram> spares = new ArrayList<>();
    private HttpRequests requests;

    LoadRun(LoadOptions options, LoadProgress progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * Runs.
     *
     * @param probe whether to open one connection first, and to fail if that cannot be
     */
    LoadResult run(boolean probe) throws LoadFailure, InterruptedException {
        if (!EventLoopVirtualThreads.isSupported()) {
            throw new LoadFailure("the load's bodies run on event loops, and cannot here: "
                    + EventLoopVirtualThreads.whyUnsupported().orElse(""));
        }
        Connector connector = new Connector(options);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(options.usedLoops(), connector.ioHandler());
        try {
            List<EventLoop> eventLoops = new ArrayList<>();
            for (EventExecutor executor : group) {
                eventLoops.add((EventLoop) executor);
            }
            if (probe) {
                probe(connector, eventLoops.getFirst());
            }
            return measure(connector, eventLoops);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(LOOP_SECONDS,
                    TimeUnit.SECONDS);
            if (requests != null) {
                requests.close();
            }
        }
    }

    private void probe(Connector connector, EventLoop loop) throws LoadFailure, InterruptedException {
        try {
            connector.open(loop, pipeline -> {}).close();
        } catch (IOException failure) {
            throw new LoadFailure("cannot connect to " + options.target() + ": " + failure.getMessage(),
                    failure);
        }
    }

    private LoadResult measure(Connector connector, List<EventLoop> eventLoops)
            throws LoadFailure, InterruptedException {
        GeneratorHealth health = new GeneratorHealth(eventLoops);
        open(connector, eventLoops);
        LoadWindow window = LoadWindow.beginning(System.nanoTime() + LEAD_NANOS, options);
        long startEpochMillis = System.currentTimeMillis() + (window.from() - System.nanoTime()) / 1_000_000;
        progress.begin(window, LoadSetup.of(options).describeLoad());
        loops.forEach(loop -> loop.loop().execute(() -> loop.begin(window)));
        passUntil(window, window.from());
        health.begin();
        passUntil(window, window.to());
        health.end();
        awaitAnswers(window);
        finish();
        return result(window, startEpochMillis, health.generator());
    }

    /** Before the time begins: to open connections is not what is measured, unless they come and go. */
    private void open(Connector connector, List<EventLoop> eventLoops)
            throws LoadFailure, InterruptedException {
        requests = options.target().protocol().echo() ? null : new HttpRequests(options);
        int count = eventLoops.size();
        List<List<LoadConnection>> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            loops.add(new LoadLoop(eventLoops.get(i), options, i, count));
            connections.add(new ArrayList<>());
            spares.add(LoopTally.histogram());
        }
        long ramp = options.openLoop() ? 0 : LoadWindow.nanos(options.rampSeconds);
        for (int i = 0; i < options.connections; i++) {
            LoadLoop owner = loops.get(i % count);
            long delay = Math.round((double) ramp * i / options.connections);
            connections.get(i % count).add(switch (options.target().protocol()) {
                case TCP_ECHO, TLS_ECHO -> new EchoConnection(owner, options, i, delay, connector);
                case HTTP, HTTPS -> new Http1Connection(owner, options, i, delay, connector, requests);
                case H2C, H2 -> new Http2Connection(owner, options, i, delay, connector, requests);
            });
        }
        for (int i = 0; i < count; i++) {
            LoadLoop loop = loops.get(i);
            List<LoadConnection> its = connections.get(i);
            loop.loop().execute(() -> loop.open(its));
        }
        for (LoadLoop loop : loops) {
            await(loop.opened(), options.timeoutSeconds + LOOP_SECONDS, "try to open all connections");
        }
    }

    /** Waits for that time, and shows what happens until then. */
    private void passUntil(LoadWindow window, long time) throws LoadFailure, InterruptedException {
        long shown = System.nanoTime();
        for (long left; (left = time - System.nanoTime()) > 0;) {
            TimeUnit.NANOSECONDS.sleep(Math.min(left, STEP_NANOS));
            Histogram recent = LoopTally.histogram();
            for (int i = 0; i < loops.size(); i++) {
                LoadLoop loop = loops.get(i);
                Histogram spare = spares.get(i);
                Histogram taken = await(
                        CompletableFuture.supplyAsync(() -> loop.tally().takeRecent(spare), loop.loop()),
                        LOOP_SECONDS, "show what it does");
                recent.add(taken);
                taken.reset();
                spares.set(i, taken);
            }
            long now = System.nanoTime();
            progress.show(window, recent, (now - shown) / 1e9);
            shown = now;
        }
    }

    private void awaitAnswers(LoadWindow window) throws InterruptedException {
        CompletableFuture<?>[] drained = loops.stream().map(LoadLoop::drained)
                .toArray(CompletableFuture[]::new);
        long left = window.to() + LoadWindow.nanos(options.graceSeconds) - System.nanoTime();
        try {
            CompletableFuture.allOf(drained).get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException missing) {
            // Each is counted as in flight.
        } catch (ExecutionException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void finish() throws LoadFailure, InterruptedException {
        for (LoadLoop loop : loops) {
            await(CompletableFuture.supplyAsync(loop::finish, loop.loop()).thenCompose(ended -> ended),
                    LOOP_SECONDS, "end its connections");
        }
    }

    private static <T> T await(CompletableFuture<T> task, double seconds, String what)
            throws LoadFailure, InterruptedException {
        try {
            return task.get(LoadWindow.nanos(seconds), TimeUnit.NANOSECONDS);
        } catch (TimeoutException stuck) {
            throw new LoadFailure(
                    "the generator is stuck: an event loop did not " + what + " within " + seconds + " s",
                    stuck);
        } catch (ExecutionException failure) {
            throw new LoadFailure("the generator failed: " + failure.getCause(), failure);
        }
    }

    private LoadResult result(LoadWindow window, long startEpochMillis, LoadResult.Generator generator) {
        Map<String, Long> counters = new LinkedHashMap<>();
        for (LoadCounter counter : LoadCounter.values()) {
            counters.put(counter.key(),
                    loops.stream().mapToLong(loop -> loop.tally().counted(counter)).sum());
        }
        Histogram latency = LoopTally.histogram();
        Histogram service = LoopTally.histogram();
        Histogram lateness = LoopTally.histogram();
        long[] ok = new long[window.slots()];
        long[] longest = new long[window.slots()];
        for (LoadLoop loop : loops) {
            LoopTally tally = loop.tally();
            latency.add(tally.latency());
            service.add(tally.service());
            lateness.add(tally.lateness());
            for (int slot = 0; slot < ok.length; slot++) {
                ok[slot] += tally.okPerSlot()[slot];
                longest[slot] = Math.max(longest[slot], tally.longestPerSlot()[slot] / 1_000);
            }
        }
        return new LoadResult(LoadSetup.of(options),
                List.of(new LoadResult.Span(startEpochMillis, window.seconds())), counters, generator,
                GeneratorHealth.judge(generator, lateness, window.seconds(), options.openLoop(),
                        options.maxLatenessMillis),
                latency, service, lateness, new LoadResult.Series(window.slotNanos() / 1e9, ok, longest));
    }
}
