package io.valuetask.perf;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.valuetask.samples.SampleServer;

/** The floor: the least that Netty can do to echo, with no result of a write and automatic reading. */
final class RawEchoServer {
    private RawEchoServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, Framing.before(new Echo()));
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message, context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
