package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Keeps what is written, and the promise for it. */
final class KeptPromise extends ChannelOutboundHandlerAdapter {
    ChannelPromise promise;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise kept) {
        promise = kept;
    }
}
