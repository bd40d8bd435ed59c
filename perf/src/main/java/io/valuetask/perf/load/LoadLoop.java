package io.valuetask.perf.load;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The load of one event loop: fires operations when they are due, finds a connection for each, and counts what became of
 * it.
 *
 * <pre>
 *   open loop     schedule --due--> fire --free connection--> sent --answer--> counted
 *                                     |                         ^
 *                                     +--none free: backlog ----+      (cap reached: skipped)
 *
 *   closed loop   a connection that has an answer sends the next operation itself
 * </pre>
 *
 * <p>All of it belongs to the event loop: timers, and the bodies of the connections, which that loop carries. So nothing
 * here is shared, and between two awaits of a body nobody else changes anything.
 */
final class LoadLoop {
    private static final long TICK_NANOS = 5_000_000;

    private final EventLoop loop;
    private final LoadOptions options;
    private final LoopTally tally = new LoopTally();
    private final Schedule schedule;
    private final int maxInFlight;
    private final List<LoadConnection> connections = new ArrayList<>();
    private final Queue<LoadConnection> free = new ArrayDeque<>();
    /** When those that wait for a connection were due. */
    private final LongQueue backlog = new LongQueue();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private LoadWindow window;
    private int notTried;
    private long due;
    private long tick;
    private int underWay;
    private int bodies;
    private boolean over;
    private boolean finishing;

    /**
     * Makes the load of one loop, to be started on that.
     *
     * @param index which of the loops it is
     * @param count how many share the rate and the cap
     */
    LoadLoop(EventLoop loop, LoadOptions options, int index, int count) {
        this.loop = loop;
        this.options = options;
        maxInFlight = options.maxInFlight / count + (index < options.maxInFlight % count ? 1 : 0);
        schedule = options.openLoop() ? schedule(options, index, count) : null;
    }

    private static Schedule schedule(LoadOptions options, int index, int count) {
        long ramp = LoadWindow.nanos(options.rampSeconds);
        return options.poisson()
                ? Schedule.poisson(options.rate, ramp, count, new SplittableRandom(options.seed + index))
                : Schedule.constant(options.rate, ramp, index, count);
    }

    /** Opens the connections. */
    void open(List<LoadConnection> opening) {
        connections.addAll(opening);
        notTried = opening.size();
        opening.forEach(LoadConnection::start);
    }

    /** A connection is open for the first time, or could not be opened. */
    void tried() {
        if (--notTried == 0) {
            opened.complete(null);
        }
    }

    /** Completes when all connections are open, or at least one attempt at each has failed. */
    CompletableFuture<Void> opened() {
        return opened;
    }

    void begin(LoadWindow times) {
        window = times;
        tally.begin(times);
        tick = System.nanoTime() + TICK_NANOS;
        after(tick, this::tick);
        after(window.from(), () -> tally.add(LoadCounter.WAITING_AT_START, backlog.size()));
        after(window.to(), this::stop);
        for (LoadConnection connection : connections) {
            after(window.start() + connection.delayNanos(), connection::begin);
        }
        if (schedule != null) {
            due = window.start() + schedule.next();
            after(due, this::fireDue);
        }
    }

    private void after(long time, Runnable task) {
        loop.schedule(task, time - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    // Open loop

    /** What is due by now, and no more, so that the answers get their turn however late it is. */
    private void fireDue() {
        long now = System.nanoTime();
        while (due - now <= 0 && !window.isOver(due)) {
            fire(due);
            due = window.start() + schedule.next();
        }
        if (!window.isOver(due)) {
            after(due, this::fireDue);
        } else {
            completeIfDrained();
        }
    }

    private void fire(long intended) {
        long lateness = System.nanoTime() - intended;
        if (window.measures(intended)) {
            tally.late(lateness);
            if (lateness > options.maxLatenessNanos()) {
                tally.count(LoadCounter.LATE_FIRES);
            }
        }
        if (underWay + backlog.size() >= maxInFlight) {
            count(LoadCounter.SKIPPED, intended);
            return;
        }
        LoadConnection connection = nextFree();
        if (connection != null) {
            connection.send(intended);
            offer(connection);
        } else {
            count(LoadCounter.WAITED, intended);
            backlog.add(intended);
        }
    }

    private LoadConnection nextFree() {
        for (LoadConnection next; (next = free.poll()) != null;) {
            next.setOffered(false);
            if (next.canSend()) {
                return next;
            }
        }
        return null;
    }

    private void offer(LoadConnection connection) {
        if (connection.canSend() && !connection.isOffered()) {
            connection.setOffered(true);
            free.add(connection);
        }
    }

    // Connections

    /** A connection may have room for another operation. */
    void available(LoadConnection connection) {
        if (schedule != null) {
            while (!backlog.isEmpty() && connection.canSend()) {
                connection.send(backlog.remove());
            }
            offer(connection);
            completeIfDrained();
        } else {
            for (long now = System.nanoTime(); connection.canSend() && !over && !window.isOver(now);) {
                connection.send(now);
                now = System.nanoTime();
            }
        }
    }

    void sent(long intended) {
        underWay++;
        count(LoadCounter.SENT, intended);
    }

    /** An operation was answered, or will not be. */
    void finished(long intended, long sent, LoadCounter outcome) {
        underWay--;
        if (outcome == LoadCounter.OK) {
            tally.answered(intended, sent, System.nanoTime());
        } else {
            count(finishing ? LoadCounter.IN_FLIGHT_AT_END : outcome, intended);
        }
        completeIfDrained();
    }

    /** Something happened to a connection. That counts whenever it is, since the measured time has its consequences. */
    void count(LoadCounter counter) {
        tally.count(counter);
    }

    private void count(LoadCounter counter, long time) {
        if (window.measures(time)) {
            tally.count(counter);
        }
    }

    // The time

    /** Looks for what takes too long, and learns how late the loop itself is. */
    private void tick() {
        long now = System.nanoTime();
        for (; tick - now <= 0; tick += TICK_NANOS) { // each of those that were missed, too
            if (schedule == null && window.measures(tick)) {
                tally.late(now - tick);
            }
        }
        for (LoadConnection connection : connections) {
            connection.expire(now);
        }
        if (!finishing) {
            after(tick, this::tick);
        }
    }

    private void stop() {
        over = true;
        completeIfDrained();
    }

    private void completeIfDrained() {
        boolean allFired = schedule == null || window != null && window.isOver(due);
        if (over && allFired && underWay == 0 && backlog.isEmpty()) {
            drained.complete(null);
        }
    }

    /** Completes when nothing new is sent, and nothing is under way any more. */
    CompletableFuture<Void> drained() {
        return drained;
    }

    boolean isOver() {
        return over;
    }

    /** Ends all bodies. What is still under way is counted as such. */
    CompletableFuture<Void> finish() {
        over = true;
        finishing = true;
        while (!backlog.isEmpty()) {
            count(LoadCounter.WAITING_AT_END, backlog.remove());
        }
        connections.forEach(LoadConnection::interrupt);
        bodies++;
        bodyEnded();
        return ended;
    }

    void bodyStarted() {
        bodies++;
    }

    void bodyEnded() {
        bodies--;
        if (finishing && bodies == 0) {
            ended.complete(null);
        }
    }

    EventLoop loop() {
        return loop;
    }

    LoopTally tally() {
        return tally;
    }
}
