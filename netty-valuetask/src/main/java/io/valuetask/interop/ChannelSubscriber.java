package io.valuetask.interop;

import io.valuetask.AsyncIteratorSubscriber;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.CloseReason;
import io.valuetask.netty.ValueTaskChannel;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The subscriber that sends what a reactive stream publishes on a channel, as fast as its peer takes it. Counterpart of
 * {@link ValueTaskChannel#messages()}, whose {@link io.valuetask.AsyncIterator#toPublisher() publisher} signals what a
 * channel receives.
 *
 * {@snippet :
 * ChannelSubscriber<ByteBuf> subscriber = new ChannelSubscriber<>(channel, ChannelSubscriber.AtEnd.SHUTDOWN_OUTPUT);
 * publisher.subscribe(subscriber);
 * subscriber.completion().await(); // every message has left
 * }
 *
 * <p>Demand follows the channel's {@linkplain ValueTaskChannel#send room to write}: while there is none, no more is
 * requested than the 32 messages, or the number told, that may wait here. The subscription is cancelled when the channel
 * is closed, by whichever side, when a message cannot be sent, and when the {@link #completion()} is. The channel can be
 * used for other writes meanwhile, which go between two messages.
 *
 * <p><b>Threading.</b> Signals may come on any thread, an event loop too; none of them blocks. <b>Ownership.</b> A message
 * belongs to the subscriber from {@code onNext} on: it is sent, or released. The channel stays its owner's, but for
 * {@link AtEnd}. <b>Allocation.</b> A few objects per subscriber, none per message.
 *
 * @param <O> the type of the messages
 */
public final class ChannelSubscriber<O> implements Flow.Subscriber<O> {
    /** What becomes of the channel behind the last message. */
    public enum AtEnd {
        /** It stays as it is, also if the publisher fails: that is told by the {@link #completion()} alone. */
        LEAVE_OPEN,
        /** The peer is told that no more will come, and may go on sending. If anything fails the channel is closed. */
        SHUTDOWN_OUTPUT,
        /** It is closed, also if anything fails. */
        CLOSE
    }

    /*
     *               element                    end of stream            flushed
     *   MOVING ------------> SENDING      MOVING ------------> FLUSHING -------> SHUTTING, CLOSING or SUCCEEDED
     *      ^                    |
     *      +------- room -------+         any ---failure---> FAULTED      any ---cancel()---> CANCELED
     *
     * At most one wait is registered, so the steps come one after another: on the publisher's thread when an element came,
     * on the channel's event loop when there is room again. What one step wrote is visible to the next by the word of the
     * source that it waited for. Apart from them the channel's end, the publisher's failure and cancel() are told at any
     * time. Whoever sets `over` ends the subscription, and alone acts on the channel and on the completion.
     */
    private static final VarHandle OVER = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "over",
            VarHandle.class, ChannelSubscriber.class, boolean.class);
    private static final VarHandle CLOSED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "closed",
            VarHandle.class, ChannelSubscriber.class, CompletableFuture.class);

    private static final int DEFAULT_MOST = 32;

    private static final Consumer<ChannelSubscriber<?>> MOVED = ChannelSubscriber::run;
    private static final Consumer<ChannelSubscriber<?>> ROOM = ChannelSubscriber::sent;
    private static final Consumer<ChannelSubscriber<?>> FLUSHED = ChannelSubscriber::flushed;
    private static final Consumer<ChannelSubscriber<?>> SHUT = ChannelSubscriber::shut;

    private final ValueTaskChannel<?, ? super O> channel;
    private final AtEnd atEnd;
    private final AsyncIteratorSubscriber<O> messages;
    private final ValueTaskAwaiter<Boolean> moving = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<@Nullable Void> writing = new ValueTaskAwaiter<>();
    private final Completion completion = new Completion();

    /** By CAS; any thread. */
    @SuppressWarnings("unused")
    private volatile boolean over;
    /** The wait for the channel's end; by CAS from null, in the first {@code onSubscribe}. */
    @SuppressWarnings("unused")
    private volatile @Nullable CompletableFuture<CloseReason> closed;
    /** Written by the publisher before the channel is closed for it: what fails then fails for this. */
    private volatile @Nullable Throwable failure;
    /** Written by the last step: the channel is closed as it should be. */
    private volatile boolean closing;

    /**
     * Creates the subscriber of one publisher.
     *
     * @param channel where the messages are sent
     * @param atEnd what becomes of the channel in the end
     * @throws IllegalStateException if the channel's handler is in no pipeline yet
     */
    public ChannelSubscriber(ValueTaskChannel<?, ? super O> channel, AtEnd atEnd) {
        this(channel, atEnd, DEFAULT_MOST);
    }

    /**
     * Creates the subscriber of one publisher.
     *
     * @param channel where the messages are sent
     * @param atEnd what becomes of the channel in the end
     * @param most how many messages may be requested and not handed to the channel, at least 1
     * @throws IllegalStateException if the channel's handler is in no pipeline yet
     */
    public ChannelSubscriber(ValueTaskChannel<?, ? super O> channel, AtEnd atEnd, int most) {
        this.channel = requireNonNull(channel, "channel");
        channel.channel(); // refuses one that is in no pipeline yet
        this.atEnd = requireNonNull(atEnd, "atEnd");
        messages = new AsyncIteratorSubscriber<>(most);
    }

    /**
     * Waits until every message has left for the transport, and the channel is as it should be then.
     *
     * @return completes behind the last message. Fails with the publisher's failure, with what the channel failed with, or
     *         with {@link ClosedChannelException}. To cancel it cancels the subscription, releases what was not handed to
     *         the channel, and leaves that open
     */
    public ValueTask<@Nullable Void> completion() {
        return ValueTask.fromSource(completion, completion.token);
    }

    // The publisher's signals

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        messages.onSubscribe(subscription);
        CompletableFuture<CloseReason> end = channel.closed().toCompletableFuture();
        if (CLOSED.compareAndSet(this, null, end)) {
            end.thenAccept(this::channelClosed);
            if (over) {
                end.cancel(false);
            }
            start();
        } else {
            end.cancel(false); // this is not the first one, and is cancelled
        }
    }

    @Override
    public void onNext(O message) {
        messages.onNext(message);
    }

    @Override
    public void onComplete() {
        messages.onComplete();
    }

    @Override
    public void onError(Throwable cause) {
        failure = requireNonNull(cause, "cause");
        messages.onError(cause);
        if (atEnd != AtEnd.LEAVE_OPEN) {
            fail(cause); // not in its turn: the peer may never make room
        }
    }

    // The steps

    private void start() {
        try {
            if (move()) {
                run();
            }
        } catch (Throwable refused) {
            fail(refused);
        }
    }

    /** Asks for the next message. True if it is there already. */
    private boolean move() {
        return !moving.onCompleted(messages.moveNext(), MOVED, this);
    }

    /** There is a message, or will be none. */
    private void run() {
        try {
            do {
                if (!moving.result()) {
                    flush();
                    return;
                }
                if (writing.onCompleted(channel.sendInTurn(messages.current()), ROOM, this)) {
                    return;
                }
                writing.result();
            } while (move());
        } catch (Throwable ended) {
            fail(ended);
        }
    }

    private void sent() {
        try {
            writing.result();
            start();
        } catch (Throwable ended) {
            fail(ended);
        }
    }

    private void flush() {
        if (!writing.onCompleted(channel.flush(), FLUSHED, this)) {
            flushed();
        }
    }

    private void flushed() {
        try {
            writing.result();
            switch (atEnd) {
                case LEAVE_OPEN -> succeed();
                case SHUTDOWN_OUTPUT -> {
                    if (!writing.onCompleted(channel.shutdownOutput(), SHUT, this)) {
                        shut();
                    }
                }
                case CLOSE -> {
                    closing = true;
                    channel.close(); // goes on in channelClosed()
                }
            }
        } catch (Throwable ended) {
            fail(ended);
        }
    }

    private void shut() {
        try {
            writing.result();
            succeed();
        } catch (Throwable ended) {
            fail(ended);
        }
    }

    // The end

    private void channelClosed(CloseReason reason) {
        if (closing) {
            succeed();
        } else {
            fail(reason instanceof CloseReason.Failed failed ? failed.cause() : new ClosedChannelException());
        }
    }

    private void succeed() {
        if (endSubscription()) {
            completion.tryComplete(completion.token, null);
        }
    }

    private void fail(Throwable cause) {
        if (endSubscription()) {
            if (atEnd != AtEnd.LEAVE_OPEN) {
                channel.close();
            }
            Throwable first = failure;
            completion.tryCompleteExceptionally(completion.token, first == null ? cause : first);
        }
    }

    /** True for the one who ends it. Nothing is sent from here on but by a step that has begun. */
    private boolean endSubscription() {
        if (!OVER.compareAndSet(this, false, true)) {
            return false;
        }
        messages.close();
        CompletableFuture<CloseReason> end = closed;
        if (end != null) {
            end.cancel(false);
        }
        return true;
    }

    /** Tells the channel, and where the end stands. */
    @Override
    public String toString() {
        return "ChannelSubscriber[" + messages + ", atEnd=" + atEnd + ", over=" + over + ", channel="
                + channel
                + "]";
    }

    /** What {@link #completion()} answers. */
    private final class Completion extends ManualResetValueTaskSource<@Nullable Void> {
        private final long token = arm();

        @Override
        public boolean cancel(long operation) {
            return operation == token && endSubscription() && tryCancel(operation);
        }
    }
}
