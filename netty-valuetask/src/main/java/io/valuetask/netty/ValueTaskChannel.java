package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.valuetask.AsyncIterator;
import io.valuetask.CancellationToken;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.ValueTaskSource;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * A Netty channel as awaitable operations. Get it from {@link ValueTaskChannelInitializer} or
 * {@link ValueTaskHandler#channel()}.
 *
 * {@snippet :
 * for (ByteBuf message; (message = channel.read().await()) != null;) {
 *     channel.writeAndFlush(message).await();
 * }
 * }
 *
 * <p><b>Threading.</b> Every method may be called by any thread: the event loop, a virtual thread, any other. One
 * read at a time; writes may overlap, and those of one thread keep their order, whichever thread that is. Those of one
 * thread after another do if they are made {@linkplain #writeInTurn in turn}.
 * Continuations run on the event loop, those of a cancelled operation where it was cancelled. <b>Ownership.</b> A message
 * that {@code read} returned belongs to the caller, who releases it or writes it. A message given to {@code write},
 * {@code writeAll} or {@code send} belongs to the channel from the call on, whatever happens. Whoever got the channel
 * closes it, best with {@code try (channel)}; a {@linkplain ValueTaskChannelInitializer#serve served} one is closed for
 * its body. <b>Allocation.</b> None per read, write, send and flush while each value task is consumed and no more than
 * {@linkplain ValueTaskChannelOptions#pooledWrites 64} writes and sends, two flushes, batches and waits for room are
 * in flight at once, beyond which each is one object, as is a write that passes a handler of the application with a
 * {@code write} of its own, unless it is {@linkplain ValueTaskChannelOptions#trustedHandlers vouched for};
 * {@code shutdownOutput}, {@code close} and {@code closed} make a few
 * objects per call.
 *
 * @param <I> the type of the messages that are read
 * @param <O> the type of the messages that are written
 */
public final class ValueTaskChannel<I, O> implements AutoCloseable {
    private final ValueTaskHandler<I, O> handler;

    ValueTaskChannel(ValueTaskHandler<I, O> handler) {
        this.handler = handler;
    }

    /**
     * Reads the next message.
     *
     * <p>The read completes when a message has arrived, the peer has finished, or the pipeline reported a failure;
     * failures keep their place among the messages. Cancelling it loses nothing: the message stays first in the queue.
     * Where one has ended the connection, each later read fails with an {@link IOException} caused by it.
     *
     * @return the message, or null at the end of the stream. Fails with what the pipeline reported, with {@link
     *         ClosedChannelException} after {@link #close()}, and with {@link IOException} when the handler was removed
     * @throws ValueTaskMisuseException if another read is in progress or its result was not taken; that one goes on
     */
    public ValueTask<@Nullable I> read() {
        ReadSource<I> reads = handler.reads();
        return ValueTask.fromSource(reads, InlineBarrier.read(reads, CancellationToken.NONE));
    }

    /**
     * As {@link #read()}, unless cancellation is requested before. Counterpart of .NET's {@code Stream.ReadAsync}.
     *
     * {@snippet :
     * try (var idle = CancellationTokenSource.linked(shutdown)) {
     *     idle.cancelAfter(Duration.ofSeconds(30));
     *     ByteBuf message = channel.read(idle.token()).await();
     * }
     * }
     *
     * <p>A token that has fired before gives a cancelled value task and touches nothing, not even a closed channel or
     * the read of somebody else. Otherwise the read registers with the token if it has to wait, and cannot be cancelled
     * if it has not. A cancelled read loses nothing: the message stays first in the queue. A token that fires late does not
     * touch the next read. The channel's first read that waits with a token makes one object, for all later ones.
     *
     * @param cancellation cancels the read while it waits; the continuation then runs on the thread that requests it
     * @return the message, or null at the end of the stream. Fails as that of {@link #read()} does, and with a
     *         {@link java.util.concurrent.CancellationException} when it was cancelled
     * @throws ValueTaskMisuseException if another read is in progress or its result was not taken; that one goes on
     */
    public ValueTask<@Nullable I> read(CancellationToken cancellation) {
        ValueTaskSource<@Nullable I> source;
        long token;
        if (cancellation.isCancellationRequested()) {
            source = NeverStarted.source();
            token = NeverStarted.TOKEN;
        } else {
            ReadSource<I> reads = handler.reads();
            token = InlineBarrier.read(reads, cancellation);
            source = reads;
        }
        return ValueTask.fromSource(source, token);
    }

    /**
     * Reads the next message, unless it takes longer than told. Neither a timer nor an object per read: for a read in a
     * loop of callbacks, where {@link ValueTask#await(Duration)} cannot be used.
     *
     * @param timeout how long the read may wait; zero or less: it fails if there is nothing to take
     * @return the message, or null at the end of the stream. Fails as that of {@link #read()} does, and with a
     *         {@link java.net.SocketTimeoutException} when time is up: nothing is lost, and the channel can be read on
     * @throws ValueTaskMisuseException if another read is in progress or its result was not taken; that one goes on
     */
    public ValueTask<@Nullable I> read(Duration timeout) {
        ReadSource<I> reads = handler.reads();
        return ValueTask.fromSource(reads, InlineBarrier.readWithin(reads, ReadDeadline.toNanos(timeout)));
    }

    /**
     * Takes the next message if it is there already. Whether there will be more is what {@link #read()} tells.
     *
     * @return the message; null if none has arrived that was not taken, at the end of the stream too
     * @throws IOException the failure that the pipeline reported, if that is next; it need not be an IOException
     * @throws ValueTaskMisuseException if a read is under way or its result was not taken; that goes on
     */
    public @Nullable I tryRead() throws IOException {
        return handler.reads().tryRead();
    }

    /**
     * Takes the messages that are there already, up to the next failure: in one go, after a {@link #read()} of the first.
     *
     * @param messages gets them in order; they are the caller's then
     * @param most how many to take
     * @return how many were taken
     * @throws ValueTaskMisuseException if a read is under way or its result was not taken; that goes on
     */
    public int drainTo(Collection<? super I> messages, int most) {
        return handler.reads().drainTo(messages, most);
    }

    /**
     * Cancels the read that waits, if one does; for another thread than the reader's. Loses nothing.
     *
     * @return true if a read was cancelled, and its waiter is resumed; false if none waits
     */
    public boolean cancelPendingRead() {
        return handler.reads().cancelPending();
    }

    /**
     * The messages to come, as a sequence: for a loop on a virtual thread, or a {@link java.util.concurrent.Flow.Publisher}
     * whose demand is a read each. A move is a read: one at a time. Closing the sequence leaves the channel open.
     *
     * @return a view of the reads, whose end is the end of the stream
     */
    public AsyncIterator<I> messages() {
        return new ChannelMessages<>(handler.reads());
    }

    /**
     * Writes a message without flushing it. Completes when its bytes have left for the transport, so not before a flush.
     *
     * @param message the message; the channel releases it
     * @return completes when the message was written, and fails as Netty's promise would
     */
    public ValueTask<@Nullable Void> write(O message) {
        WriteOperation write = InlineBarrier.write(handler.outbound(), message, false, false);
        return ValueTask.fromSource(write, write.token());
    }

    /**
     * As {@link #write}, in the order of the calls of several threads, one after another, as a lock lets them. On the event
     * loop a {@code write} goes before what others have written and the loop has not come to, as in raw Netty; this, behind.
     *
     * @param message the message; the channel releases it
     * @return completes as that of {@code write} does
     */
    public ValueTask<@Nullable Void> writeInTurn(O message) {
        WriteOperation write = InlineBarrier.write(handler.outbound(), message, false, true);
        return ValueTask.fromSource(write, write.token());
    }

    /**
     * Flushes what was written before.
     *
     * @return completes when everything written before has left for the transport; fails if anything that it waits for
     *         fails, or if one of the {@code write}s since the {@code flush} before has failed
     */
    public ValueTask<@Nullable Void> flush() {
        FlushOperation flush = InlineBarrier.flush(handler.outbound());
        return ValueTask.fromSource(flush, flush.token());
    }

    /**
     * Writes several messages in order and flushes them, as one step: no other write comes between them, and from another
     * thread they are one task of the event loop. Cancelling it sends none of them if the pipeline has none yet; after
     * that it lets the waiter go.
     *
     * @param messages the messages, which the channel releases; if one is null, or the collection throws, this throws, and
     *        sends none. The collection stays the caller's
     * @return completes when they have left, and what was written before, as that of {@link #flush()}; fails with the first
     *         failure
     */
    public ValueTask<@Nullable Void> writeAll(Collection<? extends O> messages) {
        BatchOperation batch = InlineBarrier.writeAll(handler.outbound(), messages);
        return ValueTask.fromSource(batch, batch.token());
    }

    /**
     * Writes a message and flushes it when the {@linkplain FlushPolicy policy} says so, by default at the end of the event
     * loop's turn. Completes when its bytes have left for the transport.
     *
     * <p>Cancelling it, by an interrupt or a timeout, drops a message that the pipeline has not got yet; after that
     * the waiter is let go and the message may or may not be sent.
     *
     * @param message the message; the channel releases it
     * @return completes when the message was written, and fails as Netty's promise would
     */
    public ValueTask<@Nullable Void> writeAndFlush(O message) {
        WriteOperation write = InlineBarrier.write(handler.outbound(), message, true, false);
        return ValueTask.fromSource(write, write.token());
    }

    /**
     * Sends a message. Completes as soon as there is room for the next one, usually at once; so not when the message has
     * left. If it cannot be sent, the next {@code send} or {@code flush} fails with the cause, and {@link #closed()}
     * tells it. For a stream of messages of which none is awaited by itself:
     *
     * {@snippet :
     * for (ByteBuf message : messages) {
     *     channel.send(message).await(); // waits only while the peer is slow
     * }
     * channel.flush().await(); // all of them have left
     * }
     *
     * <p>Who awaits each call before the next one keeps what waits to leave below the channel's high-water mark plus one
     * message for each thread that sends.
     *
     * @param message the message; the channel releases it
     * @return completes when there is room; fails with the cause if an earlier message could not be sent, and this one
     *         then is not sent either
     */
    public ValueTask<@Nullable Void> send(O message) {
        return RoomOperation.taskOf(InlineBarrier.send(handler.outbound(), message, false));
    }

    /**
     * As {@link #send}, in the order that {@link #writeInTurn} has.
     *
     * @param message the message; the channel releases it
     * @return completes as that of {@link #send} does
     */
    public ValueTask<@Nullable Void> sendInTurn(O message) {
        return RoomOperation.taskOf(InlineBarrier.send(handler.outbound(), message, true));
    }

    /**
     * Waits for room to write: until less is waiting to leave than the channel's high-water mark
     * ({@link io.netty.channel.ChannelOption#WRITE_BUFFER_WATER_MARK}), counting what is still on its way to the event
     * loop; once that was reached, until it is below the low-water mark. If it has to wait, it flushes.
     *
     * @return completes when there is room; fails if the channel is closed
     */
    public ValueTask<@Nullable Void> writable() {
        return RoomOperation.taskOf(handler.outbound().writable());
    }

    /**
     * Tells the peer that no more will be sent, when everything written has left. Reading goes on. Writes that come
     * later fail. Doing so again is no mistake. TLS says so first, by its close_notify.
     *
     * @return completes when the output is shut down; fails with {@link ClosedChannelException} if the channel is closed
     *         before, and with {@link UnsupportedOperationException} where the transport cannot close one half alone
     */
    public ValueTask<@Nullable Void> shutdownOutput() {
        return handler.ending().shutdownOutput();
    }

    /**
     * Begins to close the channel, and returns at once; await {@link #closed()}. What was written is flushed and may leave
     * within the {@linkplain ValueTaskChannelOptions#closeDeadline deadline}; what was not read is released; a pending read
     * fails, and so does who waits for room. Closing again does nothing and is no mistake. A peer that sends what is never
     * read may be answered by a reset, as with any socket.
     */
    @Override
    public void close() {
        handler.ending().close();
    }

    /**
     * Waits until the channel is closed, by whichever side, and learns {@linkplain CloseReason why}.
     *
     * @return completes with the reason when the channel is closed, on its event loop; each call is independent
     */
    public ValueTask<CloseReason> closed() {
        return handler.ending().closed();
    }

    /** For who sends on this channel for others. */
    ChannelEnding ending() {
        return handler.ending();
    }

    /** Whether the peer has finished, and all that it has sent was read or can be. Any thread. */
    boolean isReadToItsEnd() {
        return handler.reads().isWhole();
    }

    /**
     * Reads the next user event that the pipeline has fired: that a TLS or WebSocket handshake is complete, that the
     * channel was idle, whatever handlers say to the one behind them. Of the events that nobody reads the first sixteen
     * wait. The peer's FIN and the end of the output are not among them: reads and writes tell.
     *
     * @return the event, which belongs to the caller if it counts references; null when the peer or a failure has closed
     *         the channel. Fails as that of {@link #read()} does when it was closed here, or the handler was removed
     * @throws ValueTaskMisuseException if another read of an event, not of a message, is under way or was not taken
     */
    public ValueTask<@Nullable Object> readEvent() {
        return readEvent(CancellationToken.NONE);
    }

    /**
     * As {@link #readEvent()}, unless cancellation is requested before there is one. Loses no event.
     *
     * @param cancellation whose request cancels the read while it waits
     * @return the event, or null when the peer or a failure has closed the channel
     * @throws ValueTaskMisuseException as {@link #readEvent()} does
     */
    public ValueTask<@Nullable Object> readEvent(CancellationToken cancellation) {
        if (cancellation.isCancellationRequested()) {
            return ValueTask.canceled();
        }
        ReadSource<Object> events = handler.events().reads();
        return ValueTask.fromSource(events, InlineBarrier.read(events, cancellation));
    }

    /**
     * Goes on with another protocol, on the same connection: after an HTTP upgrade, a STARTTLS, an ALPN handshake, or
     * when the first bytes have told what is spoken. On the channel's event loop the handlers of the old protocol are
     * removed and those of the new one added; then every message that was not read, also what removed decoders still held,
     * goes through the new handlers, and the channel that this answers reads and writes behind them. None is lost, and the
     * order stays. User events that were not read are released.
     *
     * <p>A decoder must not have read ahead into the new protocol: what it has made of that is no message of either. Where
     * the peer may send at once, read with {@link ValueTaskChannelOptions#readAhead readAhead(false)} until then. The new
     * channel does so, too, and asks for nothing while only an event is awaited: for a handshake start the {@link #read()} of
     * the first message, and then await {@link #readEvent()}.
     *
     * <p>Writes that were accepted before leave first, by the old handlers if those are still there: await them, or keep
     * their encoder. The new channel's {@link #flush()}, {@link #shutdownOutput()} and {@link #close()} wait for them as for
     * its own. From then on reads and writes of this channel fail, {@link #close()} closes the new one, and
     * {@link #closed()} tells what that does. Options are as before, and so is an executor of the handler's own; one that
     * has such stays in the pipeline, and passes on.
     *
     * @param <J> the type of the messages that are read then
     * @param <P> the type of the messages that are written then
     * @param pipeline changes the pipeline, on the channel's event loop: removes what is not spoken any more, the last first,
     *        or what one held meets the next; adds the new last. If it throws, or removes our handler, the channel is closed
     * @return completes with the new channel. Fails with what {@code pipeline} throws, and when the channel was closed;
     *         what was not read then can still be read here
     * @throws ValueTaskMisuseException if a read is in progress or its result was not taken
     */
    public <J, P> ValueTask<ValueTaskChannel<J, P>> upgrade(Consumer<? super ChannelPipeline> pipeline) {
        return upgrade(pipeline, null);
    }

    /**
     * As {@link #upgrade(Consumer)}, where it took a message to find out what is spoken: that goes through the new
     * handlers too, before what waits.
     *
     * @param <J> the type of the messages that are read then
     * @param <P> the type of the messages that are written then
     * @param pipeline changes the pipeline, on the channel's event loop; if it throws, the channel is closed
     * @param unread the message, which belongs to the channel from the call on, whatever happens; null if there is none
     * @return completes with the new channel; fails with what {@code pipeline} throws, and when the channel was closed
     * @throws ValueTaskMisuseException if a read is in progress or its result was not taken
     */
    public <J, P> ValueTask<ValueTaskChannel<J, P>> upgrade(Consumer<? super ChannelPipeline> pipeline,
            @Nullable I unread) {
        ValueTaskHandler<J, P> next = new ValueTaskHandler<>(handler.options(), null);
        return new Upgrade<>(handler, requireNonNull(pipeline, "pipeline"), unread, next, next.channel())
                .start();
    }

    /**
     * Leaves the connection to handlers of Netty's kind. As {@link #upgrade}, but nothing is awaitable afterwards, and
     * neither {@link #close()} nor the end of a served body closes the channel any more: it is theirs.
     *
     * @param pipeline as that of {@code upgrade}: adds the handlers that go on, last
     * @return completes when they have got everything that was not read, and the channel's options are as they were. Fails
     *         as that of {@code upgrade} does
     * @throws ValueTaskMisuseException if a read is in progress or its result was not taken
     */
    public ValueTask<@Nullable Void> handOver(Consumer<? super ChannelPipeline> pipeline) {
        return new Upgrade<@Nullable Void>(handler, requireNonNull(pipeline, "pipeline"), null, null, null)
                .start();
    }

    /**
     * The Netty channel behind this one, for its addresses, options and attributes. To read from it or to write to
     * it directly bypasses what is promised here.
     *
     * @return the channel
     */
    public Channel channel() {
        return handler.nettyChannel();
    }

    /**
     * Tells the channel, the read, what is queued and in flight, how many operations found nothing to reuse, and the end.
     */
    @Override
    public String toString() {
        return handler.describe();
    }
}
