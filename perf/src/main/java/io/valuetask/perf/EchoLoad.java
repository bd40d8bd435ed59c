package io.valuetask.perf;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one server. They stay open, and silent between windows.
 *
 * <p>Closed loop: each connection keeps {@code pipelining} messages under way and sends the next one only
 * when a reply is complete. A server that stalls is therefore also asked less, and the latencies do not show
 * how long others would have queued (coordinated omission).
 */
final class EchoLoad implements AutoCloseable {
    private static final long STRAGGLERS_SECONDS = 10;
    /**
     * Fewer than may wait for a server to accept them. What is beyond the kernel drops, also what connections send that it
     * has called connected, and tries again after longer and longer times.
     */
    private static final int CONNECTING_AT_ONCE = 500;

    private final EventLoop loop;
    private final EchoTally tally = new EchoTally();
    private final List<LoadConnection> connections = new ArrayList<>();

    EchoLoad(EventLoop loop, int port, EchoOptions options) throws EchoFailure, InterruptedException {
        this(loop, port, options, options.connections);
    }

    EchoLoad(EventLoop loop, int port, EchoOptions options, int count)
            throws EchoFailure, InterruptedException {
        this(loop, port, options, count, null);
    }

    /** From a certain address, or from any. */
    EchoLoad(EventLoop loop, int port, EchoOptions options, int count, @Nullable InetSocketAddress source)
            throws EchoFailure, InterruptedException {
        this.loop = loop;
        SslContext tls = options.tls ? trusting() : null;
        Bootstrap bootstrap = new Bootstrap().group(loop)
                .channel(options.epoll() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true).handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        LoadConnection connection = LoadConnection.create(connections.size(), options, tally);
                        connections.add(connection);
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(connection);
                    }
                });
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int open = 0; open < count; open += CONNECTING_AT_ONCE) {
            int more = Math.min(count - open, CONNECTING_AT_ONCE);
            connect(bootstrap, server, source, more);
            if (count > CONNECTING_AT_ONCE) {
                touch(open, more); // that they are connected does not say that the server has accepted them
            }
        }
    }

    private static void connect(Bootstrap bootstrap, InetSocketAddress server,
            @Nullable InetSocketAddress source, int count) throws EchoFailure {
        List<ChannelFuture> connecting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connecting.add(bootstrap.connect(server, source));
        }
        for (ChannelFuture connect : connecting) {
            if (!connect.awaitUninterruptibly().isSuccess()) {
                throw new EchoFailure(
                        "cannot connect to port " + server.getPort() + ": " + connect.cause().getMessage(),
                        connect.cause());
            }
        }
    }

    /** Trusts whoever answers: the certificate is the server's own, made when it started. */
    private static SslContext trusting() throws EchoFailure {
        try {
            return SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols("TLSv1.3")
                    .trustManager(InsecureTrustManagerFactory.INSTANCE).build();
        } catch (SSLException failure) {
            throw new EchoFailure("cannot set up TLS: " + failure.getMessage(), failure);
        }
    }

    /** What happened on the client's side in one window. */
    record Result(long roundTrips, long elapsedNanos, Histogram latencyNanos) {}

    /**
     * Drives the connections for a while and waits until every message has come back.
     *
     * @throws EchoFailure if a reply differs from what was sent, a connection failed, or a reply is missing
     */
    Result run(long durationNanos) throws EchoFailure, InterruptedException {
        long started = System.nanoTime();
        CompletableFuture<Long> drained = new CompletableFuture<>();
        loop.execute(() -> {
            tally.start(drained);
            connections.forEach(LoadConnection::start);
        });
        TimeUnit.NANOSECONDS.sleep(durationNanos);
        loop.execute(tally::stop);
        return await(drained, started);
    }

    /**
     * Sends one message on each of some connections and waits until it has come back.
     *
     * @throws EchoFailure as {@link #run} does
     */
    Result touch(int first, int count) throws EchoFailure, InterruptedException {
        long started = System.nanoTime();
        CompletableFuture<Long> drained = new CompletableFuture<>();
        loop.execute(() -> {
            tally.start(drained);
            for (int i = 0; i < count; i++) {
                connections.get((first + i) % connections.size()).start();
            }
            tally.stop();
        });
        return await(drained, started);
    }

    private Result await(CompletableFuture<Long> drained, long started)
            throws EchoFailure, InterruptedException {
        try {
            long roundTrips = drained.get(STRAGGLERS_SECONDS, TimeUnit.SECONDS);
            long elapsed = System.nanoTime() - started;
            tally.requireCorrect();
            return new Result(roundTrips, elapsed, tally.takeLatencies());
        } catch (TimeoutException missing) {
            tally.requireCorrect();
            throw new EchoFailure(
                    "replies are still missing " + STRAGGLERS_SECONDS + " s after the last message");
        } catch (ExecutionException impossible) {
            throw new AssertionError(impossible);
        }
    }

    int size() {
        return connections.size();
    }

    /** Fails also for what came after the last window, such as a reply too many. */
    void requireCorrect() throws EchoFailure {
        tally.requireCorrect();
    }

    @Override
    public void close() {
        loop.submit(() -> connections.forEach(LoadConnection::close)).awaitUninterruptibly();
    }

    static IoHandlerFactory ioHandler(EchoOptions options) {
        return options.epoll() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }
}
