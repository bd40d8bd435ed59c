package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** One connection of the load: keeps requests under way and checks every reply. Belongs to the event loop. */
abstract class LoadConnection extends ChannelInboundHandlerAdapter {
    private final int number;
    private final long[] sentNanos; // by request number, modulo the requests under way
    private final EchoTally tally;
    private ChannelHandlerContext context;
    private long sent;
    private long replied;
    private boolean ended;

    LoadConnection(int number, EchoOptions options, EchoTally tally) {
        this.number = number;
        this.sentNanos = new long[options.pipelining];
        this.tally = tally;
    }

    static LoadConnection create(int number, EchoOptions options, EchoTally tally) {
        return switch (options.workload) {
            case ECHO -> new EchoConnection(number, options, tally);
            case HTTP -> new HttpConnection(number, options, tally);
            case HTTP_STREAM -> new HttpStreamConnection(number, options, tally);
            case PROXY -> throw new IllegalArgumentException("a proxy is measured with a Transfer");
        };
    }

    /** Writes the next request. */
    abstract ByteBuf request(ChannelHandlerContext context, long request);

    /** Looks at the bytes that came, and calls {@link #replied} for each whole reply, {@link #mismatch} for a wrong one. */
    abstract void receive(ByteBuf bytes);

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    final int number() {
        return number;
    }

    /** The number of the reply that is coming in. */
    final long reply() {
        return replied;
    }

    /** Sends the first requests of a window. */
    final void start() {
        for (int i = 0; i < sentNanos.length && !ended; i++) {
            send();
        }
        context.flush();
    }

    private void send() {
        sentNanos[(int) (sent % sentNanos.length)] = System.nanoTime();
        ByteBuf message = request(context, sent);
        sent++;
        tally.sent();
        context.write(message, context.voidPromise());
    }

    @Override
    public final void channelRead(ChannelHandlerContext ignored, Object received) {
        ByteBuf bytes = (ByteBuf) received;
        try {
            while (bytes.isReadable() && !ended) {
                if (replied == sent) {
                    mismatch("sent more than it was asked");
                } else {
                    receive(bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    final void replied() {
        tally.replied(System.nanoTime() - sentNanos[(int) (replied % sentNanos.length)]);
        replied++;
        if (tally.isRunning()) {
            send();
        } else {
            tally.completeIfDrained();
        }
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext ignored) {
        context.flush();
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ignored) {
        lose("was closed by the server");
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        lose("failed: " + cause);
        context.close();
    }

    final void mismatch(String what) {
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

    final void close() {
        ended = true;
        context.close();
    }
}
