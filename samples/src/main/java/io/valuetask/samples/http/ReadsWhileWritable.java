package io.valuetask.samples.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;

/**
 * Reads nothing from a peer who takes nothing. Below TLS, which answers each KeyUpdate of TLS 1.3 by itself, whether or not
 * there is room: a client who sends nothing else, and never reads, would have the server keep all those answers.
 */
final class ReadsWhileWritable extends ChannelDuplexHandler {
    private boolean waiting;

    @Override
    public void read(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            context.read();
        } else {
            waiting = true;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (waiting && context.channel().isWritable()) {
            waiting = false;
            context.read();
        }
        context.fireChannelWritabilityChanged();
    }
}
