package io.valuetask.perf.jmh;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A transport that takes every message and makes nothing: one has left when it is flushed. The embedded channel's own keeps a
 * record of each, which would be counted with what is measured.
 */
final class MessageSink extends ChannelOutboundHandlerAdapter {
    private final Queue<ChannelPromise> unflushed = new ArrayDeque<>();
    private @Nullable Object last;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        unflushed.add(promise);
        last = message;
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        for (ChannelPromise flushed; (flushed = unflushed.poll()) != null;) {
            flushed.setSuccess();
        }
    }

    /** What has come last, and is asked for once. */
    @Nullable
    Object takeLast() {
        Object taken = last;
        last = null;
        return taken;
    }
}
