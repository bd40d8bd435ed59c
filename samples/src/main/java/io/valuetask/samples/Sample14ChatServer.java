// $ java -jar samples/target/netty-valuetask-samples.jar chat-server
package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.CharsetUtil;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.netty.ValueTaskChannelOptions;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Tells each member what the others say, a line each. The first line is the member's name.
 *
 * <p>A line is one buffer, however many members get it: each {@code send} owns a duplicate, and the last one that has
 * left frees the bytes. Who reads too slowly holds up nobody for longer than a moment: the others' lines wait for room
 * together, and who has none after that misses lines, or has to go, as the policy says. What waits for one member is no
 * more than its channel's high-water mark (64 KiB unless said), one line for each other member, and the system's buffer.
 */
@Command(name = "chat-server", mixinStandardHelpOptions = true, description = "Tells each member what the others say; bounds what waits for slow ones.")
public final class Sample14ChatServer implements SampleCommand {
    private static final int LONGEST_LINE = 512;
    /** Unless told, Linux lets what a connection has not taken grow to 4 MB. */
    private static final int SYSTEM_BUFFER = 64 * 1024;
    private static final String NAMES = "[\\p{L}\\p{N}_-]{1,20}";
    private static final Duration TO_SAY_A_NAME = Duration.ofSeconds(30);
    /** Nobody waits for a member who was too slow within this time: to be slow again and again must not pay. */
    private static final long FORGIVEN_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** What happens to a member who does not read. */
    private enum Policy {
        DROP_MESSAGE,
        DISCONNECT
    }

    @Spec
    private CommandSpec command;

    @Mixin
    private SampleServer server;

    @Option(names = "--policy", defaultValue = "drop-message", description = "drop-message: who does not read misses lines, and is told how many; disconnect: has to go")
    private String policyName;

    @Option(names = "--members", paramLabel = "N", defaultValue = "1000", description = "how many at once; further ones are turned away; ${DEFAULT-VALUE} unless said")
    private int most;

    @Option(names = "--patience", paramLabel = "MILLIS", defaultValue = "500", description = "how long a line waits for those who have no room for it, all together; ${DEFAULT-VALUE} unless said")
    private int patienceMillis;

    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private SampleLog departures;
    private Policy policy;
    private Semaphore places;

    public static void main(String... arguments) {
        Samples.run(new Sample14ChatServer(), arguments);
    }

    @Override
    public void run() throws SampleException {
        policy = switch (policyName) {
            case "drop-message" -> Policy.DROP_MESSAGE;
            case "disconnect" -> Policy.DISCONNECT;
            default -> throw new ParameterException(command.commandLine(),
                    "--policy must be drop-message or disconnect, not '" + policyName + "'");
        };
        if (most < 1 || patienceMillis < 0) {
            throw new ParameterException(command.commandLine(),
                    "--members must be at least 1, and --patience not negative");
        }
        departures = new SampleLog(System.out);
        places = new Semaphore(most);
        server.start(ValueTaskChannelInitializer.serve(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setOption(ChannelOption.SO_KEEPALIVE, true); // finds peers that vanished silently
                channel.config().setOption(ChannelOption.SO_SNDBUF, SYSTEM_BUFFER);
                channel.pipeline().addLast(new LineBasedFrameDecoder(LONGEST_LINE, true, true));
            }
        }, this::serve).options(ValueTaskChannelOptions.DEFAULTS.closeDeadline(Duration.ofSeconds(1))));
    }

    /** One connection, on a thread that its event loop carries. When this ends it is closed. */
    private void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        if (!places.tryAcquire()) {
            farewell(channel, "* there are " + most + " members already");
            return;
        }
        try {
            chat(channel);
        } catch (TooLongFrameException tooLong) {
            farewell(channel, "* a line has at most " + LONGEST_LINE + " bytes");
        } catch (SocketTimeoutException silent) {
            farewell(channel, "* a name is due within " + TO_SAY_A_NAME.toSeconds() + " s");
        } finally {
            places.release();
        }
    }

    private void chat(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        channel.send(line(channel, "* your name?")).await();
        String name = text(channel.read(TO_SAY_A_NAME).await());
        if (name == null || !name.matches(NAMES)) {
            farewell(channel, "* a name has 1 to 20 letters, digits, _ or -");
            return;
        }
        Member member = new Member(name, channel);
        if (members.putIfAbsent(name, member) != null) {
            farewell(channel, "* there is a " + name + " already");
            return;
        }
        try {
            channel.send(line(channel, "* welcome, " + name)).await();
            member.tellOthers("* " + name + " is here");
            for (String said; (said = text(channel.read().await())) != null;) {
                if (!said.isBlank()) {
                    member.tellOthers(name + ": " + said);
                }
            }
        } finally {
            members.remove(name, member);
            member.tellOthers("* " + name + " has gone");
        }
    }

    private static void farewell(ValueTaskChannel<ByteBuf, ByteBuf> channel, String sentence)
            throws Exception {
        channel.writeAndFlush(line(channel, sentence)).await(Duration.ofSeconds(1));
    }

    /** Makes a buffer, which is the caller's. */
    private static ByteBuf line(ValueTaskChannel<ByteBuf, ByteBuf> channel, String text) {
        return ByteBufUtil.writeUtf8(channel.channel().alloc(), text + "\n");
    }

    /** Takes over what was read. Nothing in it can steer the others' terminals. */
    private static String text(ByteBuf line) {
        if (line == null) {
            return null;
        }
        try {
            return line.toString(CharsetUtil.UTF_8).replaceAll("\\p{Cc}", " ");
        } finally {
            line.release();
        }
    }

    /** One who has said a name. Any member's thread tells it what that one says; its channel sorts that out. */
    private final class Member {
        private final String name;
        private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
        private final AtomicBoolean stalled = new AtomicBoolean();
        private volatile long stalledAt;
        private final AtomicInteger missed = new AtomicInteger();
        private final ValueTaskAwaiter<Void> waiting = new ValueTaskAwaiter<>();

        Member(String name, ValueTaskChannel<ByteBuf, ByteBuf> channel) {
            this.name = name;
            this.channel = channel;
        }

        /** Sends a line to all others; then waits for room where that was the last it took, so that none is flooded. */
        void tellOthers(String text) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
            List<Member> full = new ArrayList<>();
            List<ValueTask<Void>> rooms = new ArrayList<>();
            ByteBuf line = line(channel, text);
            try {
                for (Member other : members.values()) {
                    if (other == this) {
                        continue;
                    }
                    if (other.stalled.get()) {
                        other.missed.incrementAndGet();
                        continue;
                    }
                    // A duplicate has indices of its own and one count of the bytes, which the channel releases.
                    ValueTask<Void> room = other.channel.send(line.retainedDuplicate());
                    if (room.isCompletedSuccessfully()) {
                        room.discard();
                    } else {
                        full.add(other);
                        rooms.add(room);
                    }
                }
            } finally {
                line.release(); // ours; those of the others are still on their way
            }
            for (int i = 0; i < full.size(); i++) {
                Member other = full.get(i);
                long patience = other.isForgiven() ? deadline - System.nanoTime() : 0;
                try {
                    rooms.get(i).await(Duration.ofNanos(patience));
                } catch (TimeoutException slow) {
                    other.readsTooSlowly();
                } catch (IOException gone) {
                    // Its own thread reads that, and ends.
                }
            }
        }

        private boolean isForgiven() {
            long at = stalledAt;
            return at == 0 || System.nanoTime() - at > FORGIVEN_NANOS;
        }

        private void readsTooSlowly() {
            if (!stalled.compareAndSet(false, true)) {
                return; // others have noticed
            }
            stalledAt = System.nanoTime() | 1; // 0: never
            if (policy == Policy.DISCONNECT) {
                departures.print(name + " reads too slowly and has to go");
                channel.close();
            } else if (!waiting.onCompleted(channel.writable(), Member::hasRoomAgain, this)) {
                hasRoomAgain();
            }
        }

        private void hasRoomAgain() {
            try {
                waiting.result();
            } catch (IOException gone) {
                return; // it never reads again
            }
            int lines = missed.getAndSet(0);
            stalled.set(false);
            if (lines > 0) {
                channel.send(line(channel, "* you read too slowly and have missed " + lines + " lines"))
                        .discard();
            }
        }
    }
}
/*
listening on port 8007

$ nc localhost 8007
* your name?
ann
* welcome, ann
* bob is here
bob: hello, Ann
hello, Bob
* bob has gone
*/
