package io.valuetask.samples;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * What every small server needs: arguments, event loops, the bound port, and a clean end.
 */
public final class SampleServer {
    private static final int DEFAULT_PORT = 8007;
    private static final String USAGE = "usage: [PORT] [--transport nio|epoll|auto] [--loops N]";

    private SampleServer() {}

    /**
     * Starts a server and returns; its event loops keep the JVM alive until it is told to stop. Prints one
     * line, {@code listening on port N}. If the arguments are wrong it ends the JVM with status 2, and if it
     * cannot listen with status 1; either way one sentence on standard error says why.
     *
     * @param arguments the command line
     * @param connectionHandler what to add to the pipeline of each accepted connection
     */
    public static void start(String[] arguments, ChannelHandler connectionHandler) {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            exit(2, wrong.getMessage() + "; " + USAGE);
            return;
        }
        if (options.epoll && !Epoll.isAvailable()) {
            exit(1, "epoll is not available here: " + Epoll.unavailabilityCause());
            return;
        }
        IoHandlerFactory ioHandler = options.epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channelType = options.epoll
                ? EpollServerSocketChannel.class
                : NioServerSocketChannel.class;

        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(options.loops, ioHandler);
        ChannelFuture bound = new ServerBootstrap().group(loops).channel(channelType)
                .childHandler(connectionHandler).bind(options.port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            exit(1, "cannot listen on port " + options.port + ": " + bound.cause().getMessage());
            return;
        }
        Channel server = bound.channel();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, loops), "stop"));
        System.out.println("listening on port " + ((InetSocketAddress) server.localAddress()).getPort());
    }

    /** Accepts nobody any more, and gives what is under way a moment to end. */
    private static void stop(Channel server, EventLoopGroup loops) {
        server.close().awaitUninterruptibly();
        loops.shutdownGracefully(50, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    private static void exit(int status, String sentence) {
        System.err.println(sentence);
        System.exit(status);
    }

    private static final class Options {
        private int port = DEFAULT_PORT;
        private boolean epoll = Epoll.isAvailable();
        private int loops = Runtime.getRuntime().availableProcessors();

        static Options parse(String[] arguments) {
            Options options = new Options();
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--transport" -> options.epoll = epoll(valueAfter(arguments, i++));
                    case "--loops" -> options.loops = number("--loops", valueAfter(arguments, i++), 1, 1024);
                    default -> options.port = number("the port", arguments[i], 0, 65535);
                }
            }
            return options;
        }

        private static boolean epoll(String transport) {
            return switch (transport) {
                case "nio" -> false;
                case "epoll" -> true;
                case "auto" -> Epoll.isAvailable();
                default -> throw new IllegalArgumentException(
                        "--transport must be nio, epoll or auto, not '" + transport + "'");
            };
        }

        private static String valueAfter(String[] arguments, int index) {
            if (index + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[index] + " needs a value");
            }
            return arguments[index + 1];
        }

        private static int number(String what, String text, int least, int most) {
            try {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                // Said below.
            }
            throw new IllegalArgumentException(
                    what + " must be a number from " + least + " to " + most + ", not '" + text + "'");
        }
    }
}
