package io.valuetask.samples;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What every small server needs: options, event loops, the bound port, and a clean end. */
public final class SampleServer {
    private static final String DEFAULT_PORT = "8007";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private SampleLoops loops;

    private int port;

    @Option(names = "--tls", description = "TLS 1.3, with a certificate for localhost made at the start")
    private boolean tls;

    @Parameters(paramLabel = "PORT", arity = "0..1", defaultValue = DEFAULT_PORT, description = "to listen on, 0 for any; ${DEFAULT-VALUE} unless said")
    void setPort(int port) {
        if (port < 0 || port > 65535) {
            throw new ParameterException(command.commandLine(),
                    "the port must be a number from 0 to 65535, not " + port);
        }
        this.port = port;
    }

    /**
     * Starts a server that has no options of its own. Ends the JVM where it cannot, see {@link Samples}.
     *
     * @param arguments the command line
     * @param connectionHandler what to add to the pipeline of each accepted connection
     */
    public static void start(String[] arguments, ChannelHandler connectionHandler) {
        Samples.run(new Plain(connectionHandler), arguments);
    }

    /**
     * Starts to listen and returns; the event loops keep the JVM alive until it is told to stop. Prints one line,
     * {@code listening on port N}.
     *
     * @param connectionHandler what to add to the pipeline of each accepted connection, behind TLS
     */
    public void start(ChannelHandler connectionHandler) throws SampleException {
        start(connectionHandler, () -> {});
    }

    /**
     * As {@link #start(ChannelHandler)}, for connections that are given time to end.
     *
     * @param connectionHandler what to add to the pipeline of each accepted connection, behind TLS
     * @param finish as for {@link #listen}
     */
    public void start(ChannelHandler connectionHandler, Runnable finish) throws SampleException {
        listen(tls ? behindTls(SampleCertificate.serverContext(), connectionHandler) : connectionHandler,
                finish);
    }

    /** Whether {@code --tls} was asked for. */
    public boolean isTls() {
        return tls;
    }

    /**
     * As {@link #start}, for a server that puts TLS in its pipelines itself, and has work to finish in the end.
     *
     * @param connectionHandler what to add to the pipeline of each accepted connection
     * @param finish called when nobody is accepted any more, before the event loops end; must end itself
     */
    public void listen(ChannelHandler connectionHandler, Runnable finish) throws SampleException {
        EventLoopGroup group = loops.create();
        ChannelFuture bound = new ServerBootstrap().group(group).channel(loops.transport().serverChannel())
                .childHandler(connectionHandler).bind(port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new SampleException("cannot listen on port " + port, bound.cause());
        }
        Channel server = bound.channel();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, finish, group), "stop"));
        System.out.println("listening on port " + ((InetSocketAddress) server.localAddress()).getPort());
    }

    /** What its connections go through, for a server that opens others. */
    Transport transport() {
        return loops.transport();
    }

    private static ChannelHandler behindTls(SslContext context, ChannelHandler connectionHandler) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(context.newHandler(channel.alloc()), connectionHandler);
            }
        };
    }

    /** Accepts nobody any more, and gives what is under way a moment to end. */
    private static void stop(Channel server, Runnable finish, EventLoopGroup group) {
        server.close().awaitUninterruptibly();
        finish.run();
        group.shutdownGracefully(50, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    @Command(name = "server", mixinStandardHelpOptions = true)
    private static final class Plain implements SampleCommand {
        private final ChannelHandler connectionHandler;

        @Mixin
        private SampleServer server;

        Plain(ChannelHandler connectionHandler) {
            this.connectionHandler = connectionHandler;
        }

        @Override
        public void run() throws SampleException {
            server.start(connectionHandler);
        }
    }
}
