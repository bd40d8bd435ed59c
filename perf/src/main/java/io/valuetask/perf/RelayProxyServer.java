package io.valuetask.perf;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.netty.ValueTaskChannels;
import io.valuetask.samples.SampleServer;
import io.valuetask.schedule.BodyScheduling;

/** What the sample proxy does with a connection, without what it counts and watches. */
final class RelayProxyServer {
    private RelayProxyServer() {}

    public static void main(String[] arguments) {
        // The body allocates no buffer, so that it may share its loop's pool.
        SampleServer.start(arguments, ValueTaskChannelInitializer.serve(RelayProxyServer::serve)
                .scheduling(BodyScheduling.EVENT_LOOP));
    }

    private static void serve(ValueTaskChannel<ByteBuf, ByteBuf> client) throws Exception {
        Bootstrap bootstrap = new Bootstrap().group(client.channel().eventLoop())
                .channel(client.channel().getClass());
        ValueTaskChannel<ByteBuf, ByteBuf> backend = ValueTaskChannels
                .<ByteBuf, ByteBuf>connect(bootstrap, ProxyBackend.address()).await();
        ValueTaskChannels.relay(client, backend).await();
    }
}
