package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import io.valuetask.IntValueTask;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Whatever may happen while one party sorts what has arrived, made to happen: it needs a buffer then, and the
 * allocator calls back.
 */
class StreamTurnTest {
    private final EmbeddedStream embedded = new EmbeddedStream();
    private final ChannelStream stream = embedded.stream;
    private final Deque<Runnable> callbacks = new ArrayDeque<>();
    private final ByteBuf destination = Unpooled.buffer();
    private final CompletableFuture<Integer> first;

    StreamTurnTest() {
        embedded.channel.config().setAllocator(new CallbackAllocator(() -> {
            Runnable callback = callbacks.poll();
            if (callback != null) {
                callback.run();
            }
        }));
        first = stream.readExactly(Unpooled.buffer(), 10).toCompletableFuture();
        embedded.arrive("ab");
    }

    @AfterEach
    void close() {
        embedded.close();
    }

    private void inTheTurn(Runnable callback) {
        callbacks.add(callback);
    }

    private String destinationText() {
        return destination.toString(CharsetUtil.US_ASCII);
    }

    @Test
    void read_thatReplacesACancelledOne_isAnsweredByWhoeverHoldsTheTurn() throws IOException {
        List<IntValueTask> second = new ArrayList<>();
        inTheTurn(() -> {
            assertThat(first.cancel(true)).isTrue();
            second.add(stream.readExactly(destination, 3));
            assertThat(second.getFirst().isCompleted()).as("while another looks after the bytes").isFalse();
        });

        embedded.arrive("cd");

        assertThat(second).hasSize(1);
        assertThat(second.getFirst().result()).isEqualTo(3);
        assertThat(destinationText()).isEqualTo("abc");
        assertThat(stream.readByte().result()).isEqualTo('d');
    }

    @Test
    void read_thatReplacesACancelledOneAndNeedsMore_goesOnWaiting() throws IOException {
        List<IntValueTask> second = new ArrayList<>();
        inTheTurn(() -> {
            assertThat(first.cancel(true)).isTrue();
            second.add(stream.readUntil((byte) '\n', destination, 100));
        });
        embedded.arrive("cd");
        assertThat(second.getFirst().isCompleted()).isFalse();

        embedded.arrive("e\nf");

        assertThat(second.getFirst().result()).isEqualTo(6);
        assertThat(destinationText()).isEqualTo("abcde\n");
    }

    @Test
    void cancel_whileTheReadIsLookedAfter_leavesTheBytesToTheNextRead() throws IOException {
        inTheTurn(() -> assertThat(first.cancel(true)).isTrue());

        embedded.arrive("cdefghijkl");

        IntValueTask read = stream.read(destination);
        assertThat(read.result()).isEqualTo(12);
        assertThat(destinationText()).isEqualTo("abcdefghijkl");
    }

    @Test
    void available_whileTheReadIsLookedAfter_answersAndDisturbsNobody() throws Exception {
        List<Integer> available = new ArrayList<>();
        inTheTurn(() -> available.add(stream.available()));

        embedded.arrive("cdefghijkl");

        assertThat(available).hasSize(1);
        assertThat(first).isCompletedWithValue(10);
        assertThat(stream.available()).isEqualTo(2);
    }

    @Test
    void close_whileTheReadIsLookedAfter_failsItAndReleasesAllBytes() {
        inTheTurn(stream::close);

        embedded.arrive("cd"); // the leak detector of the class sees what is left

        assertThat(first).isCompletedExceptionally();
        assertThat(stream.available()).isZero();
    }

    @Test
    void read_whenThereIsNoMemoryForItsMessages_failsAndLosesNothing() throws IOException {
        OutOfMemoryError noMemory = new OutOfMemoryError("direct memory, for this test");
        inTheTurn(() -> {
            throw noMemory;
        });

        embedded.arrive("cd");

        assertThat(first.exceptionNow()).isSameAs(noMemory);
        assertThat(stream.readExactly(destination, 4).result()).isEqualTo(4);
        assertThat(destinationText()).isEqualTo("abcd");
    }

    @Test
    void close_whenThereWasNoMemoryForAMessage_releasesThatToo() {
        inTheTurn(() -> {
            throw new OutOfMemoryError("direct memory, for this test");
        });
        ByteBuf message = ByteBufAllocator.DEFAULT.buffer(1).writeByte('c');
        embedded.channel.writeInbound(message);
        assertThat(first).isCompletedExceptionally();
        assertThat(message.refCnt()).isOne();

        stream.close();

        assertThat(message.refCnt()).isZero();
    }

    @Test
    void read_inTheContinuationOfAnother_completesAtOnce() throws IOException {
        assertThat(first.cancel(true)).isTrue();
        List<Integer> read = new ArrayList<>();
        IntValueTask line = stream.readUntil((byte) '\n', destination, 100);
        assertThat(line.onCompleted(unused -> {
            try {
                read.add(line.result());
                for (IntValueTask next; (next = stream.readByte()).isCompleted();) {
                    read.add(next.result());
                }
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }, null)).isTrue();

        embedded.arrive("c\nde");

        assertThat(read).as("inside the call that completed the first").containsExactly(4, (int) 'd',
                (int) 'e');
    }

    @Test
    void continuation_thatThrows_harmsNobody() throws IOException {
        assertThat(first.cancel(true)).isTrue();
        IntValueTask line = stream.readUntil((byte) '\n', destination, 100);
        Thread thread = Thread.currentThread();
        List<Throwable> reported = new ArrayList<>();
        thread.setUncaughtExceptionHandler((where, failure) -> reported.add(failure));
        IllegalStateException mistake = new IllegalStateException("thrown by a continuation");
        assertThat(line.onCompleted(unused -> {
            throw mistake;
        }, null)).isTrue();

        embedded.arrive("c\nd");

        assertThat(reported).containsExactly(mistake);
        assertThat(line.result()).isEqualTo(4);
        assertThatThrownBy(line::result).isInstanceOf(IllegalStateException.class);
        assertThat(stream.readByte().result()).isEqualTo('d');
    }
}
