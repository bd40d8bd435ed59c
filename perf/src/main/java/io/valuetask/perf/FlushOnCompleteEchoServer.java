package io.valuetask.perf;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.valuetask.samples.SampleServer;

/** As {@link RawEchoServer}, but what one batch of reads wrote leaves in one flush: the best that a handler can do. */
final class FlushOnCompleteEchoServer {
    private FlushOnCompleteEchoServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, Framing.before(new Echo()));
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
