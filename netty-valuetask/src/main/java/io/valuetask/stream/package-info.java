/**
 * Byte streams over awaitable channels: reads and writes of any size, buffered on both sides.
 *
 * <p>A channel of {@code io.valuetask.netty} passes on messages as they come.
 * {@link io.valuetask.stream.ChannelStream} hides where one ends and the next begins: it answers a byte, a line,
 * exactly so many bytes, or what is there. Its shapes are those of .NET's {@code Stream}. Code that knows
 * {@link java.io.InputStream} and {@link java.io.OutputStream} alone gets those from it, for threads that may block.
 *
 * <h2>What a read that ends early takes</h2>
 *
 * <p>Nothing. Bytes move into the destination in the step that consumes the value task, never before. A read that was
 * cancelled, timed out or interrupted has not touched its destination, nobody will touch it later, and every byte that
 * has arrived is there for the next read. That holds for reads that need more than one message too: until all of it is
 * there, the bytes wait in the stream; and for a read that fails because the stream has ended or a line is too long.
 *
 * <h2>What a write that ends early sends</h2>
 *
 * <p>Everything. A write has taken over its bytes when the call returns; what its value task waits for is room.
 * Cancelling it ends the wait, and nothing else.
 *
 * <h2>Who owns what</h2>
 *
 * <table>
 * <caption>Owners of bytes</caption>
 * <tr><th>From</th><th>To</th><th>Owner, who releases it</th></tr>
 * <tr><td>{@code channelRead}</td><td>a read of the stream needs the message</td><td>the channel</td></tr>
 * <tr><td>a read of the stream needs the message</td><td>its last byte was moved to a destination</td><td>the stream;
 * {@code ChannelStream.close()} releases what was not read</td></tr>
 * <tr><td>the call of {@code read}</td><td>its value task is consumed</td><td>the destination is the caller's, who must
 * not touch it</td></tr>
 * <tr><td>the call of {@code write(ByteBuf)}</td><td>it was copied or sent</td><td>the stream, also when the call is
 * refused</td></tr>
 * </table>
 *
 * <p>The stream owns the channel it was made for: nobody else reads from it or writes to it, and closing the stream
 * closes it. Whoever made the stream closes it, also in a served body: the end of a body closes the channel, and does
 * not know what the stream holds.
 */
@NullMarked
package io.valuetask.stream;

import org.jspecify.annotations.NullMarked;
