package io.valuetask.netty;

import io.valuetask.CancellationTokenSource;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reader of messages that are numbered from 0: each trial is a read in one of the forms there are, which somebody may
 * cancel, and what it takes must be the next number.
 */
final class RandomReads<T> {
    enum Form {
        PLAIN,
        WITH_TOKEN,
        WITH_TIMEOUT,
        AWAIT_WITH_TOKEN,
        AWAIT_WITH_TIMEOUT,
        AS_FUTURE,
        TRY
    }

    private static final Form[] FORMS = Form.values();
    private static final int LONGEST_TIMEOUT_NANOS = 100_000;

    private final ValueTaskChannel<T, ?> channel;
    private final ToIntFunction<T> numberOf;
    private final Thread reader = Thread.currentThread();
    private final Random dice;
    private final Map<Form, int[]> cancelled = new EnumMap<>(Form.class);

    /** Replaced by the reader when it has fired. Volatile: others fire it. */
    private volatile CancellationTokenSource cancellation = new CancellationTokenSource();
    /** Written by the reader. Volatile: who sends looks how far it is. */
    private volatile int next;
    /** Likewise. */
    private volatile int ended;

    /**
     * The calling thread is the reader.
     *
     * @param numberOf takes the message
     */
    RandomReads(ValueTaskChannel<T, ?> channel, ToIntFunction<T> numberOf, long seed) {
        this.channel = channel;
        this.numberOf = numberOf;
        dice = new Random(seed);
        for (Form form : FORMS) {
            cancelled.put(form, new int[1]);
        }
    }

    /** How many numbers were taken. */
    int taken() {
        return next;
    }

    /** How many trials have ended, with a number or without. */
    int ended() {
        return ended;
    }

    /** Any thread, at any time: one of the ways to cancel a read from outside. */
    void cancelSomehow(Random itsDice) {
        switch (itsDice.nextInt(3)) {
            case 0 -> channel.cancelPendingRead();
            case 1 -> cancellation.cancel();
            default -> reader.interrupt();
        }
    }

    void trial() throws Exception {
        Form form = FORMS[dice.nextInt(FORMS.length)];
        T message = null;
        try {
            message = switch (form) {
                case PLAIN -> channel.read().await();
                case WITH_TOKEN -> channel.read(cancellation.token()).await();
                case WITH_TIMEOUT -> channel.read(timeout()).await();
                case AWAIT_WITH_TOKEN -> channel.read().await(cancellation.token());
                case AWAIT_WITH_TIMEOUT -> channel.read().await(timeout());
                case AS_FUTURE -> cancelFuture(channel.read().toCompletableFuture());
                case TRY -> channel.tryRead();
            };
            assertThat(message != null || form == Form.TRY).as("something is taken by " + form).isTrue();
        } catch (CancellationException | InterruptedException | TimeoutException
                | SocketTimeoutException ended) {
            cancelled.get(form)[0]++;
        }
        if (message != null) {
            take(message);
        }
        if (cancellation.isCancellationRequested()) {
            cancellation = new CancellationTokenSource();
        }
        ended++;
    }

    private Duration timeout() {
        return Duration.ofNanos(dice.nextInt(LONGEST_TIMEOUT_NANOS));
    }

    private static <T> T cancelFuture(CompletableFuture<T> read) {
        read.cancel(true);
        return read.join();
    }

    private void take(T message) {
        int number = numberOf.applyAsInt(message);
        if (number != next) {
            throw new AssertionError("the number of the message: " + number + " (expected: " + next + ")");
        }
        next = number + 1;
    }

    /** Once nobody cancels any more: the rest is there, up to {@code count}, and nothing more. */
    void assertRest(int count) throws IOException, InterruptedException, TimeoutException {
        Thread.interrupted();
        while (next < count) {
            take(channel.read().await(Listening.LIMIT));
        }
        assertThat(channel.tryRead()).as("more than was sent").isNull();
        assertThat(cancelled.entrySet()).as("each form was cancelled at least once")
                .allMatch(entry -> entry.getKey() == Form.TRY || entry.getValue()[0] > 0);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("ended=" + ended + ", taken=" + next + ", cancelled:");
        cancelled.forEach((form, count) -> text.append(' ').append(form).append(Arrays.toString(count)));
        return text.toString();
    }
}
