/**
 * The bridge: one handler, last in any pipeline, turns a Netty channel into awaitable operations.
 *
 * <h2>Who does what</h2>
 *
 * <p>{@link io.valuetask.netty.ValueTaskHandler} stands last in the pipeline and runs on its executor, usually the
 * channel's event loop. {@link io.valuetask.netty.ValueTaskChannel} is what users hold, on any thread.
 * {@link io.valuetask.netty.ValueTaskChannelInitializer} joins the two for each new channel and starts the code that
 * serves it.
 *
 * <ul>
 * <li><b>Reads.</b> Messages go into a queue. A read completes when there is something to take, and takes it in the
 * step that consumes the value task, on the reader's thread, without a hop to the loop. So a read that is cancelled, by a
 * {@link io.valuetask.CancellationToken}, a timeout or an interrupt, takes nothing. The handler reads ahead while fewer
 * than 64 messages and 64 KiB wait. {@code AUTO_READ} is off meanwhile; Netty's traffic shaping handlers, which limit reads only
 * where it is on, are shown that it is, if they are in the pipeline when the channel becomes active.</li>
 * <li><b>Writes.</b> A write is source, promise and task of the executor in one object, used again under rules that its
 * promise lists, R1 to R11, unless it passes a handler that may remember its promise. On the executor it starts at once;
 * from elsewhere it posts itself. So writes of one thread leave in the order of their calls, on the executor or not. One
 * that is cancelled before the executor has it sends nothing. {@link io.valuetask.netty.FlushPolicy} says when they are
 * flushed, by default once for all that is written in a turn of the event loop.</li>
 * <li><b>Batches.</b> {@code writeAll} travels as one task, gives each message to the pipeline as a write of its own, and
 * flushes: one flush and its messages, which the same rules hold for.</li>
 * <li><b>Room.</b> {@code send} writes a message that nobody awaits and waits for room for the next one instead, and
 * {@code writable} for room alone. Both count what is on its way to the executor, where Netty has not seen it yet.</li>
 * <li><b>Flush, shutdown and close.</b> All wait behind the writes that are in flight or, called on the executor, on
 * their way there: a flush completes, the output is shut down, and a close closes, when they have left. So they do
 * for what a handler in front had in flight when this one was added.</li>
 * <li><b>Events and protocols.</b> {@code readEvent} reads the pipeline's user events as {@code read} does messages. To
 * {@code upgrade} is a read that takes everything: what waits, and what follows, goes through the handlers that were added,
 * to the channel that the next handler makes. This one leaves when its writes have.</li>
 * <li><b>Connect, bind, accept.</b> {@link io.valuetask.netty.ValueTaskChannels} connects, and
 * {@link io.valuetask.netty.ValueTaskServerChannel} binds and hands out its connections one by one, while further ones
 * wait in the kernel's backlog. A channel that nobody is going to take, because its operation failed, was cancelled or
 * discarded, or its server channel closed, is closed.</li>
 * </ul>
 *
 * <p>{@link io.valuetask.netty.ValueTaskChannelOptions} sets the bounds, the policy, the deadline of {@code close()}, how
 * many writes are kept for reuse, and whether a channel outlives the peer's FIN.
 *
 * <h2>Who owns a message</h2>
 *
 * <table>
 * <caption>Owners of a message</caption>
 * <tr><th>From</th><th>To</th><th>Owner, who releases it</th></tr>
 * <tr><td>{@code channelRead}</td><td>the read's result is taken</td><td>the channel; {@code close()} releases what
 * was not read, and so does removing the handler; {@code upgrade} and {@code handOver} give it to the next ones</td></tr>
 * <tr><td>the read's result is taken</td><td>it is written or released</td><td>whoever took it</td></tr>
 * <tr><td>the call of {@code write}, {@code writeAll} or {@code send}</td><td>Netty has sent or failed it</td><td>the channel, also when the call is
 * refused, the write is cancelled or the executor has ended</td></tr>
 * </table>
 *
 * <h2>How it ends</h2>
 *
 * <p>The peer's FIN, or close_notify where it comes first: reads answer what is queued or is still held by decoders, and
 * then null; writes go on until {@code close()}, or until {@code shutdownOutput()}, which ends them while reads go on. A
 * reset or any failure that the pipeline reports: one read
 * fails with it, in its place among the messages. {@code close()}: reads fail with
 * {@link java.nio.channels.ClosedChannelException}, accepted writes may leave within ten seconds. The end of the event
 * loop closes the channel. A handler that is removed fails what is pending and leaves the channel open, with the options
 * it had before. In each case every pending operation completes once, and {@code closed()} tells the
 * {@link io.valuetask.netty.CloseReason} when the channel is closed.
 *
 * <p>A reset behind the peer's FIN is told by no transport while nothing is written: neither NIO nor epoll nor io_uring looks
 * at the socket then, and reads have ended. A write that waits for room meets it at once, and otherwise the next write: that
 * fails, and the channel closes, whose reason stays {@code Remote}. So whoever takes long to answer does not learn before
 * that the peer is gone.
 *
 * <p>A stream of HTTP/2 is closed when it is complete and when it is reset, and Netty does not tell the two apart: null
 * without a frame that ends the stream before it means that it was cut short.
 *
 * <h2>On io_uring</h2>
 *
 * <p>All that is promised is tested on Netty's io_uring transport, too. What that forgets, as of Netty 4.2.18, is made up for
 * here: a reset that arrives amid a read is told, and as a failure where a write meets it first; so is the failure for which a
 * handler closes the channel; and a channel that is registered with another loop reads there. That takes access to what the
 * transport keeps to itself, which it gives as long as it is on the class path. Elsewhere a reset may never be told, unless
 * {@code -Dio.netty.iouring.pollAddMultishotEnabled=false} is set, and be taken for the end of the stream where a write meets
 * it.
 *
 * <p>It goes on to differ in this:
 *
 * <ul>
 * <li>It accepts connections until the kernel has learned that it is not to. So more than 16 may wait to be taken; no more
 * with {@code -Dio.netty.iouring.acceptMultiShotEnabled=false}. One that arrives as the event loop of its server channel is
 * shut down may be forgotten, with its file left open; and a server channel that is closed then may go on to listen, as
 * three of four do. So close it first, and await {@link io.valuetask.netty.ValueTaskServerChannel#closed()}. With
 * {@code acceptMultiShotEnabled=false} do not register a server channel with another loop: the transport goes on to use
 * memory that it has freed when the channel left the first.</li>
 * <li>A channel is not deregistered while a write waits for room.</li>
 * </ul>
 */
@NullMarked
package io.valuetask.netty;

import org.jspecify.annotations.NullMarked;
