package io.valuetask.samples;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskChannels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A server of plain sockets, to be the peer of a sample's client, and one event loop for that. */
final class PlainServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger connections = new AtomicInteger();

    /** What is done for each connection, by a thread of its own. */
    interface Service {
        void serve(Socket socket) throws Exception;
    }

    PlainServer(Service service) throws IOException {
        Thread.startVirtualThread(() -> {
            try {
                for (;;) {
                    Socket socket = server.accept();
                    connections.incrementAndGet();
                    Thread.startVirtualThread(() -> serve(service, socket));
                }
            } catch (IOException closed) {
                // The end of the test.
            }
        });
    }

    private static void serve(Service service, Socket socket) {
        try (socket) {
            service.serve(socket);
        } catch (Exception failure) {
            // The client has gone, or is going to see that this end has.
        }
    }

    int connections() {
        return connections.get();
    }

    ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> connect() {
        return connect(ValueTaskChannelOptions.DEFAULTS, pipeline -> {});
    }

    <I, O> ValueTask<ValueTaskChannel<I, O>> connect(ValueTaskChannelOptions options,
            Consumer<? super ChannelPipeline> pipeline) {
        return ValueTaskChannels.connect(new Bootstrap().group(loop).channel(NioSocketChannel.class),
                server.getLocalSocketAddress(), options, pipeline);
    }

    /** Accepts nobody any more; connections that are there go on. */
    void refuse() throws IOException {
        server.close();
    }

    @Override
    public void close() throws IOException {
        server.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
