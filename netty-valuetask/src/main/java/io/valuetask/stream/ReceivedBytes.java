package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that have arrived and were not taken: the rest of one message, or several messages copied into one
 * buffer where a read needs more than one, so that a peer that sends single bytes does not make us keep a buffer for
 * each. For the holder of the {@link Turn} only, but for {@link #readable}.
 */
final class ReceivedBytes {
    private static final VarHandle READABLE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "readable", VarHandle.class, ReceivedBytes.class, int.class);

    private @Nullable ByteBuf bytes;
    /** The buffer was made here, and nobody else has it: it may be written to. */
    private boolean own;
    /** Written by the holder of the turn. Opaque: a number for whoever asks, which orders nothing. */
    @SuppressWarnings("unused")
    private int readable;

    /** How many there are. Any thread. */
    int readable() {
        return (int) READABLE.getOpaque(this);
    }

    /**
     * Takes over a message. If this throws, nothing has changed, and the message is still the caller's.
     *
     * @param wanted how many bytes a read waits for, so that the buffer grows to that and not by every message
     */
    void add(ByteBuf message, int wanted, ByteBufAllocator allocator) {
        if (message.refCnt() == 0) {
            throw new IllegalReferenceCountException(
                    "a message was released after the pipeline had passed it on: its bytes are missing here; "
                            + "a handler that passes a message on must not release it, too");
        }
        ByteBuf before = bytes;
        if (before == null) {
            keep(message, false);
            return;
        }
        int added = message.readableBytes();
        if (own && before.writableBytes() >= added) {
            before.writeBytes(message, message.readerIndex(), added);
            keep(before, true);
        } else {
            int both = Math.addExact(before.readableBytes(), added);
            ByteBuf joined = allocator.buffer(Math.max(both, (int) Math.min(2L * both, wanted)));
            try {
                joined.writeBytes(before, before.readerIndex(), before.readableBytes());
                joined.writeBytes(message, message.readerIndex(), added);
            } catch (Throwable failure) {
                joined.release();
                throw failure;
            }
            release();
            keep(joined, true);
        }
        message.release();
    }

    private void keep(ByteBuf buffer, boolean isOwn) {
        bytes = buffer;
        own = isOwn;
        count();
    }

    private void count() {
        ByteBuf buffer = bytes;
        // What somebody else has released, by mistake, is forgotten: nothing can be done with it.
        int left = buffer == null || buffer.refCnt() == 0 ? 0 : buffer.readableBytes();
        READABLE.setOpaque(this, left);
        if (left == 0) {
            release();
        }
    }

    /**
     * How many bytes there are to the first delimiter, itself included.
     *
     * @param from where to look first, since what is before has been looked at
     * @param to where to look no further
     * @return zero if there is none
     */
    int lengthUntil(byte delimiter, int from, int to) {
        ByteBuf buffer = bytes;
        if (buffer == null) {
            return 0;
        }
        int start = buffer.readerIndex();
        int index;
        try {
            index = buffer.indexOf(start + from, start + Math.min(to, buffer.readableBytes()), delimiter);
        } catch (Throwable unusable) {
            count();
            throw unusable;
        }
        return index < 0 ? 0 : index - start + 1;
    }

    /**
     * Moves bytes into a destination. If that throws, they are still here.
     *
     * @param length how many; no more than there are
     * @return how many, or for want of a destination the byte itself
     */
    int moveTo(@Nullable Object destination, int offset, int length) {
        ByteBuf buffer = bytes;
        if (buffer == null) {
            return 0;
        }
        try {
            return Copying.read(buffer, length, destination, offset);
        } finally {
            count();
        }
    }

    /** Releases what there is. */
    void release() {
        ByteBuf buffer = bytes;
        bytes = null;
        own = false;
        READABLE.setOpaque(this, 0);
        if (buffer != null && buffer.refCnt() > 0) {
            ReferenceCountUtil.safeRelease(buffer);
        }
    }
}
