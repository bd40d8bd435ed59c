package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.Map;

/**
 * Stands first in the pipeline of a channel that has reached its inbound bounds, where there are several handlers of ours
 * with the gates of the others, and holds back what other handlers ask the transport for while those are reached: an
 * aggregator asks whenever a read ends amid a message, whatever waits already. Put there when it is first needed; on the
 * channel's event loop.
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

    /**
     * Whether all that ask meet it: nothing stands before it but other gates. If not, somebody has removed it, or has put
     * another handler before it, as STARTTLS does.
     */
    boolean isInFront(ChannelPipeline pipeline) {
        ChannelHandlerContext first = pipeline.firstContext();
        if (first == null || first.handler() == this) {
            return first != null;
        }
        if (first.handler() instanceof ReadGate) { // seldom, and what follows takes a copy of the pipeline
            for (Map.Entry<String, ChannelHandler> each : pipeline) {
                if (!(each.getValue() instanceof ReadGate)) {
                    return false;
                } else if (each.getValue() == this) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The handler that it stood for leaves the pipeline. Any thread. */
    void leave(ChannelPipeline pipeline) {
        if (pipeline.context(this) != null) {
            pipeline.remove(this);
        }
    }
}
