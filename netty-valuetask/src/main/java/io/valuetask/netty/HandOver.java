package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;

/**
 * Last in the pipeline of a channel that nobody has yet: hands it out when every handler knows that it is active, and
 * then leaves. If it is closed before, what it has read by then is released.
 *
 * <p>The handler before this one is active earlier: an accepted channel is so when its pipeline is being built, and a
 * handler that turns connections away has not been asked.
 */
final class HandOver<I, O> extends ChannelInboundHandlerAdapter {
    private final ValueTaskChannel<I, O> face;
    private final Consumer<? super ValueTaskChannel<I, O>> taker;

    /** Known, to be removed when the channel is handed out. */
    private final ChannelFutureListener whenClosed;

    HandOver(ValueTaskChannel<I, O> face, Consumer<? super ValueTaskChannel<I, O>> taker) {
        this.face = face;
        this.taker = taker;
        whenClosed = closed -> face.close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().closeFuture().addListener(whenClosed);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        ctx.pipeline().remove(this);
        if (channel.isOpen()) {
            channel.closeFuture().removeListener(whenClosed);
            taker.accept(face);
        }
    }
}
