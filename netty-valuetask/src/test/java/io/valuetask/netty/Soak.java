package io.valuetask.netty;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.valuetask.schedule.BodyScheduling;
import io.valuetask.schedule.EventLoopVirtualThreads;
import io.valuetask.testing.LeakExtension;
import io.valuetask.testing.ThreadDump;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Everything at once, for a long time, with random endings: afterwards every operation has ended once, every channel is
 * closed, and every buffer is back. See {@link SoakWorld} for what goes on.
 */
final class Soak {
    private static final Logger NETTY = Logger.getLogger("io.netty.channel");
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration PROGRESS = Duration.ofSeconds(10);
    /** A world lives for a few seconds, and an operation no longer than its world: this one hangs. */
    private static final Duration LONGEST_OPERATION = Duration.ofSeconds(60);
    private static final Duration LONGEST_SETTLING = Duration.ofSeconds(20);

    private final Duration duration;
    private final Duration longestWorld;
    private final List<BodyScheduling> schedulings;
    private final PrintStream out;
    private final OperationTally tally = new OperationTally();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    private final Map<SoakEnding, LongAdder> endings = new EnumMap<>(SoakEnding.class);
    private final List<Thread> worlds = new ArrayList<>();
    private final Random dice = new Random();
    private int begun;
    private long mostDirectMemory;

    /** With worlds of all these schedulings, as they come. */
    Soak(Duration duration, Duration longestWorld, List<BodyScheduling> schedulings, PrintStream out) {
        this.duration = duration;
        this.schedulings = schedulings;
        this.longestWorld = longestWorld;
        this.out = out;
        for (SoakEnding ending : SoakEnding.values()) {
            endings.put(ending, new LongAdder());
        }
    }

    /** Those that there are here. */
    static List<BodyScheduling> everyScheduling() {
        return EventLoopVirtualThreads.isSupported()
                ? List.of(BodyScheduling.EVENT_LOOP, BodyScheduling.COMMON)
                : List.of(BodyScheduling.COMMON);
    }

    /**
     * The first argument says for how many minutes, a second one on which scheduling, if not on each. Exits with 1 if
     * anything is left over.
     */
    public static void main(String[] args) throws Exception {
        Duration duration = Duration.ofSeconds((long) (60 * Double.parseDouble(args[0])));
        List<BodyScheduling> schedulings = args.length > 1
                ? List.of(BodyScheduling.valueOf(args[1]))
                : everyScheduling();
        SoakReport report = new Soak(duration, Duration.ofSeconds(10), schedulings, System.out).run();
        System.out.println(report);
        System.exit(report.problems().isEmpty() ? 0 : 1);
    }

    SoakReport run() throws Exception {
        Level before = NETTY.getLevel();
        NETTY.setLevel(Level.SEVERE); // it warns of each task that comes too late for a loop, and they come by the dozen
        try {
            return runQuietly();
        } finally {
            NETTY.setLevel(before);
        }
    }

    private SoakReport runQuietly() throws Exception {
        long start = System.nanoTime();
        long nextProgress = PROGRESS.toNanos();
        boolean hanging = false;
        for (long age = 0; !hanging
                && (age < duration.toNanos() || !worlds.isEmpty()); age = System.nanoTime()
                        - start) {
            worlds.removeIf(world -> !world.isAlive());
            if (age < duration.toNanos()) {
                beginWorlds(duration.toNanos() - age);
            }
            Thread.sleep(TICK);
            mostDirectMemory = Math.max(mostDirectMemory, allocator.metric().usedDirectMemory());
            hanging = hangs();
            if (age >= nextProgress) {
                nextProgress += PROGRESS.toNanos();
                out.printf("%5d s: %s%n", age / 1_000_000_000, this);
            }
        }
        settle();
        return new SoakReport(tally, endings, channels.size(), LeakExtension.findLeaks(),
                allocator.pinnedDirectMemory(), allocator.metric().usedDirectMemory(), mostDirectMemory);
    }

    /** One of each transport at any time. */
    private void beginWorlds(long leftNanos) {
        for (Transport transport : Transport.available()) {
            String name = "soak-" + transport;
            if (worlds.stream().noneMatch(world -> world.getName().equals(name))
                    && transport.has(Transport.Habit.ANSWERS_FOR_WHAT_IT_ACCEPTS_LAST)) {
                long longest = Math.min(leftNanos, longestWorld.toNanos());
                long life = longest / 2 + dice.nextLong(1 + longest / 2);
                SoakWorld world = new SoakWorld(this, transport, Duration.ofNanos(life), dice.nextBoolean(),
                        schedulings.get(dice.nextInt(schedulings.size())));
                worlds.add(Thread.ofPlatform().name(name).daemon().start(world));
                begun++;
            }
        }
    }

    private boolean hangs() throws IOException {
        List<OperationTally.Operation> oldestFirst = tally.inFlight();
        if (oldestFirst.isEmpty() || oldestFirst.getFirst().age().compareTo(LONGEST_OPERATION) < 0) {
            return false;
        }
        out.println(ThreadDump.text());
        return true;
    }

    /** Bodies and loops have ended; what they told others of that may be under way. */
    private void settle() throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_SETTLING.toNanos();
        while (!isSettled() && System.nanoTime() < deadline) {
            Thread.sleep(TICK);
        }
    }

    private boolean isSettled() {
        return tally.agrees() && channels.isEmpty() && allocator.pinnedDirectMemory() == 0;
    }

    // For the worlds

    OperationTally tally() {
        return tally;
    }

    PooledByteBufAllocator allocator() {
        return allocator;
    }

    /** First in every pipeline: the channel is counted until it is closed. */
    ChannelHandler opening() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channels.add(channel);
            }

            @Override
            public boolean isSharable() {
                return true;
            }
        };
    }

    void happened(SoakEnding ending) {
        endings.get(ending).increment();
    }

    /** How it goes. */
    @Override
    public String toString() {
        return String.format(
                "%d worlds, %d operations, %d in flight, %d channels open, %s in buffers, %s reserved",
                begun, tally.started(), tally.inFlight().size(), channels.size(),
                SoakReport.mebibytes(allocator.pinnedDirectMemory()),
                SoakReport.mebibytes(allocator.metric().usedDirectMemory()));
    }
}
