package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.LeakExtension;
import io.valuetask.testing.ThreadDump;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.ToIntFunction;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reads that race with whoever cancels them. The messages are numbered, and every number arrives once and in order; see
 * {@link RandomReads}. As a program, for very many of them on real sockets.
 */
final class ReadTrials {
    private static final int MOST_UNREAD = 3;

    private final long seed;

    ReadTrials(long seed) {
        this.seed = seed;
    }

    /** That of the property, to play something through again; or any. */
    static long anySeed() {
        return Long.getLong("trials.seed", ThreadLocalRandom.current().nextLong());
    }

    /** The argument says how many on each transport. Exits with 1 if a message is lost or comes twice, or a buffer leaks. */
    public static void main(String[] args) {
        int trials = Integer.parseInt(args[0]);
        long seed = anySeed();
        System.out.println("ReadTrials: -Dtrials.seed=" + seed);
        int exit = 0;
        try {
            for (Transport transport : Transport.available()) {
                long start = System.nanoTime();
                new ReadTrials(seed).onSocket(transport, trials);
                System.out.printf("ReadTrials: %,d on %s in %d s%n", trials, transport,
                        Duration.ofNanos(System.nanoTime() - start).toSeconds());
            }
            List<String> leaks = LeakExtension.findLeaks();
            assertThat(leaks).as("leaks").isEmpty();
        } catch (Throwable failure) {
            failure.printStackTrace(System.out);
            exit = 1;
        }
        System.exit(exit);
    }

    /** Of a real socket, by a virtual thread. */
    void onSocket(Transport transport, int trials) throws Throwable {
        try (Loopback loopback = Loopback.on(transport).serverPipeline(
                channel -> channel.pipeline().addLast(new FixedLengthFrameDecoder(Integer.BYTES)))
                .connectSocket()) {
            DataOutputStream out = new DataOutputStream(loopback.socket().getOutputStream());

            race(Kind.VIRTUAL, trials, loopback.server(), ReadTrials::takeNumber, number -> {
                try {
                    out.writeInt(number);
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
            });
        }
    }

    private static int takeNumber(ByteBuf message) {
        int number = message.readInt();
        message.release();
        return number;
    }

    /** So many reads by a thread of this kind; the calling one sends and cancels. */
    <T> void race(Kind kind, int trials, ValueTaskChannel<T, ?> channel, ToIntFunction<T> numberOf,
            IntConsumer send) throws Throwable {
        CompletableFuture<RandomReads<T>> started = new CompletableFuture<>();
        BackgroundCall<Void> reader = BackgroundCall.start(kind, () -> {
            RandomReads<T> reads = new RandomReads<>(channel, numberOf, seed);
            started.complete(reads);
            for (int i = 0; i < trials; i++) {
                reads.trial();
            }
            return null;
        });
        RandomReads<T> reads = started.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        Progress progress = new Progress(reads, channel);
        Random dice = new Random(~seed);
        int sent = 0;
        while (reader.thread().isAlive()) {
            for (int spins = dice.nextInt(200); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            if (dice.nextBoolean()) {
                reads.cancelSomehow(dice);
            } else if (sent - reads.taken() < MOST_UNREAD) {
                send.accept(sent++);
            }
            progress.check();
            Thread.yield();
        }
        assertThat(reader.result()).isNull();
        reads.assertRest(sent);
        System.out.println("ReadTrials: " + reads);
    }

    /** However many trials there are, and however slow the machine is, each of them ends. */
    private static final class Progress {
        private final RandomReads<?> reads;
        private final ValueTaskChannel<?, ?> channel;
        private int known;
        private long since = System.nanoTime();

        Progress(RandomReads<?> reads, ValueTaskChannel<?, ?> channel) {
            this.reads = reads;
            this.channel = channel;
        }

        void check() throws IOException {
            int ended = reads.ended();
            long now = System.nanoTime();
            if (ended != known) {
                known = ended;
                since = now;
            } else if (now - since > TimeUnit.SECONDS.toNanos(Call.LIMIT_SECONDS)) {
                throw new AssertionError(
                        "trial " + ended + " has not ended within " + Call.LIMIT_SECONDS + " s: " + reads
                                + ", " + channel + "\n" + ThreadDump.text());
            }
        }
    }
}
