package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

import static org.assertj.core.api.Assertions.assertThat;

/** What is at the ends of an embedded channel's pipeline: it moves when the test does something. */
final class EmbeddedPeer implements Peer {
    private final EmbeddedChannel channel;
    private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

    EmbeddedPeer(ChannelHandler handler) {
        channel = new EmbeddedChannel(handler);
    }

    @Override
    public void turn() {
        channel.runPendingTasks();
        for (ByteBuf message; (message = channel.readOutbound()) != null; message.release()) {
            arrived.writeBytes(ByteBufUtil.getBytes(message));
        }
    }

    @Override
    public void send(byte[] bytes) {
        channel.writeInbound(Bytes.of(bytes));
        turn();
    }

    @Override
    public byte[] receive(int length) {
        turn();
        byte[] bytes = arrived.toByteArray();
        assertThat(bytes).as("what has been written").hasSizeGreaterThanOrEqualTo(length);
        arrived.reset();
        arrived.write(bytes, length, bytes.length - length);
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public byte[] receiveAll() {
        turn();
        assertThat(channel.isOpen()).as("before the end of the stream").isFalse();
        return receive(arrived.size());
    }

    /** As a transport closes a channel whose peer has gone, behind the pipeline's back. */
    @Override
    public void close() {
        channel.unsafe().close(channel.unsafe().voidPromise());
        turn();
        channel.finishAndReleaseAll();
    }
}
