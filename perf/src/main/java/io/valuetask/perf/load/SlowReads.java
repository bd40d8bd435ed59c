package io.valuetask.perf.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * Reads no more than so many bytes per second: what was read is paid for before the next read. First in the pipeline, so
 * that a slow peer is what the server sees, whatever the protocol; the kernel's buffers fill, and then the server's.
 */
final class SlowReads extends ChannelDuplexHandler {
    private final double nanosPerByte;
    private long paidNanos = System.nanoTime();
    private boolean waiting;

    SlowReads(int bytesPerSecond) {
        nanosPerByte = 1e9 / bytesPerSecond;
    }

    /** How many bytes to take at once: a twentieth of a second. */
    static int chunk(int bytesPerSecond) {
        return Math.clamp(bytesPerSecond / 20, 1, 16 * 1024);
    }

    @Override
    public void read(ChannelHandlerContext context) {
        long wait = paidNanos - System.nanoTime();
        if (wait <= 0) {
            context.read();
        } else if (!waiting) {
            waiting = true;
            context.executor().schedule(() -> {
                waiting = false;
                context.read();
            }, wait, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        long now = System.nanoTime();
        long cost = Math.round(((ByteBuf) message).readableBytes() * nanosPerByte);
        paidNanos = (paidNanos - now > 0 ? paidNanos : now) + cost;
        context.fireChannelRead(message);
    }
}
