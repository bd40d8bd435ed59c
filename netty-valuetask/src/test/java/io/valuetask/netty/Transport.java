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

    private IoHandlerFactory newHandlerFactory() {
        if (this == NIO) {
            return NioIoHandler.newFactory();
        }
        assumeTrue(Epoll.isAvailable(), () -> {
            String reason = "epoll is not available here: " + Epoll.unavailabilityCause();
            System.out.println("skipped: " + reason);
            return reason;
        });
        return EpollIoHandler.newFactory();
    }
}
