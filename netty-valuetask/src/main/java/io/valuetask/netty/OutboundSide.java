package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The writing half of a channel: its operations, what of them is in flight, and what has failed and was not told yet.
 * Its operations are called by any thread; the rest is the executor's, unless said.
 */
final class OutboundSide {
    /** Flushes, batches, and waits for room: of each so many at once are used again. */
    private static final int POOLED_WAITS = 2;

    private static final VarHandle SEND_FAILURE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "sendFailure", VarHandle.class, OutboundSide.class, Throwable.class);

    private final ValueTaskHandler<?, ?> handler;
    private final Set<Class<?>> trustedHandlers;
    private final OperationPool<WriteOperation> writes;
    private final OperationPool<FlushOperation> flushes;
    private final OperationPool<BatchOperation> batches;
    private final OperationPool<RoomOperation> rooms;
    private final Flusher flusher;
    private final Writability writability;

    private final OperationList inFlight = new OperationList();
    private final PendingFlushes pendingFlushes = new PendingFlushes(inFlight);
    /** The youngest of those in flight that handlers behind this one wait for; null if there is none. */
    private Predecessor.@Nullable Remainder remainder;
    private @Nullable Throwable unflushedFailure;
    /** Written on the executor, read by any thread for messages to people: an int is not torn. */
    private int untrusted;

    /** Of the first message that was sent, and could not be, since somebody was told; set by CAS, and taken
     * by exchange: one is told, see SendFailureStress. Any thread. */
    @SuppressWarnings("unused")
    private volatile @Nullable Throwable sendFailure;

    OutboundSide(ValueTaskHandler<?, ?> handler, ValueTaskChannelOptions options) {
        this.handler = handler;
        trustedHandlers = options.trustedHandlers();
        writes = new OperationPool<>(handler, options.pooledWrites(), WriteOperation::new);
        flushes = new OperationPool<>(handler, POOLED_WAITS, FlushOperation::new);
        batches = new OperationPool<>(handler, POOLED_WAITS, BatchOperation::new);
        rooms = new OperationPool<>(handler, POOLED_WAITS, RoomOperation::new);
        flusher = new Flusher(handler, options.flushPolicy());
        writability = new Writability(handler);
    }

    // The operations, from any thread. Each answers one that has been started.

    WriteOperation write(Object message, boolean flush, boolean inTurn) {
        requirePipeline(message);
        WriteOperation operation = writes.claim().with(message, flush, inTurn);
        operation.start();
        return operation;
    }

    FlushOperation flush() {
        handler.context();
        FlushOperation operation = flushes.claim();
        operation.start();
        return operation;
    }

    BatchOperation writeAll(Collection<?> messages) {
        requireNonNull(messages, "messages");
        BatchOperation operation = batches.claim().with(messages);
        operation.start();
        return operation;
    }

    /** One of a batch. On the executor. */
    void writeFor(BatchOperation batch, Object message) {
        writes.claim().with(message, false, false).partOf(batch).start();
    }

    /** Null if there is room for the next one. */
    @Nullable
    RoomOperation send(Object message, boolean inTurn) {
        requirePipeline(message);
        Throwable failure = takeSendFailure();
        if (failure == null && !handler.nettyChannel().isOpen()) {
            failure = new ClosedChannelException();
        }
        if (failure != null) {
            ReferenceCountUtil.safeRelease(message);
            return rooms.claim().failed(failure);
        }
        writes.claim().with(message, true, inTurn).unawaited().start();
        return writable();
    }

    /** Null if there is room. */
    @Nullable
    RoomOperation writable() {
        handler.context();
        if (writability.hasRoom()) {
            return null;
        }
        RoomOperation operation = rooms.claim();
        operation.start();
        return operation;
    }

    private void requirePipeline(Object message) {
        if (message == null) {
            throw new NullPointerException("message");
        }
        try {
            handler.context();
        } catch (IllegalStateException early) {
            ReferenceCountUtil.safeRelease(message);
            throw early;
        }
    }

    /** The write is about to enter the pipeline, or has left it: it is not used again if a handler there may remember it. */
    void lookAtPath(WriteOperation write, ChannelHandlerContext context) {
        if (!write.isRetired() && !WritePath.isTrusted(context, trustedHandlers)) {
            write.retire();
            untrusted++;
        }
    }

    // What failed

    /** Something that nobody awaits could not be sent: the next send or flush will say so. Any thread. */
    void sendFailed(Throwable cause) {
        SEND_FAILURE.compareAndSet(this, null, cause);
    }

    private @Nullable Throwable takeSendFailure() {
        return sendFailure == null ? null : (Throwable) SEND_FAILURE.getAndSet(this, null);
    }

    /** Answers whether somebody waits for a flush behind the write, and is told now. */
    boolean failFlushBehind(ChannelOperation write, Throwable cause) {
        FlushOperation flush = write.linked ? pendingFlushes.behind(write) : null;
        if (flush != null) {
            flush.writeFailed(cause);
        }
        return flush != null;
    }

    /** Whoever waits at a handler behind this one for the write is to say that it has not left. */
    void failRemaindersBehind(ChannelOperation write, Throwable cause) {
        Predecessor.Remainder waiting = write.linked ? remainder : null;
        while (waiting != null && waiting.sequence > write.sequence) {
            waiting.writeFailed(cause);
            waiting = waiting.older;
        }
    }

    void remainderAdded(Predecessor.Remainder youngest) {
        youngest.older = remainder;
        remainder = youngest;
    }

    /** They pass from the oldest to the youngest, and are forgotten with that. */
    void remainderPassed(Predecessor.Remainder passed) {
        if (passed == remainder) {
            remainder = null;
        }
    }

    void unflushedWriteFailed(Throwable cause) {
        unflushedFailure = cause;
    }

    @Nullable
    Throwable takeUnflushedFailure() {
        Throwable failure = unflushedFailure;
        unflushedFailure = null;
        return failure != null ? failure : takeSendFailure();
    }

    // Ending

    /** R9. Whatever is left will not be completed by anybody else. */
    void abandonAll(Throwable cause) {
        for (ChannelOperation left = inFlight.oldest(); left != null;) {
            long sequence = left.sequence;
            left.abandon(cause);
            // Where nothing can be posted any more, that one has left the list, perhaps with others behind it.
            left = left.linked && left.sequence == sequence ? left.next : inFlight.behind(sequence);
        }
        inFlight.passBarriers();
    }

    OperationList inFlight() {
        return inFlight;
    }

    PendingFlushes pendingFlushes() {
        return pendingFlushes;
    }

    Flusher flusher() {
        return flusher;
    }

    Writability writability() {
        return writability;
    }

    /** For messages to people, from any thread. */
    @Override
    public String toString() {
        String once = untrusted == 0 ? "" : ", untrusted=" + untrusted;
        return "inFlight=" + inFlight.size() + ", " + writability + once + ", unpooled="
                + (writes.overflows() + flushes.overflows() + batches.overflows()
                        + rooms.overflows());
    }
}
