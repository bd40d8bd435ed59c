package io.valuetask.perf.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Sends no more than so many bytes per second, a few at a time, so that the server gets requests in pieces. First in the
 * pipeline, behind every encoder. A write is complete when its last piece has left.
 */
final class SlowWrites extends ChannelDuplexHandler {
    private record Pending(ByteBuf bytes, ChannelPromise promise) {}

    private final Queue<Pending> pending = new ArrayDeque<>();
    private final int chunk;
    private final double nanosPerByte;
    private boolean waiting;

    SlowWrites(int bytesPerSecond) {
        chunk = SlowReads.chunk(bytesPerSecond);
        nanosPerByte = 1e9 / bytesPerSecond;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        pending.add(new Pending((ByteBuf) message, promise));
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (!waiting) {
            sendPiece(context);
        }
    }

    private void sendPiece(ChannelHandlerContext context) {
        int sent = 0;
        while (sent < chunk && !pending.isEmpty()) {
            Pending first = pending.peek();
            int length = Math.min(chunk - sent, first.bytes.readableBytes());
            sent += length;
            if (length == first.bytes.readableBytes()) {
                pending.remove();
                context.write(first.bytes, first.promise);
            } else {
                context.write(first.bytes.readRetainedSlice(length));
            }
        }
        context.flush();
        if (sent > 0) {
            waiting = true;
            context.executor().schedule(() -> {
                waiting = false;
                if (!pending.isEmpty()) {
                    sendPiece(context);
                }
            }, Math.round(sent * nanosPerByte), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        fail();
        context.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        fail();
    }

    private void fail() {
        ClosedChannelException closed = pending.isEmpty() ? null : new ClosedChannelException();
        for (Pending next; (next = pending.poll()) != null;) {
            next.bytes.release();
            next.promise.tryFailure(closed);
        }
    }
}
