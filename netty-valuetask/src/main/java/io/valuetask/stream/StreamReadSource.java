package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.ManualResetIntValueTaskSource;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.ValueTaskChannel;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one reusable source of a stream's reads. A read completes when what it asks for is there, and the bytes move
 * into its destination in the step that consumes the value task. So a read that is cancelled, timed out or never
 * awaited has taken nothing, and no byte is lost.
 */
final class StreamReadSource extends ManualResetIntValueTaskSource {
    /*
     * The source's word says where the read stands, see StateWord; the turn says who may touch what was received, see
     * Turn. Behind both runs at most one read of the channel, which brings the next message:
     *
     *     QUIET -> ASKED       // turn: fetch(), and the channel has nothing
     *     QUIET -> ANSWERED    // turn: fetch(), and the channel has something
     *     ASKED -> ANSWERED    // whoever completes the channel's read
     *  ANSWERED -> QUIET       // turn: fetch() takes the message out of the channel's queue
     *
     * It goes on when the read of the stream that needed it is cancelled. What it is answered stays in the channel's
     * queue until somebody needs it, so that closing the channel releases it.
     *
     * A read of the stream goes one of these ways:
     *
     *      ARMING -> SUCCEEDED   // reader, in the turn: it is there. The turn is granted to the consumer
     *      ARMING -> PENDING     // reader: it is not there, or another party has the turn and looks again
     *     PENDING -> SUCCEEDED   // holder of the turn, which grants it
     *     PENDING -> FAULTED     // holder of the turn: the stream is closed
     *     PENDING -> CANCELED    // anybody, without the turn: nothing that was received is touched
     *   SUCCEEDED -> CONSUMING   // consumer: redeems the turn, moves the bytes, leaves the turn
     */

    /** A verdict: what the read asks for is not there yet. */
    private static final int NOT_YET = -2;
    /** A verdict: what the read asks for will never be there; {@link #takeLess} finds out why. */
    private static final int SHORT = -1;

    private static final Consumer<StreamReadSource> ON_ANSWERED = StreamReadSource::onAnswered;

    private static final VarHandle DEMAND = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "demand",
            VarHandle.class, StreamReadSource.class, long.class);

    private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private final Turn turn = new Turn();

    /** Any thread; once true, for ever. */
    private volatile boolean closed;

    // What the read asks for. Written by the reader in ARMING. The destination is read by the consumer alone, and
    // that of a cancelled read is kept until the next one. The demand is read in the turn, too, where a new one may
    // come in between: opaque, since it must be one of the two. Which does not matter: a verdict on the old read
    // cannot complete it any more.
    @SuppressWarnings("unused")
    private long demand;
    private @Nullable Object destination;
    private int offset;

    // What has been received. In the turn.
    private final ReceivedBytes received = new ReceivedBytes();
    private boolean ended;
    /** Told to one read, in its place among the bytes. */
    private @Nullable Throwable failure;
    /** How many bytes were searched for the delimiter in vain, for the read of that token. */
    private int searched;
    private long searchedFor;

    // The read of the channel. In the turn, but for `answered`, which whoever completes that read sets; volatile, as
    // it may find the turn taken.
    private final ValueTaskAwaiter<@Nullable ByteBuf> awaiter = new ValueTaskAwaiter<>();
    private boolean asked;
    private volatile boolean answered;
    /** Taken out of the channel, when there was no memory to join it with what was there. */
    private @Nullable ByteBuf unmerged;

    StreamReadSource(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        this.channel = channel;
    }

    // Any thread

    /** Starts the next read; any thread, but one at a time. Answers its token. */
    long read(@Nullable Object into, int from, long wish) {
        long token = begin();
        destination = into;
        offset = from;
        DEMAND.setOpaque(this, wish);
        if (closed) {
            pend();
            fail(token);
        } else if (turn.enter()) {
            int verdict = advance(token, wish);
            if (verdict != NOT_YET && turn.grant()) {
                succeed(verdict);
            } else {
                pend();
                lookAndLeave();
            }
        } else {
            pend();
            settle();
        }
        return token;
    }

    /** How many bytes can be read without waiting. */
    int available() {
        int there = received.readable();
        return there > 0 ? there : InlineBarrier.lookForMore(this);
    }

    /** Called behind {@link InlineBarrier}: who asks before each read would inline the channel into the loop around it. */
    int lookForMore() {
        if (!closed && turn.enter()) {
            // Whoever polls this and never reads would not hear of what the channel has otherwise.
            while (received.readable() == 0 && failure == null && !ended && fetch(0)) {
            }
            lookAndLeave();
        }
        return received.readable();
    }

    /** How many bytes the stream holds. */
    int buffered() {
        return received.readable();
    }

    /** Fails the pending read, and releases what was not taken. */
    void close() {
        closed = true;
        if (turn.enterToClose()) {
            lookAndLeave();
        }
    }

    /** Whoever completes the channel's read. */
    private void onAnswered() {
        answered = true;
        settle();
    }

    /** Brings the pending read forward, if there is one. */
    private void settle() {
        if (turn.enter()) {
            lookAndLeave();
        }
    }

    // In the turn

    private void lookAndLeave() {
        do {
            if (look()) {
                return;
            }
        } while (!turn.leave());
    }

    /** True if the turn is somebody else's now. */
    private boolean look() {
        for (;;) {
            long token = pendingToken();
            if (closed) {
                releaseAll();
                if (token >= 0) {
                    fail(token);
                }
                return false;
            }
            if (token < 0) {
                return false;
            }
            int verdict = advance(token, (long) DEMAND.getOpaque(this));
            if (verdict == NOT_YET || !turn.grant()) {
                return false;
            }
            if (tryComplete(token, verdict) || !turn.redeem()) {
                return true;
            }
            // Cancelled in between, and perhaps replaced by a read that found the turn granted.
        }
    }

    private void fail(long token) {
        tryCompleteExceptionally(token, new ClosedChannelException());
    }

    private void releaseAll() {
        received.release();
        if (unmerged != null) {
            ReferenceCountUtil.safeRelease(unmerged);
            unmerged = null;
        }
    }

    /** Fetches messages until there is a verdict, or the channel has no more for now. */
    private int advance(long token, long wish) {
        try {
            for (;;) {
                int verdict = judge(token, wish);
                if (verdict == NOT_YET && (ended || failure != null)) {
                    return SHORT;
                }
                if (verdict != NOT_YET || closed || !fetch(ReadDemand.most(wish))) {
                    return verdict;
                }
            }
        } catch (Throwable unusable) {
            failure = unusable; // somebody has released what was received
            return SHORT;
        }
    }

    /** How many bytes the read takes, {@link #SHORT} or {@link #NOT_YET}. */
    private int judge(long token, long wish) {
        int readable = received.readable();
        int most = ReadDemand.most(wish);
        return switch (ReadDemand.kind(wish)) {
            case ReadDemand.UP_TO -> readable > 0 || most == 0 ? Math.min(readable, most) : NOT_YET;
            case ReadDemand.EXACTLY -> readable >= most ? most : NOT_YET;
            default -> {
                int length = received.lengthUntil(ReadDemand.delimiter(wish),
                        searchedFor == token ? searched : 0, most);
                searchedFor = token;
                searched = Math.min(readable, most);
                yield length > 0 ? length : readable >= most ? SHORT : NOT_YET;
            }
        };
    }

    /** Takes the next message, the end or a failure out of the channel; false if it has none for now. */
    private boolean fetch(int wanted) {
        try {
            Object message = unmerged;
            unmerged = null;
            if (message == null) {
                if (!asked) {
                    asked = true;
                    if (!awaiter.onCompleted(channel.read(), ON_ANSWERED, this)) {
                        answered = true;
                    }
                }
                if (!answered) {
                    return false;
                }
                answered = false;
                asked = false;
                message = awaiter.result();
            }
            receive(message, wanted);
        } catch (Throwable thrown) {
            asked = false; // where the channel has refused the read
            failure = thrown;
        }
        return true;
    }

    private void receive(@Nullable Object message, int wanted) {
        if (message == null) {
            ended = true;
        } else if (message instanceof ByteBuf buffer) {
            try {
                received.add(buffer, wanted, channel.channel().alloc());
            } catch (Throwable failed) {
                unmerged = buffer.refCnt() > 0 ? buffer : null;
                throw failed;
            }
        } else {
            ReferenceCountUtil.safeRelease(message);
            throw new IllegalStateException(
                    "a ChannelStream reads buffers, and the pipeline passed on something else: type="
                            + message.getClass().getName() + ", channel=" + channel.channel()
                            + "; the message was released; remove the decoder before the channel's handler");
        }
    }

    // The consumer

    @Override
    protected int take(int verdict) throws IOException {
        Object into = destination;
        destination = null;
        if (!turn.redeem()) {
            throw new ClosedChannelException();
        }
        try {
            return verdict == SHORT ? takeLess(into) : received.moveTo(into, offset, verdict);
        } finally {
            // No read is pending while this one is consumed: whoever came wants to close, or knows of a message,
            // which the next read is going to find.
            lookAndLeave();
        }
    }

    /** What a read answers that cannot have what it asks for. */
    private int takeLess(@Nullable Object into) throws IOException {
        int readable = received.readable();
        long wish = (long) DEMAND.getOpaque(this);
        int most = ReadDemand.most(wish);
        int kind = ReadDemand.kind(wish);
        if (kind == ReadDemand.UNTIL && readable >= most) {
            throw new DelimiterNotFoundException(ReadDemand.delimiter(wish), most, readable);
        }
        Throwable cause = failure;
        if (cause != null) {
            failure = null;
            throw InlineBarrier.<RuntimeException>unchanged(cause);
        }
        if (kind == ReadDemand.EXACTLY) {
            throw new EOFException("the stream ended after " + readable + " of " + most
                    + " bytes: nothing was taken, and what is missing will not come; read what is there, or close");
        }
        return readable > 0 ? received.moveTo(into, offset, readable) : -1;
    }
}
