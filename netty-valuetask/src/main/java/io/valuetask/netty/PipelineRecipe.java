package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the pipelines of a bootstrap's channels are made of.
 *
 * @param own the bootstrap's handler, which comes first
 * @param options how the channels read ahead, flush and close
 * @param typed adds what makes messages of bytes, behind it
 */
record PipelineRecipe(@Nullable ChannelHandler own, ValueTaskChannelOptions options,
        Consumer<? super ChannelPipeline> typed) {
    /** Adds the handlers, last the one that makes the channel awaitable, and hands that out when it is active. */
    <I, O> void apply(ChannelPipeline pipeline, Consumer<? super ValueTaskChannel<I, O>> taker) {
        if (own != null) {
            pipeline.addLast(own);
        }
        typed.accept(pipeline);
        if (pipeline.get(ValueTaskHandler.class) != null) {
            throw new IllegalStateException("the pipeline has a ValueTaskHandler already: " + pipeline
                    + "; leave it to connect and bind to add it");
        }
        ValueTaskHandler<I, O> handler = new ValueTaskHandler<>(options, null);
        pipeline.addLast(handler, new HandOver<>(handler.channel(), taker));
    }
}
