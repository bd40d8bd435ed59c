package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/** Fails whatever begins with '!', in both directions, and passes on everything else. */
final class FallibleHandler extends ChannelDuplexHandler {
    final IOException failure = new IOException("'!' fails");

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (fails(message)) {
            ReferenceCountUtil.release(message);
            ctx.fireExceptionCaught(failure);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (fails(message)) {
            ReferenceCountUtil.release(message);
            promise.setFailure(failure);
        } else {
            ctx.write(message, promise);
        }
    }

    private static boolean fails(Object message) {
        ByteBuf bytes = (ByteBuf) message;
        return bytes.isReadable() && bytes.getByte(bytes.readerIndex()) == '!';
    }
}
