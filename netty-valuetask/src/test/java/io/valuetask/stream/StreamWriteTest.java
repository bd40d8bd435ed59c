package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.IllegalReferenceCountException;
import io.valuetask.ValueTask;
import io.valuetask.netty.CloseReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** When bytes are sent, what a write waits for, and who owns what, on a channel in memory. */
class StreamWriteTest {
    /** Holds writes until the test lets them out or fails them. */
    private static final class Stalling extends ChannelOutboundHandlerAdapter {
        private final Queue<ChannelPromise> held = new ArrayDeque<>();
        private final Queue<Object> messages = new ArrayDeque<>();
        private boolean stalls = true;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (stalls) {
                messages.add(message);
                held.add(promise);
            } else {
                ctx.write(message, promise);
            }
        }

        void letOneLeave() {
            ((ByteBuf) messages.remove()).release();
            held.remove().setSuccess();
        }

        void failOne(Throwable failure) {
            ((ByteBuf) messages.remove()).release();
            held.remove().setFailure(failure);
        }
    }

    private final EmbeddedStream embedded = new EmbeddedStream(4);
    private final ChannelStream stream = embedded.stream;

    @AfterEach
    void close() {
        embedded.close();
    }

    private Stalling stall() {
        Stalling stalling = new Stalling();
        embedded.channel.pipeline().addFirst(stalling);
        return stalling;
    }

    /** What was posted to the event loop, such as the completions of writes that left later. */
    private void runLoop() {
        embedded.channel.runPendingTasks();
    }

    private static ByteBuf buffer(String text) {
        return ByteBufAllocator.DEFAULT.buffer(8).writeBytes(Bytes.of(text));
    }

    private ValueTask<Void> write(String text) {
        byte[] bytes = Bytes.of(text);
        return stream.write(bytes, 0, bytes.length);
    }

    private static void assertWaits(ValueTask<Void> write) {
        assertThat(write.isCompleted()).as("completed: " + write).isFalse();
    }

    // When bytes are sent

    @Test
    void writeByte_intoRoom_completesWithTheSharedHandleAndSendsWhenTheNextDoesNotFit() throws IOException {
        for (char next : new char[]{'a', 'b', 'c', 'd'}) {
            assertThat(stream.writeByte(next)).isSameAs(ValueTask.completed());
        }
        assertThat(embedded.sent()).as("it just fits").isNull();

        assertThat(stream.writeByte(0x100 + 'e').result()).as("the low eight bits").isNull();

        assertThat(embedded.sent()).isEqualTo("abcd");
        assertThat(stream.flush().result()).isNull();
        assertThat(embedded.sent()).isEqualTo("e");
        assertThat(embedded.sent()).isNull();
    }

    @Test
    void flush_whenNothingWasWritten_sendsNothing() throws IOException {
        assertThat(stream.flush().result()).isNull();
        assertThat(stream.flush().result()).isNull();

        assertThat(embedded.sent()).isNull();
    }

    @Test
    void write_ofMoreThanThereIsRoomFor_sendsTheBufferAndBeginsTheNext() throws IOException {
        write("abc").result();
        write("def").result();
        write("").result();

        assertThat(embedded.sent()).isEqualTo("abc");
        assertThat(embedded.sent()).isNull();
        stream.flush().result();
        assertThat(embedded.sent()).isEqualTo("def");
    }

    @Test
    void write_ofABufferOrMore_sendsWhatWasBeforeAndThenAllOfItAtOnce() throws IOException {
        write("ab").result();
        write("cdefghi").result();

        assertThat(embedded.sent()).isEqualTo("ab");
        assertThat(embedded.sent()).isEqualTo("cdefghi");
        assertThat(embedded.sent()).isNull();
    }

    @Test
    void write_ofAPartOfAnArray_copiesIt() throws IOException {
        byte[] array = Bytes.of("0123456789");
        stream.write(array, 3, 2).result();
        stream.write(array, 5, 5).result();
        array[3] = 'x';
        array[5] = 'x';

        assertThat(embedded.sent()).isEqualTo("34");
        assertThat(embedded.sent()).isEqualTo("56789");
    }

    @Test
    void write_ofABufferOfTheJdk_takesWhatRemainsAndKeepsTheLimit() throws IOException {
        for (ByteBuffer source : new ByteBuffer[]{ByteBuffer.wrap(Bytes.of("0123456789")),
            ByteBuffer.wrap(Bytes.of("0123456789")).asReadOnlyBuffer(),
            ByteBuffer.allocateDirect(10).put(Bytes.of("0123456789")).flip()}) {
            source.position(1).limit(4);
            stream.write(source).result();
            assertThat(source.position()).isEqualTo(4);
            assertThat(source.limit()).isEqualTo(4);
            source.limit(6);
            stream.write(source).result();
            source.limit(10);
            stream.write(source).result();
            assertThat(source.hasRemaining()).isFalse();

            assertThat(embedded.sent()).isEqualTo("123");
            assertThat(embedded.sent()).isEqualTo("45");
            assertThat(embedded.sent()).isEqualTo("6789");
        }
    }

    // Who owns what

    @Test
    void write_ofASmallNettyBuffer_copiesAndReleasesIt() throws IOException {
        ByteBuf small = buffer("abc");

        stream.write(small).result();

        assertThat(small.refCnt()).isZero();
        stream.flush().result();
        assertThat(embedded.sent()).isEqualTo("abc");
    }

    @Test
    void write_ofALargeNettyBuffer_sendsItAsItIs() throws IOException {
        ByteBuf large = buffer("abcdef");

        stream.write(large).result();

        Object outbound = embedded.channel.readOutbound();
        assertThat(outbound).isSameAs(large);
        assertThat(large.refCnt()).isOne();
        large.release();
    }

    @Test
    void write_ofANettyBufferThatWasReleased_failsAndTheNextIsNotHarmed() throws IOException {
        ByteBuf released = buffer("abc");
        released.release();

        assertThatThrownBy(() -> stream.write(released)).isInstanceOf(IllegalReferenceCountException.class);

        write("abcd").result();
        assertThat(embedded.sent()).isEqualTo("abcd");
    }

    @Test
    void write_withImpossibleArguments_isRefused() throws IOException {
        assertThatThrownBy(() -> stream.write(new byte[3], 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(stream.writeByte('x').result()).as("nothing was started").isNull();
    }

    @Test
    void write_whenThereIsNoMemory_changesNothingAndReleasesWhatWasGiven() throws IOException {
        write("ab").result();
        OutOfMemoryError noMemory = new OutOfMemoryError("for this test");
        ByteBufAllocator usual = embedded.channel.alloc();
        embedded.channel.config().setAllocator(new CallbackAllocator(() -> {
            throw noMemory;
        }));
        ByteBuf small = buffer("cde");

        assertThatThrownBy(() -> stream.write(small)).isSameAs(noMemory);
        assertThatThrownBy(() -> write("0123456789")).isSameAs(noMemory);

        assertThat(small.refCnt()).isZero();
        embedded.channel.config().setAllocator(usual);
        write("c").result();
        stream.flush().result();
        assertThat(embedded.sent()).isEqualTo("abc");
    }

    @Test
    void write_inTheMidstOfAnother_isRefusedAndTheFirstIsNotHarmed() throws IOException {
        ByteBuf refused = buffer("!");
        embedded.channel.config().setAllocator(new CallbackAllocator(() -> {
            for (ThrowingCallable second : List.<ThrowingCallable>of(() -> stream.write(refused),
                    () -> stream.writeByte('!'), stream::flush)) {
                assertThatThrownBy(second).isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("another thread is writing", "channel=", "one thread");
            }
        }));

        write("ab").result();

        assertThat(refused.refCnt()).isZero();
        stream.flush().result();
        assertThat(embedded.sent()).isEqualTo("ab");
    }

    @Test
    void close_inTheMidstOfAWrite_leavesTheBufferToTheWriter() throws IOException {
        embedded.channel.config().setAllocator(new CallbackAllocator(() -> {
            stream.close();
            assertThatThrownBy(stream.writeByte('!')::result).as("closed, though another is writing")
                    .isInstanceOf(ClosedChannelException.class);
        }));

        write("ab").result(); // the leak detector of the class sees what is left

        assertThatThrownBy(stream.flush()::result).isInstanceOf(ClosedChannelException.class);
    }

    // What a write waits for

    @Test
    void write_thatFindsNoRoom_waitsUntilTheBufferHasLeft() throws IOException {
        Stalling stalling = stall();
        assertThat(write("abc")).as("there is room").isSameAs(ValueTask.completed());

        ValueTask<Void> second = write("efg");

        assertWaits(second);
        assertThat(stalling.held).hasSize(1);
        stalling.letOneLeave();
        runLoop();
        assertThat(second.result()).isNull();
        assertThat(stream.writeByte('h')).isSameAs(ValueTask.completed());
        stalling.stalls = false;
    }

    @Test
    void flush_waitsUntilAllHasLeft() throws IOException {
        Stalling stalling = stall();
        write("ab").result();
        ValueTask<Void> whole = write("cdefgh");

        ValueTask<Void> flush = stream.flush();

        assertThat(stalling.held).hasSize(2);
        stalling.letOneLeave();
        runLoop();
        assertWaits(whole);
        assertWaits(flush);
        stalling.letOneLeave();
        runLoop();
        assertThat(whole.result()).isNull();
        assertThat(flush.result()).isNull();
    }

    @Test
    void write_whenItsWaiterGivesUp_isSentAllTheSame() throws IOException {
        Stalling stalling = stall();
        write("abc").result();
        CompletableFuture<Void> second = write("defg").toCompletableFuture();

        assertThat(second.cancel(true)).isTrue();

        CompletableFuture<Void> third = write("hijk").toCompletableFuture();
        assertThat(stalling.messages.stream().map(message -> ((ByteBuf) message).getByte(0)))
                .containsExactly((byte) 'a', (byte) 'd', (byte) 'h');
        stalling.letOneLeave();
        stalling.letOneLeave();
        runLoop();
        assertThat(third).isNotDone();
        stalling.letOneLeave();
        runLoop();
        assertThat(third).isCompletedWithValue(null);
    }

    @Test
    void write_inTheContinuationOfAnother_goesOn() throws IOException {
        Stalling stalling = stall();
        ValueTask<Void> first = write("abcd");
        CompletableFuture<Void> second = new CompletableFuture<>();
        assertThat(first.onCompleted(unused -> {
            try {
                first.result();
                write("ef").result();
                write("ghij").toCompletableFuture().thenAccept(second::complete);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }, null)).isTrue();

        stalling.letOneLeave();
        runLoop();

        assertThat(stalling.held).hasSize(2);
        assertThat(second).isNotDone();
        stalling.letOneLeave();
        stalling.letOneLeave();
        runLoop();
        assertThat(second).isCompletedWithValue(null);
    }

    // Failures

    @Test
    void write_whenItsBufferFails_failsAndWhatComesBehindIsRefused() throws IOException {
        Stalling stalling = stall();
        IOException failure = new IOException("no route");
        ValueTask<Void> first = write("abcd");
        stalling.failOne(failure);
        runLoop();

        assertThatThrownBy(first::result).isSameAs(failure);

        ByteBuf late = buffer("late, and too large to be copied");
        assertThatThrownBy(stream.write(late)::result).isInstanceOf(IOException.class).hasCause(failure)
                .hasMessageContaining("close the stream").isNotSameAs(failure);
        assertThat(late.refCnt()).isZero();
        assertThatThrownBy(stream.writeByte('x')::result).hasCause(failure);
        assertThatThrownBy(stream.flush()::result).hasCause(failure);
        assertThat(stalling.held).as("nothing is sent behind a gap").isEmpty();
        assertThatThrownBy(() -> stream.outputStream().close()).hasCause(failure);
        assertThat(embedded.channel.isOpen()).isFalse();
    }

    @Test
    void write_whenABufferFailedForWhichNobodyWaited_isRefused() throws IOException {
        Stalling stalling = stall();
        IOException failure = new IOException("no route");
        CompletableFuture<Void> first = write("abcd").toCompletableFuture();
        assertThat(first.cancel(true)).isTrue();
        stream.writeByte('e').result();
        stalling.failOne(failure);
        runLoop();

        assertThatThrownBy(stream.flush()::result).isInstanceOf(IOException.class).hasCause(failure);

        stream.close(); // the leak detector sees the byte that was left
        assertThat(stalling.held).isEmpty();
    }

    // Closing

    @Test
    void close_sendsWhatWasWritten() throws IOException {
        write("ab").result();

        stream.close();

        assertThat(stream.channel().closed().result()).isEqualTo(new CloseReason.Local());
        assertThat(embedded.sent()).isEqualTo("ab");
        assertThat(embedded.channel.isOpen()).isFalse();
        stream.close();
        ByteBuf late = buffer("x");
        assertThatThrownBy(stream.write(late)::result).isInstanceOf(ClosedChannelException.class);
        assertThat(late.refCnt()).isZero();
        assertThatThrownBy(stream.writeByte('x')::result).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(stream.flush()::result).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void close_whileWritesAreOnTheirWay_waitsForThem() throws IOException {
        Stalling stalling = stall();
        ValueTask<Void> first = write("abcd");
        write("e").result();

        stream.close();

        runLoop();
        assertWaits(first);
        assertThat(embedded.channel.isOpen()).isTrue();
        assertThat(stalling.held).hasSize(2);
        stalling.letOneLeave();
        stalling.letOneLeave();
        runLoop();
        assertThat(first.result()).isNull();
        assertThat(embedded.channel.isOpen()).isFalse();
    }

    @Test
    void write_ofNothing_allocatesNothing() throws IOException {
        embedded.channel.config().setAllocator(new CallbackAllocator(() -> {
            throw new AssertionError("allocated");
        }));

        stream.write(Unpooled.EMPTY_BUFFER).result();
        stream.write(ByteBuffer.allocate(0)).result();
        stream.flush().result();

        assertThat(embedded.sent()).isNull();
    }
}
