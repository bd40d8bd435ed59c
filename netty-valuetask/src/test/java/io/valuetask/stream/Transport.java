package io.valuetask.stream;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The transports that the tests of streams over real sockets run on. */
enum Transport {
    NIO(NioServerSocketChannel.class),
    EPOLL(EpollServerSocketChannel.class);

    final Class<? extends ServerChannel> serverChannel;

    Transport(Class<? extends ServerChannel> serverChannel) {
        this.serverChannel = serverChannel;
    }

    /** One event loop of this transport; where there can be none, the test is skipped and says why. */
    EventLoopGroup newGroup() {
        if (this == NIO) {
            return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        }
        assumeTrue(Epoll.isAvailable(), () -> "epoll is not available here: " + Epoll.unavailabilityCause());
        return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    }
}
