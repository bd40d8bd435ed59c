package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.valuetask.netty.ValueTaskHandler;

/** A stream over a channel in memory: everything happens at once, on the test's thread. */
final class EmbeddedStream implements AutoCloseable {
    final EmbeddedChannel channel;
    final ChannelStream stream;

    EmbeddedStream() {
        this(8 * 1024);
    }

    EmbeddedStream(int writeBufferSize) {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        channel = new EmbeddedChannel(handler);
        stream = new ChannelStream(handler.channel(), writeBufferSize);
    }

    void arrive(String text) {
        arrive(Bytes.of(text));
    }

    void arrive(byte[] bytes) {
        channel.writeInbound(ByteBufAllocator.DEFAULT.buffer(Math.max(bytes.length, 1)).writeBytes(bytes));
    }

    void arriveEnd() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    void arriveFailure(Throwable failure) {
        channel.pipeline().fireExceptionCaught(failure);
    }

    /** The next buffer that was sent, as text; null if there is none. */
    String sent() {
        ByteBuf buffer = channel.readOutbound();
        return buffer == null ? null : Bytes.text(buffer);
    }

    @Override
    public void close() {
        stream.close();
        channel.releaseOutbound();
    }
}
