package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.valuetask.IntValueTask;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A channel as a stream of bytes: reads that answer as much as was asked for, wherever its messages begin and
 * end, and writes that are gathered in a buffer. Counterpart of .NET's {@code NetworkStream}, with the buffer
 * of its {@code BufferedStream}.
 *
 * {@snippet :
 * try (ChannelStream stream = new ChannelStream(channel)) {
 *     ByteBuf line = Unpooled.buffer(1024);
 *     while (stream.readUntil((byte) '\n', line.clear(), 1024).await() > 0) {
 *         stream.write(answer(line)).await();
 *         stream.flush().await();
 *     }
 * }
 * }
 *
 * <p>A read completes when it can be answered, at once where the bytes are here already. They move into the
 * destination as the value task is consumed. Until then the destination is the stream's to write to; a read that was
 * cancelled, timed out, interrupted or failed has not touched it and never will, and has taken nothing.
 *
 * <p>A write has taken over its bytes when the call returns, and what it was given may be used again. It completes at
 * once while there is room in the buffer. One that finds none sends the buffer, and completes when that has left for
 * the transport; so has a {@link #flush()}. Cancelling either ends the wait; the bytes are sent all the same. Whoever
 * does not await these lets memory grow as fast as the peer is slow. When bytes could not be sent, whoever waits for
 * them is told the reason, and all that is written later is refused with an {@link IOException} that names it,
 * so that the peer never gets what comes behind a gap.
 *
 * <p><b>Threading.</b> Every method may be called by any thread. One read at a time, and one thread that writes or
 * flushes at a time, the two beside each other; a second read throws
 * {@link io.valuetask.ValueTaskMisuseException} and the first is not affected. {@code close} may be called at any time.
 * Continuations run on the event loop, or on a thread that is in a call of this stream at that moment; those of an
 * operation that was cancelled or closed where that happened.
 * <b>Ownership.</b> The stream reads from the channel and writes to it alone, and closes it; whoever made the stream
 * closes the stream, which releases what is buffered. A destination stays the caller's. A {@link ByteBuf} given to
 * {@code write} is released by the stream, whatever happens. <b>Allocation.</b> None per read and write while each
 * value task is consumed; a buffer per so many bytes written, and one where a read needs more than one message.
 */
public final class ChannelStream implements AutoCloseable {
    /** The size of the write buffer, unless told otherwise. */
    private static final int DEFAULT_WRITE_BUFFER = 8 * 1024;

    private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private final StreamReadSource reads;
    private final WriteBuffer writes;

    /**
     * Makes a stream with a write buffer of 8 KiB.
     *
     * @param channel the channel, which is the stream's from here on
     */
    public ChannelStream(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        this(channel, DEFAULT_WRITE_BUFFER);
    }

    /**
     * Makes a stream.
     *
     * @param channel the channel, which is the stream's from here on
     * @param writeBufferSize how many bytes to gather before they are sent; at least 1
     */
    public ChannelStream(ValueTaskChannel<ByteBuf, ByteBuf> channel, int writeBufferSize) {
        if (writeBufferSize < 1) {
            throw new IllegalArgumentException("writeBufferSize: " + writeBufferSize + " (expected: >= 1)");
        }
        this.channel = Objects.requireNonNull(channel, "channel");
        reads = new StreamReadSource(channel);
        writes = new WriteBuffer(channel, writeBufferSize);
    }

    // Reading

    /**
     * Reads what is there, or waits for it: at least one byte, and at most what the destination has room for.
     * A destination without room is answered 0 at once.
     *
     * @param destination where to write the bytes; is not expanded
     * @return how many bytes, or -1 at the end of the stream. Fails with what the pipeline reported, after
     *         the bytes that came before it; if that has ended the connection, as a reset does, each later read fails with
     *         an {@link IOException} that has it as its cause; and with
     *         {@link java.nio.channels.ClosedChannelException} after {@link #close()}
     * @throws ReadOnlyBufferException if nothing can be written to the destination
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not
     *         taken
     */
    public IntValueTask read(ByteBuf destination) {
        if (destination.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        return startRead(destination, 0, ReadDemand.upTo(destination.writableBytes()));
    }

    /**
     * As {@link #read(ByteBuf)}, into a buffer of the JDK.
     *
     * @param destination where to put the bytes, from its position on
     * @return how many bytes, or -1 at the end of the stream
     * @throws ReadOnlyBufferException if nothing can be written to the destination
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not
     *         taken
     */
    public IntValueTask read(ByteBuffer destination) {
        if (destination.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        return startRead(destination, 0, ReadDemand.upTo(destination.remaining()));
    }

    /**
     * As {@link #read(ByteBuf)}, into an array.
     *
     * @param destination where to put the bytes
     * @param offset the index of the first one
     * @param length how many there is room for
     * @return how many bytes, or -1 at the end of the stream
     * @throws IndexOutOfBoundsException if the array has no such range
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not
     *         taken
     */
    public IntValueTask read(byte[] destination, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, destination.length);
        return startRead(destination, offset, ReadDemand.upTo(length));
    }

    /**
     * Reads one byte.
     *
     * @return the byte, 0 to 255, or -1 at the end of the stream; fails as {@link #read(ByteBuf)} does
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not
     *         taken
     */
    public IntValueTask readByte() {
        return startRead(null, 0, ReadDemand.upTo(1));
    }

    /**
     * Reads exactly so many bytes. They wait in the stream until all of them are there, so that it holds as much
     * memory; for large amounts use {@link #read(ByteBuf)} again and again. Counterpart of .NET's
     * {@code Stream.ReadExactlyAsync}.
     *
     * @param destination where to write the bytes; is expanded if need be
     * @param length how many bytes
     * @return {@code length}, when they are there. Fails with {@link java.io.EOFException} if the stream ends before,
     *         and nothing is taken then; otherwise as {@link #read(ByteBuf)} does
     * @throws IllegalArgumentException if the length is negative or the destination cannot hold so many
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not
     *         taken
     */
    public IntValueTask readExactly(ByteBuf destination, int length) {
        requireRoom(destination, "length", length, 0);
        return startRead(destination, 0, ReadDemand.exactly(length));
    }

    /**
     * Reads a line: up to the next delimiter, itself included. What the stream ends with need not have one,
     * so look at the last byte where that matters.
     *
     * @param delimiter the last byte of a line
     * @param destination where to write the line; is expanded if need be
     * @param maxBytes how long a line may be, at least 1
     * @return how many bytes, or -1 at the end of the stream. Fails with {@link DelimiterNotFoundException}
     *         if the line is longer, and nothing is taken then; otherwise as {@link #read(ByteBuf)} does
     * @throws IllegalArgumentException if {@code maxBytes} is not positive or the destination cannot hold so
     *         many
     * @throws io.valuetask.ValueTaskMisuseException if another read is in progress or its result was not
     *         taken
     */
    public IntValueTask readUntil(byte delimiter, ByteBuf destination, int maxBytes) {
        requireRoom(destination, "maxBytes", maxBytes, 1);
        return startRead(destination, 0, ReadDemand.until(delimiter, maxBytes));
    }

    /**
     * How many bytes can be read without waiting, as far as the stream knows. If it knows of none it asks the
     * channel, which may answer until the next call.
     *
     * @return the number of bytes; 0 after {@link #close()}
     */
    public int available() {
        return reads.available();
    }

    private IntValueTask startRead(@Nullable Object destination, int offset, long demand) {
        return IntValueTask.fromSource(reads, InlineBarrier.read(reads, destination, offset, demand));
    }

    private static void requireRoom(ByteBuf destination, String name, int bytes, int least) {
        int room = destination.isReadOnly() ? 0 : destination.maxWritableBytes();
        if (bytes < least || bytes > room) {
            throw new IllegalArgumentException(name + ": " + bytes + " (expected: " + least + " to " + room
                    + ", which is the room in " + destination + ")");
        }
    }

    // Writing

    /**
     * Writes one byte.
     *
     * @param value the byte, in the low eight bits
     * @return completes when there is room for the next write. Fails if what had to make room could not be sent; with
     *         an {@link IOException} after that, and with {@link java.nio.channels.ClosedChannelException}
     *         after {@link #close()}, and takes nothing then
     * @throws IllegalStateException if another thread is writing at this moment; it is not affected
     */
    public ValueTask<@Nullable Void> writeByte(int value) {
        return toTask(InlineBarrier.writeByte(writes, value));
    }

    /**
     * Writes a buffer. A small one is copied, one that is as large as the stream's buffer is sent as it is.
     *
     * @param source the bytes; the stream releases it
     * @return as {@link #writeByte} does
     * @throws IllegalStateException if another thread is writing at this moment; it is not affected
     */
    public ValueTask<@Nullable Void> write(ByteBuf source) {
        return toTask(InlineBarrier.write(writes, source, 0, source.readableBytes()));
    }

    /**
     * Writes what remains in a buffer of the JDK. It is copied, and the buffer has no remaining bytes when
     * the call returns.
     *
     * @param source the bytes
     * @return as {@link #writeByte} does
     * @throws IllegalStateException if another thread is writing at this moment; it is not affected
     */
    public ValueTask<@Nullable Void> write(ByteBuffer source) {
        return toTask(InlineBarrier.write(writes, source, 0, source.remaining()));
    }

    /**
     * Writes a part of an array, which is copied.
     *
     * @param source where the bytes are
     * @param offset the index of the first one
     * @param length how many
     * @return as {@link #writeByte} does
     * @throws IndexOutOfBoundsException if the array has no such range
     * @throws IllegalStateException if another thread is writing at this moment; it is not affected
     */
    public ValueTask<@Nullable Void> write(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        return toTask(InlineBarrier.write(writes, source, offset, length));
    }

    /**
     * Sends what was written.
     *
     * @return completes when all that was written before has left for the transport; fails as
     *         {@link #writeByte} does
     * @throws IllegalStateException if another thread is writing at this moment; it is not affected
     */
    public ValueTask<@Nullable Void> flush() {
        return toTask(writes.flush());
    }

    private ValueTask<@Nullable Void> toTask(int outcome) {
        return switch (outcome) {
            case WriteBuffer.BUFFERED -> ValueTask.completed();
            case WriteBuffer.HANDED_OVER -> channel.flush();
            default -> ValueTask.failed(writes.refusal());
        };
    }

    // Both

    /**
     * Begins to close the stream and its channel, and returns at once: what was written is sent as far as
     * {@link ValueTaskChannel#close()} permits, what was not read is released, and a pending read fails. Closing again
     * does nothing and is no mistake. Whether all that was written has left is what a {@link #flush()} before tells; to
     * wait for the end, await {@link ValueTaskChannel#closed()}.
     */
    @Override
    public void close() {
        reads.close();
        writes.close();
        channel.close();
    }

    /**
     * The channel behind the stream, for its address and options. To read from it or to write to it directly
     * bypasses what is promised here.
     *
     * @return the channel
     */
    public ValueTaskChannel<ByteBuf, ByteBuf> channel() {
        return channel;
    }

    /**
     * The reads as an {@link InputStream}, for virtual and platform threads. It blocks, keeps no bytes of its
     * own, and closing it closes this stream. A thread that is interrupted gets a
     * {@link java.io.InterruptedIOException}, stays interrupted, and has read nothing.
     *
     * @return a view of this stream
     */
    public InputStream inputStream() {
        return new ChannelInputStream(this);
    }

    /**
     * The writes as an {@link OutputStream}, for virtual and platform threads. It blocks while there is no
     * room; closing it flushes and closes this stream, within the channel's close deadline, and throws what kept bytes from
     * being sent. A thread that is interrupted gets a {@link java.io.InterruptedIOException} and stays interrupted; what it
     * was writing is sent.
     *
     * @return a view of this stream
     */
    public OutputStream outputStream() {
        return new ChannelOutputStream(this);
    }

    boolean isClosed() {
        return writes.isClosed();
    }

    /** As far as is known: after the channel is closed, all of it is. */
    void requireAllSent() throws IOException {
        if (writes.hasFailed()) {
            throw writes.refusal();
        }
    }

    /** Tells the channel, the state of the read, how many bytes wait for one, and whether writes are possible. */
    @Override
    public String toString() {
        return "ChannelStream[" + channel.channel() + ", reads=" + reads + ", received=" + reads.buffered()
                + ", writes=" + writes + "]";
    }
}
