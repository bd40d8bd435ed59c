package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what is written and hands it over to the channel. It waits for nothing: behind a buffer that was handed
 * over, the writer awaits the channel's own flush.
 */
final class WriteBuffer {
    /*
     * A buffer goes this way:
     *
     *   allocated -> filled by writes -> handed over, when the next bytes do not fit or it is flushed -> left or failed
     *
     * and `writing` says who may touch the one that is being filled:
     *
     *   false -> true    // writer or closer, by CAS: it is alone with the buffer until it leaves
     *   true -> false    // the same
     *
     * A second writer is refused. A closer that finds a writer goes: it has set `closed` before, and the writer looks
     * for that when it has left. Both are volatile, so one of the two sees the other.
     *
     * See WriteBufferCloseStress, and its broken twin.
     */

    // What a write comes to.

    /** It is in the buffer. */
    static final int BUFFERED = 0;
    /** Something was handed over to the channel, and is to be flushed there. */
    static final int HANDED_OVER = 1;
    /** Nothing was taken; {@link #refusal} says why. */
    static final int REFUSED = 2;

    private static final VarHandle WRITING = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "writing",
            VarHandle.class, WriteBuffer.class, boolean.class);
    private static final VarHandle FAILURE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "failure",
            VarHandle.class, WriteBuffer.class, Throwable.class);

    private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private final int capacity;
    /** As many as a writer has under way that awaits each write: the buffer, and what did not fit into one. */
    private final HandedOver[] places = {new HandedOver(this), new HandedOver(this)};

    /** Set by CAS, any thread; cleared by the same. */
    @SuppressWarnings("unused")
    private volatile boolean writing;
    /** By whoever has set `writing`. */
    private @Nullable ByteBuf buffer;
    /** Any thread; once true, for ever. */
    private volatile boolean closed;
    /** Why bytes are missing in what was sent: the first reason, for ever. Any thread, by CAS from null. */
    private volatile @Nullable Throwable failure;

    WriteBuffer(ValueTaskChannel<ByteBuf, ByteBuf> channel, int capacity) {
        this.channel = channel;
        this.capacity = capacity;
    }

    // The writer; any thread, but one at a time

    int writeByte(int value) {
        if (!enter()) {
            return REFUSED;
        }
        try {
            int outcome = makeRoom(1);
            bufferWithRoom().writeByte(value);
            return outcome;
        } finally {
            leave();
        }
    }

    /** A {@link ByteBuf} is released here, whatever happens. */
    int write(Object source, int offset, int length) {
        ByteBuf owned = source instanceof ByteBuf message ? message : null;
        try {
            if (!enter()) {
                return REFUSED;
            }
            try {
                if (length >= capacity) {
                    ByteBuf whole = owned != null ? owned : copyOf(source, offset, length);
                    owned = null;
                    handOverBuffer();
                    return handOver(whole);
                }
                if (length == 0) {
                    return BUFFERED;
                }
                int outcome = makeRoom(length);
                Copying.write(bufferWithRoom(), length, source, offset);
                return outcome;
            } finally {
                leave();
            }
        } finally {
            if (owned != null && owned.refCnt() > 0) {
                ReferenceCountUtil.safeRelease(owned);
            }
        }
    }

    /** Hands over what was written. */
    int flush() {
        if (!enter()) {
            return REFUSED;
        }
        try {
            handOverBuffer();
            return HANDED_OVER;
        } finally {
            leave();
        }
    }

    /** Why an operation was refused. */
    IOException refusal() {
        Throwable cause = failure;
        return cause == null
                ? new ClosedChannelException()
                : new IOException(
                        "an earlier write has failed, and what was written then is missing: nothing more "
                                + "is sent; close the stream",
                        cause);
    }

    /** False if the operation is refused; else the caller must {@link #leave}. */
    private boolean enter() {
        if (!WRITING.compareAndSet(this, false, true)) {
            if (closed) {
                return false;
            }
            throw new IllegalStateException(
                    "another thread is writing to this stream at this moment: channel="
                            + channel.channel() + "; let one thread write at a time");
        }
        if (closed || failure != null) {
            leave();
            return false;
        }
        return true;
    }

    private void leave() {
        writing = false;
        if (closed) {
            handOverRest();
        }
    }

    // The buffer, for whoever has set `writing`

    /** Allocates before it hands over, so that nothing has changed where there is no memory. */
    private int makeRoom(int length) {
        ByteBuf full = buffer;
        if (full != null && full.writableBytes() >= length) {
            return BUFFERED;
        }
        buffer = allocate(capacity);
        return full == null ? BUFFERED : handOver(full);
    }

    private ByteBuf bufferWithRoom() {
        return Objects.requireNonNull(buffer);
    }

    private ByteBuf allocate(int size) {
        return channel.channel().alloc().buffer(size, size);
    }

    private ByteBuf copyOf(Object source, int offset, int length) {
        ByteBuf copy = allocate(length);
        try {
            Copying.write(copy, length, source, offset);
            return copy;
        } catch (Throwable failed) {
            copy.release();
            throw failed;
        }
    }

    private void handOverBuffer() {
        ByteBuf filled = buffer;
        buffer = null;
        if (filled != null) {
            handOver(filled);
        }
    }

    /** The buffer is the channel's from here on. */
    private int handOver(ByteBuf filled) {
        if (!filled.isReadable() || failure != null) {
            filled.release(); // empty; or behind a gap, where it is worth nothing
        } else {
            HandedOver place = claimPlace();
            if (!place.awaiter.onCompleted(channel.writeInTurn(filled), HandedOver.ON_LEFT, place)) {
                place.onLeft();
            }
        }
        return HANDED_OVER;
    }

    private HandedOver claimPlace() {
        for (HandedOver place : places) {
            if (place.tryClaim()) {
                return place;
            }
        }
        return new HandedOver(this);
    }

    // Any thread, at any time

    /** What was handed over has not left. */
    void failed(Throwable cause) {
        FAILURE.compareAndSet(this, null, cause);
    }

    /** Refuses what is written later, and hands over what is in the buffer; if there is a writer, it does that. */
    void close() {
        closed = true;
        handOverRest();
    }

    boolean isClosed() {
        return closed;
    }

    /** Something that was handed over has not left. */
    boolean hasFailed() {
        return failure != null;
    }

    @Override
    public String toString() {
        return closed ? "CLOSED" : failure != null ? "FAILED" : "OPEN";
    }

    private void handOverRest() {
        if (WRITING.compareAndSet(this, false, true)) {
            try {
                handOverBuffer();
            } finally {
                writing = false;
            }
        }
    }
}
