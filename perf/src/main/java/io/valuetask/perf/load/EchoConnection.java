package io.valuetask.perf.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.perf.Payload;
import io.valuetask.stream.ChannelStream;

/** Sends messages of which every byte follows from connection and number, and compares what comes back. */
final class EchoConnection extends FifoConnection {
    private static final int MOST_AT_ONCE = 64 * 1024;

    private final Connector connector;
    private final int payloadBytes;
    private final byte[] received;
    private final ByteBuf view;
    private ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private ChannelStream stream;
    private int from;
    private boolean good;

    EchoConnection(LoadLoop owner, LoadOptions options, int number, long delayNanos, Connector connector) {
        super(owner, options, number, delayNanos);
        this.connector = connector;
        payloadBytes = options.payloadBytes();
        received = new byte[Math.min(payloadBytes, MOST_AT_ONCE)];
        view = Unpooled.wrappedBuffer(received);
    }

    @Override
    ValueTaskChannel<?, ?> channel() {
        return channel;
    }

    @Override
    void open() throws Exception {
        channel = connector.open(owner().loop(), pipeline -> {});
        stream = new ChannelStream(channel);
        from = 0;
        good = true;
    }

    /** On the channel, whose policy makes one flush of a burst; the stream is for reading. */
    @Override
    void transmit(long operation) {
        ByteBuf message = channel.channel().alloc().directBuffer(payloadBytes);
        Payload.write(message, number(), operation, payloadBytes);
        channel.send(message).discard();
    }

    @Override
    boolean readAnswer() throws Exception {
        int count = stream.read(received, 0, Math.min(received.length, payloadBytes - from)).await();
        if (count < 0) {
            return false;
        } else if (underWay() == 0) {
            owner().count(LoadCounter.BAD_PAYLOAD);
            throw new BadAnswer("bytes came that nobody had asked for");
        }
        good &= Payload.matches(view.setIndex(0, count), number(), awaited(), from, count);
        from += count;
        if (from < payloadBytes) {
            return true;
        }
        boolean answer = good;
        from = 0;
        good = true;
        answered(answer);
        return !isComplete();
    }
}
