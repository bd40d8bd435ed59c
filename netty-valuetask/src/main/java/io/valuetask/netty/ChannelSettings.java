package io.valuetask.netty;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the handler switches at the channel, and how it was before: the next handler of the pipeline finds it so.
 */
final class ChannelSettings {
    private final ChannelConfig config;
    private boolean autoRead;
    /** Null where the channel has no such option. */
    private @Nullable Boolean halfClosure;
    /** By now it is as it was, or another handler's to restore. */
    private boolean restored;

    ChannelSettings(ChannelConfig config) {
        this.config = config;
        autoRead = config.isAutoRead();
        halfClosure = config.getOption(ChannelOption.ALLOW_HALF_CLOSURE);
    }

    /** Answers whether the transport tells the peer's FIN by an event from now on. */
    boolean apply(boolean allowHalfClosure) {
        config.setAutoRead(false);
        // Without it the transport closes the channel at the peer's FIN, and what was read ahead of the FIN could not be
        // answered any more.
        return config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, allowHalfClosure) && allowHalfClosure;
    }

    /** The handler has left or does nothing any more; where it was replaced by another one, that is to restore. */
    void restore(ChannelPipeline pipeline, ValueTaskHandler<?, ?> leaving) {
        if (restored) {
            return;
        }
        restored = true;
        for (Map.Entry<String, ChannelHandler> entry : pipeline) {
            if (entry.getValue() instanceof ValueTaskHandler<?, ?> other && other != leaving
                    && other.isAdded() // or it is going to find what is restored here
                    && !other.settings().restored) {
                other.settings().inherit(this);
                return;
            }
        }
        ShapedReads.leave(pipeline); // before it is on again, for whoever is there then
        Boolean allowed = halfClosure;
        if (allowed != null) {
            config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, allowed);
        }
        config.setAutoRead(autoRead);
    }

    private void inherit(ChannelSettings before) {
        autoRead = before.autoRead;
        halfClosure = before.halfClosure;
    }
}
