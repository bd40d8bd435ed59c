package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A million reads, each of which may be cancelled: by its token, by {@code cancelPendingRead}, by a timeout of the read or
 * of the wait, by an interrupt, or as a future. The messages are numbered, and every number arrives once and in order.
 *
 * <p>Of the million, {@value #ORDERED} are of one thread, where a random order of arrival and cancellation is played through
 * without a race, and {@value #RACED} of each kind of thread race with a canceller and with an executor that gets the
 * messages, without a socket. {@value #ON_SOCKETS} more do so on a real socket of each transport, and in the soak a million
 * on each, see {@link ReadTrials}.
 */
@Timeout(120)
class ReadTrialsTest {
    private static final int ORDERED = 930_000;
    private static final int RACED = 25_000;
    private static final int ON_SOCKETS = 10_000;

    private final long seed = ReadTrials.anySeed();

    ReadTrialsTest() {
        System.out.println("ReadTrialsTest: -Dtrials.seed=" + seed);
    }

    // Of one thread

    private final class Ordered {
        final ValueTaskHandler<Integer, Object> handler = new ValueTaskHandler<>();
        final EmbeddedChannel embedded = new EmbeddedChannel(handler);
        final ValueTaskChannel<Integer, Object> channel = handler.channel();
        final Random dice = new Random(seed);
        CancellationTokenSource cancellation = new CancellationTokenSource();
        int sent;
        int taken;
        int cancelled;

        void arrive() {
            embedded.pipeline().fireChannelRead(sent++);
            embedded.pipeline().fireChannelReadComplete();
        }

        void trial() throws IOException {
            for (int arriving = dice.nextInt(4); arriving == 3; arriving = dice.nextInt(4)) {
                arrive();
            }
            ValueTask<Integer> read = switch (dice.nextInt(3)) {
                case 0 -> channel.read();
                case 1 -> channel.read(cancellation.token());
                default -> channel.read(Duration.ofMillis(1));
            };
            while (!read.isCompleted()) {
                happen();
            }
            if (dice.nextInt(4) == 0) {
                happen(); // too late
            }
            try {
                assertThat(read.result()).isEqualTo(taken);
                taken++;
            } catch (CancellationException | SocketTimeoutException ended) {
                cancelled++;
            }
            if (cancellation.isCancellationRequested()) {
                cancellation = new CancellationTokenSource();
            }
        }

        void happen() {
            switch (dice.nextInt(4)) {
                case 0 -> arrive();
                case 1 -> cancellation.cancel();
                case 2 -> channel.cancelPendingRead();
                default -> {
                    embedded.advanceTimeBy(600, TimeUnit.MICROSECONDS);
                    embedded.runScheduledPendingTasks();
                }
            }
        }
    }

    @Test
    void reads_ofOneThreadThatAreCancelledAtRandom_takeEveryMessageOnceAndInOrder() throws Exception {
        Ordered ordered = new Ordered();
        ordered.embedded.freezeTime();

        for (int i = 0; i < ORDERED; i++) {
            ordered.trial();
        }

        assertThat(ordered.cancelled).isBetween(ORDERED / 4, 3 * ORDERED / 4);
        while (ordered.taken < ordered.sent) {
            assertThat(ordered.channel.read().result()).isEqualTo(ordered.taken++);
        }
        assertThat(ordered.channel.tryRead()).isNull();
        ordered.embedded.finish();
    }

    // Against others

    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
    void reads_thatRaceWithTheirCancellation_takeEveryMessageOnceAndInOrder(Kind kind) throws Throwable {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        ValueTaskHandler<Integer, Object> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel();
        embedded.pipeline().addLast(executor, handler);
        executor.submit(() -> {}).sync(); // it is added there
        ChannelHandlerContext context = embedded.pipeline().context(handler);

        new ReadTrials(seed).race(kind, RACED, handler.channel(), number -> number,
                number -> executor.execute(() -> handler.channelRead(context, number)));

        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @ParameterizedTest
    @MethodSource(Transport.AVAILABLE)
    void reads_ofASocketThatRaceWithTheirCancellation_takeEveryMessageOnceAndInOrder(Transport transport)
            throws Throwable {
        new ReadTrials(seed).onSocket(transport, ON_SOCKETS);
    }
}
