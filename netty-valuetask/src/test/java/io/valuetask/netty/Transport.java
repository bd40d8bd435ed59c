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
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The transports that the tests of real sockets run on, where the system has them. */
enum Transport {
    NIO(() -> null, NioServerSocketChannel.class, NioSocketChannel.class, NioIoHandler::newFactory),
    EPOLL(Epoll::unavailabilityCause, EpollServerSocketChannel.class, EpollSocketChannel.class,
            EpollIoHandler::newFactory),
    IO_URING(IoUring::unavailabilityCause, IoUringServerSocketChannel.class, IoUringSocketChannel.class,
            IoUringIoHandler::newFactory);

    /** What the other transports do and io_uring does not; a test about one of these says so first. */
    enum Habit {
        /** It does not accept what it was not asked for. */
        ACCEPTS_WHAT_IS_ASKED("it accepts on until the kernel has learned that it is not to"),
        /** A connection is nobody's at no time, not even while the server's loop ends. */
        ANSWERS_FOR_WHAT_IT_ACCEPTS_LAST(
                "what the kernel accepts as the loop ends stays open, and is told to nobody"),
        /** A channel can be registered with another loop whatever it is doing. */
        LEAVES_AMID_A_WRITE("a write that waits for room keeps a channel from being deregistered");

        private final String lack;

        Habit(String lack) {
            this.lack = lack;
        }
    }

    /** The source of parameters that tests name. */
    static final String AVAILABLE = "io.valuetask.netty.Transport#available";
    private static final List<Transport> ALL_AVAILABLE = Arrays.stream(values())
            .filter(Transport::isAvailable)
            .toList();

    private final Supplier<Throwable> unavailabilityCause;
    final Class<? extends ServerChannel> serverChannel;
    final Class<? extends Channel> clientChannel;
    private final Supplier<IoHandlerFactory> handlerFactory;

    Transport(Supplier<Throwable> unavailabilityCause, Class<? extends ServerChannel> serverChannel,
            Class<? extends Channel> clientChannel, Supplier<IoHandlerFactory> handlerFactory) {
        this.unavailabilityCause = unavailabilityCause;
        this.serverChannel = serverChannel;
        this.clientChannel = clientChannel;
        this.handlerFactory = handlerFactory;
    }

    /** Those that this system has. The others are told of once, so that nobody takes a shorter run for a whole one. */
    static List<Transport> available() {
        return ALL_AVAILABLE;
    }

    private boolean isAvailable() {
        Throwable cause = unavailabilityCause.get();
        if (cause != null) {
            System.out.println("skipped: " + this + " is not available here: " + cause);
        }
        return cause == null;
    }

    boolean has(Habit habit) {
        return this != IO_URING;
    }

    /** Skips the test where it is about something else. */
    void requires(Habit habit) {
        assumeTrue(has(habit), () -> "not on " + this + ": " + habit.lack);
    }

    EventLoopGroup newGroup(int loops) {
        return new MultiThreadIoEventLoopGroup(loops, newHandlerFactory());
    }

    /** Where there can be none, for a test that asks for this very transport, that is skipped. */
    IoHandlerFactory newHandlerFactory() {
        assumeTrue(available().contains(this), () -> this + " is not available here");
        return handlerFactory.get();
    }
}
