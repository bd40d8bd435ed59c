package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;

/** Sends back what it receives: one virtual thread per connection, straight-line code. */
public final class EchoServer {
    private EchoServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, ValueTaskChannelInitializer.serve(EchoServer::serve));
    }

    /** Runs once per connection; when it ends, however it ends, the connection is closed. */
    static void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        for (ByteBuf message; (message = channel.read().await()) != null;) {
            channel.writeAndFlush(message).await();
        }
    }
}
