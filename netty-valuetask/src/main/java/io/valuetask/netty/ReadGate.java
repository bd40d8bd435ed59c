package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;

/**
 * Stands first in the pipeline of a channel that has reached its inbound bounds, and holds back what other handlers ask the
 * transport for while those are reached: an aggregator asks whenever a read ends amid a message, whatever waits already.
 * Put there when it is first needed; on the channel's event loop.
 */
final class ReadGate extends ChannelOutboundHandlerAdapter {
    private final InboundSide<?> inbound;
    /** Somebody has asked. Who opens the gate asks anyway, so that this matters only if the gate goes before. */
    private boolean heldBack;

    ReadGate(InboundSide<?> inbound) {
        this.inbound = inbound;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        heldBack = inbound.isHeldUp();
        if (!heldBack) {
            ctx.read();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (heldBack) {
            ctx.read();
        }
    }

    /** The handler that it stood for leaves the pipeline. Any thread. */
    void leave(ChannelPipeline pipeline) {
        if (pipeline.context(this) != null) {
            pipeline.remove(this);
        }
    }
}
