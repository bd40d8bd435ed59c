package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.valuetask.netty.OperationTally.Kind;
import io.valuetask.schedule.BodyScheduling;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Servers of every traffic, clients that connect to them again and again, and somebody who ends this and that. It lives
 * on loops of its own, which are shut down when it is over: in good order, or amid all of it.
 */
final class SoakWorld implements Runnable {
    private static final int CLIENTS = 16;
    private static final int KEPT_SESSIONS = 64;
    private static final int LONGEST_PAUSE_MILLIS = 5;

    private final Soak soak;
    private final Transport transport;
    private final Duration life;
    private final boolean abrupt;
    private final BodyScheduling scheduling;
    private final EventLoopGroup serverLoops;
    private final EventLoopGroup clientLoops;
    private final SoakServers servers = new SoakServers(this);
    /** Some of those that were begun last; whoever ends them does not ask whether they are over. */
    private final AtomicReferenceArray<SoakSession> sessions = new AtomicReferenceArray<>(KEPT_SESSIONS);
    private final Set<Thread> bodies = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    SoakWorld(Soak soak, Transport transport, Duration life, boolean abrupt, BodyScheduling scheduling) {
        this.soak = soak;
        this.transport = transport;
        this.life = life;
        this.abrupt = abrupt;
        this.scheduling = scheduling;
        serverLoops = transport.newGroup(2);
        clientLoops = transport.newGroup(1);
    }

    @Override
    public void run() {
        try {
            servers.listen();
            for (int i = 0; i < CLIENTS; i++) {
                start("soak-client", clientLoops.next(), this::connectAgainAndAgain);
            }
            endThisAndThat();
            over = true;
            if (!abrupt) {
                joinBodies("soak-client");
            }
        } catch (Throwable failure) {
            tally().mistake(failure);
        } finally {
            end();
        }
    }

    private void end() {
        over = true;
        try {
            servers.close();
            shutDown(clientLoops);
            shutDown(serverLoops);
            joinBodies("");
        } catch (InterruptedException failure) {
            tally().mistake(failure);
        }
    }

    private void connectAgainAndAgain() throws Exception {
        while (!over) {
            try {
                new SoakClient(this).live();
            } catch (Exception ended) {
                requireExpected(ended);
            }
        }
    }

    private void endThisAndThat() throws InterruptedException {
        Random dice = dice();
        long end = System.nanoTime() + life.toNanos();
        while (System.nanoTime() < end) {
            Thread.sleep(dice.nextInt(LONGEST_PAUSE_MILLIS)); // the pace of accidents
            SoakSession victim = sessions.get(dice.nextInt(KEPT_SESSIONS));
            if (victim != null) {
                SoakEnding ending = SoakEnding.random(dice);
                ending.happenTo(victim);
                soak.happened(ending);
            }
        }
    }

    private static void shutDown(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    }

    // Bodies

    interface Body {
        void run() throws Exception;
    }

    /** If bodies run on event loops here, then on this one. */
    void start(String name, EventLoop loop, Body body) {
        Thread thread = EventLoopVirtualThreads.create(scheduling, loop, name, () -> run(body));
        bodies.add(thread);
        try {
            thread.start();
        } catch (RejectedExecutionException loopHasEnded) {
            bodies.remove(thread);
            throw loopHasEnded;
        }
    }

    /** On the calling thread, which then is one that the world waits for. */
    void run(Body body) {
        bodies.add(Thread.currentThread());
        try {
            body.run();
        } catch (Throwable failure) {
            requireExpected(failure);
        } finally {
            bodies.remove(Thread.currentThread());
        }
    }

    private void requireExpected(Throwable failure) {
        boolean atRandom = failure instanceof IOException || OperationTally.isCancellation(failure)
                || failure instanceof RejectedExecutionException && over;
        if (!atRandom) {
            tally().mistake(failure);
        }
    }

    /** If one hangs, the conductor sees that: it looks at the operations. */
    private void joinBodies(String name) throws InterruptedException {
        for (List<Thread> alive; !(alive = alive(name)).isEmpty();) {
            for (Thread thread : alive) {
                thread.join();
            }
        }
    }

    private List<Thread> alive(String name) {
        return bodies.stream().filter(thread -> thread.getName().startsWith(name)).toList();
    }

    // For servers and clients

    SoakSession begin(ValueTaskChannel<ByteBuf, ByteBuf> channel, Thread body) {
        SoakSession session = new SoakSession(channel, tally(), dice(), body);
        sessions.set(ThreadLocalRandom.current().nextInt(KEPT_SESSIONS), session);
        return session;
    }

    SoakSession connect(SoakTraffic traffic, Thread body) throws Exception {
        Random dice = dice();
        var channel = tally().count(Kind.CONNECT, this, () -> {
            var connect = ValueTaskChannels.<ByteBuf, ByteBuf>connect(clientBootstrap(),
                    servers.address(traffic));
            return dice.nextInt(4) == 0
                    ? connect.await(Duration.ofMillis(dice.nextInt(5)))
                    : connect.await();
        });
        return begin(channel, body);
    }

    Bootstrap clientBootstrap() {
        return new Bootstrap().group(clientLoops).channel(transport.clientChannel).handler(soak.opening())
                .option(ChannelOption.ALLOCATOR, soak.allocator());
    }

    ServerBootstrap serverBootstrap() {
        return new ServerBootstrap().group(serverLoops).channel(transport.serverChannel)
                .handler(soak.opening()).option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.ALLOCATOR, soak.allocator());
    }

    BodyScheduling scheduling() {
        return scheduling;
    }

    Soak soak() {
        return soak;
    }

    OperationTally tally() {
        return soak.tally();
    }

    private static Random dice() {
        return new Random(ThreadLocalRandom.current().nextLong());
    }

    @Override
    public String toString() {
        return "SoakWorld[" + transport + ", " + scheduling + (abrupt ? ", to be ended abruptly" : "")
                + (over ? ", over" : "")
                + ", bodies=" + bodies.size() + "]";
    }
}
