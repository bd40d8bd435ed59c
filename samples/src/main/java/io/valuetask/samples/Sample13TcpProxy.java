// $ java -jar samples/target/netty-valuetask-samples.jar tcp-proxy --to localhost:8008 --log
package io.valuetask.samples;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTasks;
import io.valuetask.interop.NettyFutures;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskChannels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Connects each client to a backend and passes on what either says, until both have finished: {@code relay} does all of
 * that, with backpressure, and tells each when the other has finished. Here is what is around it: timeouts, a bound on
 * the connections, a log, and an end that waits for those that are under way.
 *
 * <p>Both channels of a connection live on one event loop, so that no message changes threads. Each buffer that is read
 * on one belongs to the other from then on; whatever happens to either, the relay releases what was not sent. A peer that
 * vanishes is found out by {@code --idle}; and with io_uring also one that has finished and then resets the connection, since
 * Netty 4.2.18 tells of that by the next write only.
 */
@Command(name = "tcp-proxy", mixinStandardHelpOptions = true, description = "Passes on what clients and a backend say to each other.")
public final class Sample13TcpProxy implements SampleCommand {
    /** Threads for the system's resolver, which blocks: an event loop must not, nor what it carries. */
    private static final Executor RESOLVERS = Executors.newFixedThreadPool(4,
            Thread.ofPlatform().daemon().name("resolver-", 0).factory());

    private static final AttributeKey<Meter> METER = AttributeKey.valueOf(Sample13TcpProxy.class, "METER");

    @Spec
    private CommandSpec command;

    @Mixin
    private SampleServer server;

    @Option(names = "--to", required = true, paramLabel = "HOST:PORT", description = "the backend; a name is looked up for each client")
    private String to;

    @Option(names = "--connect-timeout", paramLabel = "SECONDS", defaultValue = "5", description = "for the backend's name, and for its answer; ${DEFAULT-VALUE} unless said")
    private int connectSeconds;

    @Option(names = "--idle", paramLabel = "SECONDS", defaultValue = "600", description = "how long both may be silent or stalled, or twice that; ${DEFAULT-VALUE} unless said")
    private int idleSeconds;

    @Option(names = "--connections", paramLabel = "N", defaultValue = "1000", description = "how many clients at once; further ones are turned away; ${DEFAULT-VALUE} unless said")
    private int connections;

    @Option(names = "--drain", paramLabel = "SECONDS", defaultValue = "10", description = "how long a stopped proxy waits for its clients to finish; ${DEFAULT-VALUE} unless said")
    private int drainSeconds;

    @Option(names = "--log", description = "one line for each connection that has ended")
    private boolean log;

    private SampleLog endings;
    private SampleLog failures;
    private String host;
    private int port;
    private Bootstrap toBackend;
    private Semaphore room;

    public static void main(String... arguments) {
        Samples.run(new Sample13TcpProxy(), arguments);
    }

    @Override
    public void run() throws SampleException {
        checkOptions();
        endings = new SampleLog(System.out);
        failures = new SampleLog(System.err);
        room = new Semaphore(connections);
        toBackend = new Bootstrap().channel(server.transport().socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectSeconds * 1000);
        server.start(ValueTaskChannelInitializer.serve(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                Meter meter = new Meter();
                channel.attr(METER).set(meter);
                channel.pipeline().addLast(meter);
            }
        }, this::serve).options(ValueTaskChannelOptions.DEFAULTS.trustedHandlers(Meter.class)), this::drain);
    }

    private void checkOptions() {
        int colon = to.lastIndexOf(':');
        String digits = to.substring(colon + 1);
        port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        if (colon < 1 || port < 1 || port > 65535) {
            throw new ParameterException(command.commandLine(),
                    "--to must be HOST:PORT with a port from 1 to 65535, not '" + to + "'");
        }
        host = to.substring(0, colon); // an IPv6 address in brackets is one, too
        if (connectSeconds < 1 || idleSeconds < 1 || connections < 1 || drainSeconds < 0
                || connectSeconds > 3600) {
            throw new ParameterException(command.commandLine(),
                    "--connect-timeout must be from 1 to 3600, --idle and --connections at least 1, --drain not negative");
        }
    }

    /** One client. When this ends its connection is closed, if it is not yet. */
    private void serve(ValueTaskChannel<ByteBuf, ByteBuf> client) throws Exception {
        if (!room.tryAcquire()) {
            say(client, "turned away, since " + connections + " others are connected");
            return;
        }
        try {
            SslHandler tls = client.channel().pipeline().get(SslHandler.class);
            if (tls != null) {
                NettyFutures.toValueTask(tls.handshakeFuture()).await(); // who never shakes hands costs no backend
            }
            relay(client);
        } finally {
            room.release();
        }
    }

    private void relay(ValueTaskChannel<ByteBuf, ByteBuf> client) throws IOException, InterruptedException {
        ValueTaskChannel<ByteBuf, ByteBuf> backend;
        try {
            backend = connect(client.channel().eventLoop());
        } catch (IOException failure) {
            failures.print(name(client) + ": cannot reach " + to + ": " + failure.getMessage());
            return;
        }
        Meter meter = client.channel().attr(METER).get(); // its pipeline is empty if it has gone meanwhile
        String ending;
        try {
            ending = relay(client, backend, meter);
        } finally {
            client.close();
            backend.close();
        }
        client.closed().await(); // who does not take what is left for it keeps its place until then, 10 s at most
        backend.closed().await();
        say(client, meter.fromClient + " bytes out, " + meter.toClient + " bytes back, " + ending);
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> connect(EventLoop loop)
            throws IOException, InterruptedException {
        InetAddress address;
        try {
            address = ValueTasks.start(RESOLVERS, () -> InetAddress.getByName(host))
                    .await(Duration.ofSeconds(connectSeconds));
        } catch (TimeoutException slow) {
            throw new IOException("no address was found within " + connectSeconds + " s", slow);
        }
        return ValueTaskChannels
                .<ByteBuf, ByteBuf>connect(toBackend.clone(loop), new InetSocketAddress(address, port))
                .await();
    }

    /** Answers how it ended. */
    private String relay(ValueTaskChannel<ByteBuf, ByteBuf> client,
            ValueTaskChannel<ByteBuf, ByteBuf> backend, Meter meter) throws InterruptedException {
        CancellationTokenSource idle = new CancellationTokenSource();
        Future<?> watch = client.channel().eventLoop().scheduleAtFixedRate(() -> {
            if (!meter.hasMoved()) {
                idle.cancel();
            }
        }, idleSeconds, idleSeconds, TimeUnit.SECONDS);
        try {
            ValueTaskChannels.relay(client, backend).await(idle.token());
            return "finished";
        } catch (CancellationException silent) {
            return "idle";
        } catch (IOException | RuntimeException failure) {
            return "broken off: " + failure;
        } finally {
            watch.cancel(false);
        }
    }

    private void say(ValueTaskChannel<?, ?> client, String sentence) {
        if (log) {
            endings.print(name(client) + ": " + sentence);
        }
    }

    private static String name(ValueTaskChannel<?, ?> client) {
        return String.valueOf(client.channel().remoteAddress());
    }

    /** Nobody is accepted any more: lets those that are connected finish. */
    private void drain() {
        try {
            if (!room.tryAcquire(connections, drainSeconds, TimeUnit.SECONDS)) {
                failures.print((connections - room.availablePermits()) + " connections are cut off");
            }
            endings.flush();
            failures.flush();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Counts what a client sends and gets, on its event loop, without an object for a message. Behind TLS. It passes on the
     * promises of writes and forgets them: so it may be trusted, and writes are used again.
     */
    private static final class Meter extends ChannelDuplexHandler {
        private volatile long fromClient;
        private volatile long toClient;
        private long seen;

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // written by the event loop alone
        public void channelRead(ChannelHandlerContext context, Object message) {
            fromClient += ((ByteBuf) message).readableBytes();
            context.fireChannelRead(message);
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // likewise
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            toClient += ((ByteBuf) message).readableBytes();
            context.write(message, promise);
        }

        /** Whether there was a byte since the last call. */
        boolean hasMoved() {
            long before = seen;
            seen = fromClient + toClient;
            return seen != before;
        }
    }
}
/*
listening on port 8007

$ java -jar samples/target/netty-valuetask-samples.jar echo-server 8008
$ echo hello | nc -q 1 localhost 8007
hello

/127.0.0.1:35670: 6 bytes out, 6 bytes back, finished

and when the echo server has gone:
/127.0.0.1:35678: cannot reach localhost:8008: finishConnect(..) failed with error(-111): Connection refused: localhost/127.0.0.1:8008
*/
