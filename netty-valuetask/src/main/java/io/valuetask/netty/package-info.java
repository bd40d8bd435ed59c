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
 * step that consumes the value task, on the reader's thread, without a hop to the loop. The handler reads ahead while
 * fewer than 64 messages and 64 KiB wait.</li>
 * <li><b>Writes.</b> A write is source, promise and task of the executor in one object, used again under the rules
 * R1 to R10 that its class lists. On the executor it starts at once; from elsewhere it posts itself.</li>
 * <li><b>Flush and close.</b> Both wait behind the writes that are in flight: a flush completes, and a close closes,
 * when they have left.</li>
 * </ul>
 *
 * <h2>Who owns a message</h2>
 *
 * <table>
 * <caption>Owners of a message</caption>
 * <tr><th>From</th><th>To</th><th>Owner, who releases it</th></tr>
 * <tr><td>{@code channelRead}</td><td>the read's result is taken</td><td>the channel; {@code close()} releases what
 * was not read, and so does removing the handler</td></tr>
 * <tr><td>the read's result is taken</td><td>it is written or released</td><td>whoever took it</td></tr>
 * <tr><td>the call of {@code write}</td><td>Netty has sent or failed it</td><td>the channel, also when the call is
 * refused, the write is cancelled or the executor has ended</td></tr>
 * </table>
 *
 * <h2>How it ends</h2>
 *
 * <p>The peer's FIN: reads answer what is queued and then null; writes go on until {@code close()}. A reset or any
 * failure that the pipeline reports: one read fails with it, in its place among the messages. {@code close()}: reads
 * fail with {@link java.nio.channels.ClosedChannelException}, accepted writes may leave within ten seconds. The end of
 * the event loop closes the channel. In each case every pending operation completes once.
 */
@NullMarked
package io.valuetask.netty;

import org.jspecify.annotations.NullMarked;
