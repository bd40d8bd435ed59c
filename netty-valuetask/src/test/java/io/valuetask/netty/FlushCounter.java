package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the flushes that come from the handler under test. */
final class FlushCounter extends ChannelOutboundHandlerAdapter {
    private final AtomicInteger flushes = new AtomicInteger();

    @Override
    public void flush(ChannelHandlerContext ctx) {
        flushes.incrementAndGet();
        ctx.flush();
    }

    int flushes() {
        return flushes.get();
    }
}
