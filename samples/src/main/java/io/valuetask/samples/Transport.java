package io.valuetask.samples;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Netty's ways to sockets. What uses a {@code ValueTaskChannel} is the same on each. */
enum Transport {
    NIO(() -> null, NioIoHandler::newFactory, NioServerSocketChannel.class, NioSocketChannel.class),
    EPOLL(Epoll::unavailabilityCause, EpollIoHandler::newFactory, EpollServerSocketChannel.class,
            EpollSocketChannel.class),
    IO_URING(IoUring::unavailabilityCause, IoUringIoHandler::newFactory, IoUringServerSocketChannel.class,
            IoUringSocketChannel.class);

    private final Supplier<Throwable> unavailability;
    private final Supplier<IoHandlerFactory> ioHandler;
    private final Class<? extends ServerChannel> serverChannel;
    private final Class<? extends SocketChannel> socketChannel;

    Transport(Supplier<Throwable> unavailability, Supplier<IoHandlerFactory> ioHandler,
            Class<? extends ServerChannel> serverChannel, Class<? extends SocketChannel> socketChannel) {
        this.unavailability = unavailability;
        this.ioHandler = ioHandler;
        this.serverChannel = serverChannel;
        this.socketChannel = socketChannel;
    }

    /** What event loops of this transport are made with. */
    IoHandlerFactory ioHandler() throws SampleException {
        Throwable missing = unavailability.get();
        if (missing != null) {
            throw new SampleException(this + " is not available here, '--transport nio' always is", missing);
        }
        return ioHandler.get();
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    Class<? extends SocketChannel> socketChannel() {
        return socketChannel;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the name of a transport, or {@code auto} for epoll where there is one, else NIO. */
    static final class Parser implements ITypeConverter<Transport> {
        @Override
        public Transport convert(String name) {
            if (name.equals("auto")) {
                return Epoll.isAvailable() ? EPOLL : NIO;
            }
            for (Transport transport : values()) {
                if (transport.toString().equals(name)) {
                    return transport;
                }
            }
            throw new TypeConversionException("must be nio, epoll, io_uring or auto, not '" + name + "'");
        }
    }
}
