package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** One connection of the load: sends numbered messages and compares every byte that comes back. */
final class EchoConnection extends ChannelInboundHandlerAdapter {
    private final int number;
    private final int payloadBytes;
    private final long[] sentNanos; // by message number, modulo the messages under way
    private final EchoTally tally;
    private ChannelHandlerContext context;
    private long sent;
    private long replied;
    private int replyBytes; // of the reply that is coming in
    private boolean ended;

    EchoConnection(int number, EchoOptions options, EchoTally tally) {
        this.number = number;
        this.payloadBytes = options.payloadBytes;
        this.sentNanos = new long[options.pipelining];
        this.tally = tally;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** Sends the first messages of a window. */
    void start() {
        for (int i = 0; i < sentNanos.length && !ended; i++) {
            send();
        }
        context.flush();
    }

    private void send() {
        sentNanos[(int) (sent % sentNanos.length)] = System.nanoTime();
        ByteBuf message = context.alloc().directBuffer(payloadBytes);
        Payload.write(message, number, sent, payloadBytes);
        sent++;
        tally.sent();
        context.write(message, context.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object received) {
        ByteBuf bytes = (ByteBuf) received;
        try {
            while (bytes.isReadable() && !ended) {
                verify(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void verify(ByteBuf bytes) {
        if (replied == sent) {
            mismatch("sent more than it was asked");
            return;
        }
        int length = Math.min(bytes.readableBytes(), payloadBytes - replyBytes);
        if (!Payload.matches(bytes, number, replied, replyBytes, length)) {
            mismatch("answered message " + replied + " with other bytes");
            return;
        }
        replyBytes += length;
        if (replyBytes == payloadBytes) {
            tally.replied(System.nanoTime() - sentNanos[(int) (replied % sentNanos.length)]);
            replied++;
            replyBytes = 0;
            if (tally.isRunning()) {
                send();
            } else {
                tally.completeIfDrained();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ignored) {
        context.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        lose("was closed by the server");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        lose("failed: " + cause);
        context.close();
    }

    private void mismatch(String what) {
        tally.mismatched();
        lose(what);
        context.close();
    }

    private void lose(String how) {
        if (!ended) {
            ended = true;
            tally.lost((int) (sent - replied), "connection " + number + " " + how);
        }
    }

    void close() {
        ended = true;
        context.close();
    }
}
