package io.valuetask.perf;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.valuetask.samples.SampleServer;

/** Netty as it is usually written: each write makes a promise and a listener that looks at its outcome. */
final class FutureEchoServer {
    private FutureEchoServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, Framing.before(new Echo()));
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message).addListener(written -> {
                if (!written.isSuccess()) {
                    context.close();
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
