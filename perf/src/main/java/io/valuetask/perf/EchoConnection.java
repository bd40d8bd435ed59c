package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** Sends numbered messages and compares every byte that comes back. */
final class EchoConnection extends LoadConnection {
    private final int payloadBytes;
    private int replyBytes; // of the reply that is coming in

    EchoConnection(int number, EchoOptions options, EchoTally tally) {
        super(number, options, tally);
        this.payloadBytes = options.payloadBytes;
    }

    @Override
    ByteBuf request(ChannelHandlerContext context, long request) {
        ByteBuf message = context.alloc().directBuffer(payloadBytes);
        Payload.write(message, number(), request, payloadBytes);
        return message;
    }

    @Override
    void receive(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), payloadBytes - replyBytes);
        if (!Payload.matches(bytes, number(), reply(), replyBytes, length)) {
            mismatch("answered message " + reply() + " with other bytes");
            return;
        }
        replyBytes += length;
        if (replyBytes == payloadBytes) {
            replyBytes = 0;
            replied();
        }
    }
}
