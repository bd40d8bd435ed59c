package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.stream.Stream;

/**
 * A channel whose {@link ValueTaskHandler} is on an {@link ActorExecutor}: one actor is its event loop, the other a
 * caller from elsewhere. Its transport keeps what is flushed.
 */
public final class ActorChannel<M> {
    public final ActorExecutor executor = new ActorExecutor();
    public final ValueTaskHandler<M, M> handler;
    public final EmbeddedChannel netty;

    /** With the handlers that stand before ours. Nobody is in the executor. */
    @SuppressWarnings("deprecation") // a handler apart from its channel's loop: that one has no thread that is not everybody's
    public ActorChannel(ChannelHandler... before) {
        handler = new ValueTaskHandler<>(ValueTaskChannelOptions.DEFAULTS.trustedHandlers(typesOf(before)),
                null);
        netty = new HalvesChannel(before);
        executor.enter();
        netty.pipeline().addLast(executor, handler);
        executor.leave();
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private static Class<? extends ChannelHandler>[] typesOf(ChannelHandler[] handlers) {
        return Stream.of(handlers).map(ChannelHandler::getClass).distinct().toArray(Class[]::new);
    }

    ActorChannel<M> highWaterMark(int bytes) {
        netty.config().setWriteBufferWaterMark(new WriteBufferWaterMark(bytes, bytes));
        return this;
    }

    OutboundSide outbound() {
        return handler.outbound();
    }

    /** The peer has finished. Nobody is in the executor afterwards. */
    void endInput() {
        executor.enter();
        netty.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        executor.leave();
    }

    /** What is left to do. For the arbiter. */
    public void runTheRest() {
        executor.enter();
        executor.runTasks();
    }
}
