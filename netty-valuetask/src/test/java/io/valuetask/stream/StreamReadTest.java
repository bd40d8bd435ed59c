package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import io.netty.util.IllegalReferenceCountException;
import io.valuetask.IntValueTask;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What each form of read answers, step by step, on a channel in memory. */
class StreamReadTest {
    private final EmbeddedStream embedded = new EmbeddedStream();
    private final ChannelStream stream = embedded.stream;
    private final ByteBuf destination = Unpooled.buffer(4);

    @AfterEach
    void close() {
        embedded.close();
    }

    private String destinationText() {
        return destination.toString(CharsetUtil.US_ASCII);
    }

    private static void assertWaits(IntValueTask read) {
        assertThat(read.isCompleted()).as("completed: " + read).isFalse();
    }

    // Bytes that are there

    @Test
    void read_whenBytesAreThere_completesAtOnceWithWhatFits() throws IOException {
        embedded.arrive("abcdef");

        IntValueTask read = stream.read(destination);

        assertThat(read.isCompletedSuccessfully()).isTrue();
        assertThat(read.result()).isEqualTo(4);
        assertThat(destinationText()).isEqualTo("abcd");
        assertThat(destination.capacity()).as("is not expanded").isEqualTo(4);
        destination.clear();
        assertThat(stream.read(destination).result()).as("the rest").isEqualTo(2);
        assertThat(destinationText()).isEqualTo("ef");
    }

    @Test
    void read_whenBytesAreThere_movesThemAsItIsConsumedAndNotBefore() throws IOException {
        embedded.arrive("abc");

        IntValueTask read = stream.read(destination);

        assertThat(destination.isReadable()).as("touched before the result was taken").isFalse();
        read.result();
        assertThat(destinationText()).isEqualTo("abc");
    }

    @Test
    void read_intoTheMiddleOfAnArray_touchesNothingElse() throws IOException {
        embedded.arrive("abcdef");
        byte[] array = Bytes.of("0123456");

        assertThat(stream.read(array, 2, 3).result()).isEqualTo(3);

        assertThat(new String(array, CharsetUtil.US_ASCII)).isEqualTo("01abc56");
    }

    @Test
    void read_intoABufferOfTheJdk_movesItsPositionAndKeepsItsLimit() throws IOException {
        embedded.arrive("ab");
        for (ByteBuffer buffer : new ByteBuffer[]{ByteBuffer.allocate(8), ByteBuffer.allocateDirect(8)}) {
            buffer.position(1).limit(7);
            IntValueTask read = stream.read(buffer);
            if (!read.isCompleted()) {
                embedded.arrive("ab");
            }

            assertThat(read.result()).isEqualTo(2);

            assertThat(buffer.position()).isEqualTo(3);
            assertThat(buffer.limit()).isEqualTo(7);
            assertThat((char) buffer.get(1)).isEqualTo('a');
            assertThat((char) buffer.get(2)).isEqualTo('b');
        }
    }

    @Test
    void readByte_ofEveryValue_answersItUnsigned() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        embedded.arrive(all);

        for (int expected = 0; expected < all.length; expected++) {
            assertThat(stream.readByte().result()).isEqualTo(expected);
        }
        assertWaits(stream.readByte());
    }

    @Test
    void read_withoutRoom_answersZeroAtOnce() throws IOException {
        assertThat(stream.read(new byte[3], 1, 0).result()).isZero();
        assertThat(stream.read(ByteBuffer.allocate(0)).result()).isZero();
        assertThat(stream.read(Unpooled.EMPTY_BUFFER).result()).isZero();
        embedded.arrive("x");
        assertThat(stream.read(new byte[0], 0, 0).result()).isZero();
        assertThat(stream.readByte().result()).isEqualTo('x');
        embedded.arriveEnd();
        assertThat(stream.read(new byte[0], 0, 0).result()).as("at the end").isZero();
    }

    // Bytes that come later

    @Test
    void read_whenNothingIsThere_waitsForTheFirstByte() throws IOException {
        IntValueTask read = stream.read(destination);
        assertWaits(read);

        embedded.arrive("ab");

        assertThat(read.result()).isEqualTo(2);
        assertThat(destinationText()).isEqualTo("ab");
    }

    @Test
    void read_whenEmptyMessagesArrive_goesOnWaiting() throws IOException {
        IntValueTask read = stream.read(destination);

        embedded.arrive("");
        embedded.arrive("");
        assertWaits(read);
        embedded.arrive("a");

        assertThat(read.result()).isOne();
        embedded.arrive("");
        embedded.arrive("b");
        assertThat(stream.readByte().result()).as("behind an empty one that was queued").isEqualTo('b');
    }

    @Test
    void read_afterALongerRead_takesTheRestOfItsMessages() throws IOException {
        IntValueTask exactly = stream.readExactly(destination, 3);
        embedded.arrive("ab");
        embedded.arrive("cde");

        assertThat(exactly.result()).isEqualTo(3);

        assertThat(destinationText()).isEqualTo("abc");
        assertThat(stream.available()).isEqualTo(2);
        assertThat(stream.readByte().result()).isEqualTo('d');
        assertThat(stream.readByte().result()).isEqualTo('e');
    }

    // So many bytes

    @Test
    void readExactly_overManyMessages_completesWithTheLastByte() throws IOException {
        byte[] bytes = Bytes.random(1000, 1);
        IntValueTask exactly = stream.readExactly(destination, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(exactly.isCompleted()).isFalse();
            embedded.arrive(new byte[]{bytes[i]});
        }

        assertThat(exactly.result()).isEqualTo(bytes.length);

        assertThat(destination.readableBytes()).isEqualTo(bytes.length);
        byte[] read = new byte[bytes.length];
        destination.readBytes(read);
        assertThat(read).isEqualTo(bytes);
    }

    @Test
    void readExactly_ofZero_completesAtOnce() throws IOException {
        assertThat(stream.readExactly(destination, 0).result()).isZero();
        assertThat(destination.isReadable()).isFalse();
    }

    @Test
    void readExactly_whenTheStreamEndsBefore_failsAndTakesNothing() throws IOException {
        IntValueTask exactly = stream.readExactly(destination, 10);
        embedded.arrive("abc");
        embedded.arrive("d");
        embedded.arriveEnd();

        assertThatThrownBy(exactly::result).isInstanceOf(EOFException.class)
                .hasMessageContaining("after 4 of 10 bytes");

        assertThat(destination.isReadable()).isFalse();
        assertThat(stream.read(destination).result()).isEqualTo(4);
        assertThat(destinationText()).isEqualTo("abcd");
        assertThatThrownBy(() -> stream.readExactly(destination, 1).result()).isInstanceOf(EOFException.class)
                .hasMessageContaining("after 0 of 1 bytes");
    }

    @Test
    void readExactly_whenTheChannelFailsBefore_takesNothing() throws IOException {
        IOException failure = new IOException("reset");
        IntValueTask exactly = stream.readExactly(destination, 10);
        embedded.arrive("abc");
        embedded.arriveFailure(failure);
        embedded.arrive("d");

        assertThatThrownBy(exactly::result).isSameAs(failure);

        assertThat(destination.isReadable()).isFalse();
        assertThat(stream.readExactly(destination, 4).result()).as("the failure was told once").isEqualTo(4);
        assertThat(destinationText()).isEqualTo("abcd");
    }

    // Lines

    @Test
    void readUntil_whenTheLineIsThere_takesItWithItsDelimiter() throws IOException {
        embedded.arrive("ab\n\ncd\nrest");

        assertThat(stream.readUntil((byte) '\n', destination, 100).result()).isEqualTo(3);
        assertThat(destinationText()).isEqualTo("ab\n");
        assertThat(stream.readUntil((byte) '\n', destination, 100).result()).as("an empty line").isOne();
        assertThat(stream.readUntil((byte) '\n', destination, 3).result()).as("a line that just fits")
                .isEqualTo(3);
        assertThat(destinationText()).isEqualTo("ab\n\ncd\n");
        assertWaits(stream.readUntil((byte) '\n', destination, 100));
    }

    @Test
    void readUntil_whenTheLineComesInPieces_takesAllOfThem() throws IOException {
        IntValueTask line = stream.readUntil((byte) 0xFF, destination, 100);
        embedded.arrive("ab");
        embedded.arrive("c");
        assertWaits(line);
        embedded.arrive(new byte[]{'d', (byte) 0xFF, 'e', (byte) 0xFF});

        assertThat(line.result()).isEqualTo(5);
        assertThat(stream.readUntil((byte) 0xFF, destination, 2).result()).isEqualTo(2);
    }

    @Test
    void readUntil_afterAReadThatSearchedForAnotherDelimiter_searchesFromTheBeginning() throws IOException {
        var abandoned = stream.readUntil((byte) '\n', destination, 100).toCompletableFuture();
        embedded.arrive("ab;cd");
        assertThat(abandoned.cancel(true)).isTrue();

        assertThat(stream.readUntil((byte) ';', destination, 100).result()).isEqualTo(3);

        assertThat(destinationText()).isEqualTo("ab;");
    }

    @Test
    void readUntil_whenTheStreamEndsWithoutADelimiter_answersTheRestAndThenTheEnd() throws IOException {
        IntValueTask line = stream.readUntil((byte) '\n', destination, 100);
        embedded.arrive("rest");
        embedded.arriveEnd();

        assertThat(line.result()).isEqualTo(4);
        assertThat(destinationText()).isEqualTo("rest");
        assertThat(stream.readUntil((byte) '\n', destination, 100).result()).isEqualTo(-1);
    }

    @Test
    void readUntil_whenTheLineIsTooLong_failsWithTheNumbersAndTakesNothing() throws IOException {
        IntValueTask line = stream.readUntil((byte) '\n', destination, 3);
        embedded.arrive("ab");
        embedded.arrive("cd\n");

        assertThatThrownBy(line::result).isInstanceOfSatisfying(DelimiterNotFoundException.class, tooLong -> {
            assertThat(tooLong.delimiter()).isEqualTo((byte) '\n');
            assertThat(tooLong.maxBytes()).isEqualTo(3);
        }).hasMessageContainingAll("delimiter=0x0a", "maxBytes=3", "readable=5");

        assertThat(destination.isReadable()).isFalse();
        assertThatThrownBy(() -> stream.readUntil((byte) '\n', destination, 4).result())
                .as("at once, and one byte short").isInstanceOf(DelimiterNotFoundException.class);
        assertThat(stream.readUntil((byte) '\n', destination, 5).result()).isEqualTo(5);
        assertThat(destinationText()).isEqualTo("abcd\n");
    }

    // What is available

    @Test
    void available_countsWhatIsHereAndAsksTheChannelWhenThatIsNothing() throws IOException {
        assertThat(stream.available()).isZero();
        embedded.arrive("abc");
        assertThat(stream.available()).as("asked before").isEqualTo(3);
        assertThat(stream.readByte().result()).isEqualTo('a');
        assertThat(stream.available()).isEqualTo(2);
        assertThat(stream.read(destination).result()).isEqualTo(2);
        embedded.arrive("d");
        assertThat(stream.available()).as("waited in the channel").isOne();
        assertThat(stream.readByte().result()).isEqualTo('d');
        embedded.arriveEnd();
        assertThat(stream.available()).as("at the end").isZero();
        assertThat(stream.available()).as("at the end, again").isZero();
        assertThat(stream.readByte().result()).isEqualTo(-1);
        assertThat(stream.available()).isZero();
    }

    @Test
    void available_whileAReadIsPending_leavesItAlone() throws IOException {
        IntValueTask read = stream.readByte();

        assertThat(stream.available()).isZero();

        assertWaits(read);
        embedded.arrive("x");
        assertThat(read.result()).isEqualTo('x');
    }

    // Ends and failures

    @Test
    void read_atTheEnd_answersMinusOneEveryTime() throws IOException {
        IntValueTask read = stream.read(destination);
        embedded.arriveEnd();

        assertThat(read.result()).isEqualTo(-1);
        assertThat(stream.readByte().result()).isEqualTo(-1);
        assertThat(stream.read(new byte[1], 0, 1).result()).isEqualTo(-1);
        assertThat(stream.read(ByteBuffer.allocate(1)).result()).isEqualTo(-1);
    }

    @Test
    void read_whenTheChannelReportsAFailure_failsInItsPlaceAmongTheBytes() throws IOException {
        IOException failure = new IOException("reset");
        embedded.arrive("a");
        embedded.arriveFailure(failure);
        embedded.arrive("b");

        assertThat(stream.readByte().result()).isEqualTo('a');
        assertThatThrownBy(stream.readByte()::result).isSameAs(failure);
        assertThat(stream.readByte().result()).isEqualTo('b');
    }

    @Test
    void read_whenTheConnectionBreaks_failsEveryTimeBehindTheBytesThatCameBefore() throws IOException {
        IOException failure = new IOException("reset");
        embedded.arrive("ab");
        embedded.arriveFailure(failure);
        embedded.arriveEnd();

        assertThatThrownBy(() -> stream.readUntil((byte) '\n', destination, 4).result()).isSameAs(failure);
        assertThatThrownBy(() -> stream.readUntil((byte) '\n', destination, 4).result())
                .as("not a last line").isInstanceOf(IOException.class).hasCause(failure);
        assertThat(stream.read(destination).result()).isEqualTo(2);
        assertThat(destinationText()).isEqualTo("ab");
        for (int i = 0; i < 2; i++) {
            assertThat(stream.available()).isZero();
            assertThatThrownBy(stream.readByte()::result).isInstanceOf(IOException.class).hasCause(failure);
        }
        stream.close();
        assertThatThrownBy(stream.readByte()::result).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void read_whenTheStreamEndsInOrderSomeTimeAfterAFailure_ends() throws IOException {
        embedded.arriveFailure(new IOException("of one message"));
        embedded.channel.pipeline().fireChannelReadComplete();
        embedded.arriveEnd();

        assertThatThrownBy(stream.readByte()::result).hasMessage("of one message");
        assertThat(stream.readByte().result()).isEqualTo(-1);
    }

    @Test
    void read_whenThePipelinePassesOnSomethingElse_failsAndSaysWhat() throws IOException {
        embedded.channel.writeInbound("text");

        assertThatThrownBy(stream.readByte()::result).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("type=java.lang.String", "remove the decoder");

        embedded.arrive("x");
        assertThat(stream.readByte().result()).isEqualTo('x');
    }

    @Test
    void read_whenAMessageWasReleasedByThePipeline_failsAndTheNextIsNotHarmed() throws IOException {
        ByteBuf released = ByteBufAllocator.DEFAULT.buffer(1).writeByte('x');
        embedded.channel.writeInbound(released.retain());
        released.release(2);

        assertThatThrownBy(stream.readByte()::result).isInstanceOf(IllegalReferenceCountException.class);

        embedded.arrive("y");
        assertThat(stream.readByte().result()).isEqualTo('y');
    }

    @Test
    void read_whenTheDestinationIsUnusable_failsAndLosesNothing() throws IOException {
        ByteBuf released = Unpooled.buffer(4);
        IntValueTask read = stream.read(released);
        released.release();
        embedded.arrive("abc");

        assertThatThrownBy(read::result).isInstanceOf(IllegalReferenceCountException.class);

        assertThat(stream.available()).isEqualTo(3);
        assertThat(stream.read(destination).result()).isEqualTo(3);
        assertThat(destinationText()).isEqualTo("abc");
    }

    // Arguments

    @Test
    void read_withImpossibleArguments_isRefusedWithTheValues() throws IOException {
        assertThatThrownBy(() -> stream.read(new byte[3], 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
                .isInstanceOf(ReadOnlyBufferException.class);
        assertThatThrownBy(() -> stream.read(destination.asReadOnly()))
                .isInstanceOf(ReadOnlyBufferException.class);
        assertThatThrownBy(() -> stream.readExactly(destination, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length: -1");
        assertThatThrownBy(() -> stream.readExactly(Unpooled.buffer(1, 3), 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length: 4 (expected: 0 to 3");
        assertThatThrownBy(() -> stream.readUntil((byte) 0, destination, 0))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("maxBytes: 0");
        assertThatThrownBy(() -> new ChannelStream(stream.channel(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("writeBufferSize: 0");

        embedded.arrive("x");
        assertThat(stream.readByte().result()).as("nothing was started").isEqualTo('x');
    }

    @Test
    void close_whenACompletedReadWasNotConsumed_releasesTheBytesAndTheReadFails() {
        ByteBuf message = ByteBufAllocator.DEFAULT.buffer(3).writeBytes(Bytes.of("abc"));
        embedded.channel.writeInbound(message);
        IntValueTask read = stream.read(destination);
        assertThat(read.isCompletedSuccessfully()).isTrue();

        stream.close();

        assertThat(message.refCnt()).isZero();
        assertThatThrownBy(read::result).isInstanceOf(ClosedChannelException.class);
        assertThat(destination.isReadable()).isFalse();
    }

    @Test
    void close_whenAReadThatWaitedWasCompletedAndNotConsumed_releasesTheBytesAndTheReadFails() {
        ByteBuf message = ByteBufAllocator.DEFAULT.buffer(3).writeBytes(Bytes.of("abc"));
        IntValueTask read = stream.readUntil((byte) 'b', destination, 10);
        embedded.channel.writeInbound(message);
        assertThat(read.isCompletedSuccessfully()).isTrue();

        stream.close();

        assertThat(message.refCnt()).isZero();
        assertThatThrownBy(read::result).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void discard_ofATaskWhoseResultIsAStream_closesIt() {
        ManualResetValueTaskSource<ChannelStream> connecting = new ManualResetValueTaskSource<>();
        long token = connecting.arm();
        ValueTask.fromSource(connecting, token).discard();

        connecting.complete(token, stream);

        assertThat(embedded.channel.isOpen()).isFalse();
        assertThatThrownBy(stream.readByte()::result).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void toString_tellsTheStateAndWhatIsBuffered() {
        embedded.arrive("abc");
        IntValueTask read = stream.readByte();

        assertThat(stream).asString().contains("current=1, state=SUCCEEDED", "received=3", "writes=OPEN");

        stream.close();
        assertThat(stream).asString().contains("received=0", "writes=CLOSED");
        assertThatThrownBy(read::result).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void read_afterClose_failsWhateverWasThere() {
        embedded.arrive("abc");
        assertThat(stream.available()).isEqualTo(3);

        stream.close();

        assertThat(stream.available()).isZero();
        assertThatThrownBy(stream.readByte()::result).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(stream.readExactly(destination, 1)::result)
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(stream.readUntil((byte) 0, destination, 1)::result)
                .isInstanceOf(ClosedChannelException.class);
    }
}
