package io.valuetask.stream;

import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Every byte arrives once and in order, however it is sent, however it is read, and however often a reader
 * gives up.
 */
class StreamPayloadTest {
    private static final int PAYLOAD = 1024 * 1024;
    private static final int PAYLOAD_BYTE_BY_BYTE = 128 * 1024; // a leak detector at work records every access
    private static final int GIVE_UPS = 10_000;
    private static final int SMALL_PIECE = 300;

    static List<Arguments> everyTransportAndForm() {
        return Arrays.stream(Transport.values())
                .flatMap(
                        transport -> Arrays.stream(ReadForm.values()).map(form -> arguments(transport, form)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("everyTransportAndForm")
    void read_ofARandomPayloadInRandomPieces_answersEveryByte(Transport transport, ReadForm form)
            throws Throwable {
        long seed = form.ordinal();
        byte[] payload = Bytes.random(form == ReadForm.BYTE ? PAYLOAD_BYTE_BY_BYTE : PAYLOAD, seed);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (StreamLoopback loopback = StreamLoopback.connect(transport)) {
            var sender = RandomPeer.send(loopback.peer(), payload, 20_000, 4, seed);
            BackgroundCall<Void> reader = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
                Random random = new Random(seed);
                while (form.read(loopback.stream(), received, random, ValueTask::await)) {
                }
                return null;
            });

            assertThat(sender.result()).isNull();
            assertThat(reader.result()).isNull();
        }

        assertThat(received.toByteArray()).isEqualTo(payload);
    }

    @Timeout(120)
    @ParameterizedTest
    @EnumSource(Transport.class)
    void read_givenUpTenThousandTimes_losesAndDoublesNoByte(Transport transport) throws Throwable {
        long seed = transport.ordinal();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        Impatience impatience = new Impatience(new Random(seed));
        int rounds = 0;
        while (impatience.giveUps < GIVE_UPS) {
            byte[] payload = Bytes.random(PAYLOAD, ++rounds);
            received.reset();
            try (StreamLoopback loopback = StreamLoopback.connect(transport)) {
                var sender = RandomPeer.send(loopback.peer(), payload, SMALL_PIECE, 2, rounds);
                readAll(loopback.stream(), received, new Random(rounds), impatience);
                assertThat(sender.result()).isNull();
            }
            assertThat(received.toByteArray()).as("round %s", rounds).isEqualTo(payload);
        }
    }

    private static void readAll(ChannelStream stream, ByteArrayOutputStream received, Random random,
            Impatience impatience) throws Exception {
        ReadForm[] forms = ReadForm.values();
        for (boolean more = true; more;) {
            ReadForm form = forms[random.nextInt(forms.length)];
            try {
                more = form.read(stream, received, random, impatience);
            } catch (TimeoutException | InterruptedException | CancellationException gaveUp) {
                impatience.giveUps++;
            }
        }
    }

    /** Waits in a random way, and at times not long. */
    private static final class Impatience implements ReadForm.Patience {
        private final Random random;
        private int giveUps;

        Impatience(Random random) {
            this.random = random;
        }

        @Override
        public <T> T await(ValueTask<T> read) throws Exception {
            return switch (random.nextInt(6)) {
                case 0 -> read.await(Duration.ZERO);
                case 1 -> read.await(Duration.ofNanos(random.nextInt(100_000)));
                case 2 -> awaitInterrupted(read);
                case 3 -> awaitFuture(read.toCompletableFuture());
                case 4 -> awaitFuture(
                        read.toCompletableFuture().orTimeout(random.nextInt(100), TimeUnit.MICROSECONDS));
                default -> read.await();
            };
        }

        private static <T> T awaitInterrupted(ValueTask<T> read) throws Exception {
            Thread.currentThread().interrupt();
            try {
                return read.await();
            } finally {
                Thread.interrupted(); // it stays set if the result was there
            }
        }

        private <T> T awaitFuture(CompletableFuture<T> read) throws Exception {
            for (int spins = random.nextInt(2000); spins > 0 && !read.isDone(); spins--) {
                Thread.onSpinWait();
            }
            read.cancel(true);
            try {
                return read.get(StreamLoopback.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException failed) {
                throw failed.getCause() instanceof Exception cause ? cause : failed;
            }
        }
    }
}
