package io.valuetask.netty;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.traffic.AbstractTrafficShapingHandler;
import io.netty.handler.traffic.GlobalChannelTrafficShapingHandler;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stands before a handler of Netty's that limits how fast a channel is read. That one switches {@code AUTO_READ} off, holds back
 * what others ask the transport for, and switches it on when the time has come; where it finds it off, as it is here, it takes
 * that for somebody's wish and limits nothing. So this shows it on while that handler looks, which is while it gets a message,
 * and off again behind it.
 *
 * <p>Where there is a limit this costs the transport two system calls per message; where there is none, nothing. The library
 * does without netty-handler where a pipeline does. On the channel's event loop.
 */
final class ShapedReads extends ChannelDuplexHandler {
    private final AbstractTrafficShapingHandler shaping;
    /** It gets a message, and what is asked for only shows it AUTO_READ. */
    private boolean showing;

    private ShapedReads(AbstractTrafficShapingHandler shaping) {
        this.shaping = shaping;
    }

    /** Put before each handler of the kind that has none yet. Any thread. */
    static void ensure(ChannelPipeline pipeline) {
        if (TlsEnd.NETTY_HANDLER_IS_THERE) {
            ensureBeforeAll(pipeline);
        }
    }

    /** No handler of ours switches AUTO_READ any more. Any thread. */
    static void leave(ChannelPipeline pipeline) {
        if (TlsEnd.NETTY_HANDLER_IS_THERE) {
            for (ShapedReads each; (each = pipeline.get(ShapedReads.class)) != null;) {
                pipeline.remove(each);
            }
        }
    }

    private static void ensureBeforeAll(ChannelPipeline pipeline) {
        if (pipeline.get(AbstractTrafficShapingHandler.class) == null) {
            return; // what follows takes a copy of the pipeline
        }
        Map<String, AbstractTrafficShapingHandler> without = new LinkedHashMap<>();
        ChannelHandler before = null;
        for (Map.Entry<String, ChannelHandler> each : pipeline) {
            if (each.getValue() instanceof AbstractTrafficShapingHandler shaping
                    && !(before instanceof ShapedReads)) {
                without.put(each.getKey(), shaping);
            }
            before = each.getValue();
        }
        without.forEach((name, shaping) -> pipeline.addBefore(name, null, new ShapedReads(shaping)));
    }

    private boolean isLimited() {
        return shaping.getReadLimit() > 0
                || (shaping instanceof GlobalChannelTrafficShapingHandler global
                        && global.getReadChannelLimit() > 0);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (showing || !isLimited()) {
            ctx.fireChannelRead(message);
            return;
        }
        ChannelConfig config = ctx.channel().config();
        showing = true;
        config.setAutoRead(true);
        try {
            ctx.fireChannelRead(message);
        } finally {
            if (!ctx.isRemoved()) {
                // This forgets what was asked for meanwhile; whoever wants more asks when the batch is complete.
                config.setAutoRead(false);
            }
            showing = false;
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (showing) {
            return;
        }
        if (ctx.channel().config().isAutoRead() && !ctx.isRemoved()) {
            ctx.channel().config().setAutoRead(false); // the time has come
        }
        ctx.read();
    }
}
