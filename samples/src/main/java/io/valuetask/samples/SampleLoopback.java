package io.valuetask.samples;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskChannels;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server on a free port of this machine, and clients of it: for samples that show both ends of a connection. */
final class SampleLoopback implements AutoCloseable {
    private final EventLoopGroup group;
    private final Bootstrap clients;
    private final InetSocketAddress address;

    /**
     * Starts the server.
     *
     * @param loops the options; each loopback has event loops of its own
     * @param connectionHandler what to add to the pipeline of each accepted connection
     */
    SampleLoopback(SampleLoops loops, ChannelHandler connectionHandler) throws SampleException {
        group = loops.create();
        ChannelFuture bound = new ServerBootstrap().group(group).channel(loops.transport().serverChannel())
                .childHandler(connectionHandler).bind(InetAddress.getLoopbackAddress(), 0)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new SampleException("cannot listen on this machine", bound.cause());
        }
        address = (InetSocketAddress) bound.channel().localAddress();
        clients = new Bootstrap().group(group).channel(loops.transport().socketChannel());
    }

    /**
     * Connects to the server.
     *
     * @param pipeline adds the handlers that make messages of bytes
     * @return the connection; the caller closes it
     */
    <I, O> ValueTask<ValueTaskChannel<I, O>> connect(Consumer<? super ChannelPipeline> pipeline) {
        return ValueTaskChannels.connect(clients, address, pipeline);
    }

    /** As {@link #connect(Consumer)}, for a connection with other options. */
    <I, O> ValueTask<ValueTaskChannel<I, O>> connect(ValueTaskChannelOptions options,
            Consumer<? super ChannelPipeline> pipeline) {
        return ValueTaskChannels.connect(clients, address, options, pipeline);
    }

    /** Closes every connection and ends the event loops. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
    }
}
