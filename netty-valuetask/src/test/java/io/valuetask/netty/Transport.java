package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The transports that the tests of real sockets run on. */
enum Transport {
    NIO(NioServerSocketChannel.class, NioSocketChannel.class),
    EPOLL(EpollServerSocketChannel.class,
            EpollSocketChannel.class);

    final Class<? extends ServerChannel> serverChannel;
    final Class<? extends Channel> clientChannel;

    Transport(Class<? extends ServerChannel> serverChannel, Class<? extends Channel> clientChannel) {
        this.serverChannel = serverChannel;
        this.clientChannel = clientChannel;
    }

    /** Event loops of this transport; where there can be none, the test is skipped and says why. */
    EventLoopGroup newGroup(int loops) {
        return new MultiThreadIoEventLoopGroup(loops, newHandlerFactory());
    }

    IoHandlerFactory newHandlerFactory() {
        if (this == NIO) {
            return NioIoHandler.newFactory();
        }
        assumeAvailable("epoll", Epoll.unavailabilityCause());
        return EpollIoHandler.newFactory();
    }

    /** Skips the test if there is a cause why not. */
    static void assumeAvailable(String transport, Throwable unavailability) {
        assumeTrue(unavailability == null, () -> {
            String reason = transport + " is not available here: " + unavailability;
            System.out.println("skipped: " + reason);
            return reason;
        });
    }
}
