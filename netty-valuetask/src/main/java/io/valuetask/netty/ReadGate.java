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
    /** Somebody has asked, and nobody since the gate is open. Written on the event loop, read on the handler's executor. */
    private volatile boolean heldBack;

    ReadGate(InboundSide<?> inbound) {
        this.inbound = inbound;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        heldBack = true; // before the look: who opens the gate meanwhile sees it, or is seen here
        if (!inbound.isHeldUp()) {
            heldBack = false;
            ctx.read();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (heldBack) {
            ctx.read();
        }
    }

    /** Whether there is something to ask for, now that the gate is open. */
    boolean hasHeldBack() {
        return heldBack;
    }

    /** If not, somebody has removed it, or has put another handler before it, as STARTTLS does. */
    boolean isFirst(ChannelPipeline pipeline) {
        ChannelHandlerContext first = pipeline.firstContext();
        return first != null && first.handler() == this;
    }

    /** The handler that it stood for leaves the pipeline. Any thread. */
    void leave(ChannelPipeline pipeline) {
        if (pipeline.context(this) != null) {
            pipeline.remove(this);
        }
    }
}
