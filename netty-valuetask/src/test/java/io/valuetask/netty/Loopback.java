package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.CharsetUtil;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One connection, over the loopback interface unless said. The server's side is a {@link ValueTaskChannel}, the client's
 * side another one or, where a test must control every byte, a {@link Peer}. Configure it, connect it, close it.
 */
final class Loopback implements AutoCloseable {
    private static final int SMALL_BUFFER = 16 * 1024;

    /** Null where the channel has no thread. */
    private final EventLoopGroup group;
    private final Medium medium;
    private final BlockingQueue<ValueTaskChannel<ByteBuf, ByteBuf>> accepted = new LinkedBlockingQueue<>();
    private final List<ValueTaskChannel<ByteBuf, ByteBuf>> channels = new ArrayList<>();

    private Consumer<Channel> serverPipeline = channel -> {};
    private Consumer<Channel> clientPipeline = channel -> {};
    private ValueTaskChannelOptions options = ValueTaskChannelOptions.DEFAULTS;
    private boolean smallBuffers;
    private EventExecutorGroup handlerExecutor;

    private ValueTaskChannel<ByteBuf, ByteBuf> server;
    private ValueTaskChannel<ByteBuf, ByteBuf> client;
    private Peer peer;

    private Loopback(Medium medium, int loops) {
        this.medium = medium;
        group = medium == Medium.EMBEDDED ? null : medium.newGroup(loops);
    }

    /** A connection whose server and client live on different event loops. */
    static Loopback on(Transport transport) {
        return on(transport, 2);
    }

    static Loopback on(Transport transport, int loops) {
        return new Loopback(Medium.of(transport), loops);
    }

    static Loopback over(Medium medium) {
        return new Loopback(medium, 2);
    }

    /** What comes before the handler under test at the server. */
    Loopback serverPipeline(Consumer<Channel> pipeline) {
        serverPipeline = pipeline;
        return this;
    }

    Loopback clientPipeline(Consumer<Channel> pipeline) {
        clientPipeline = pipeline;
        return this;
    }

    /** How long the server's {@code close()} waits for its writes. */
    Loopback closeDeadline(Duration deadline) {
        return options(options.closeDeadline(deadline));
    }

    /** Those of the server's channel. */
    Loopback options(ValueTaskChannelOptions changed) {
        options = changed;
        return this;
    }

    /** Who runs the server's handler under test, if not the event loop. */
    Loopback handlerExecutor(EventExecutorGroup executor) {
        handlerExecutor = executor;
        return this;
    }

    /** Lets the server's writes stall soon when the client does not read. */
    Loopback smallBuffers() {
        smallBuffers = true;
        return this;
    }

    /** Connects a Netty client. */
    Loopback connect() throws InterruptedException {
        ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        Bootstrap bootstrap = new Bootstrap().group(group).channel(medium.clientChannel)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        clientPipeline.accept(channel);
                        channel.pipeline().addLast(handler);
                    }
                });
        if (smallBuffers) {
            bootstrap.option(ChannelOption.SO_RCVBUF, SMALL_BUFFER);
        }
        bootstrap.connect(listen()).sync();
        client = handler.channel();
        channels.add(client);
        accept();
        return this;
    }

    /** Connects a plain socket. */
    Loopback connectSocket() throws IOException, InterruptedException {
        return connectPeer();
    }

    /** Connects a peer of the kind that there is: a plain socket, unless the medium has none. */
    Loopback connectPeer() throws IOException, InterruptedException {
        peer = switch (medium) {
            case NIO, EPOLL, IO_URING -> SocketPeer.connect(listen(), smallBuffers ? SMALL_BUFFER : 0);
            case LOCAL -> LocalPeer.connect(listen());
            case EMBEDDED -> new EmbeddedPeer(serverInitializer());
        };
        accept();
        return this;
    }

    private SocketAddress listen() throws InterruptedException {
        ServerBootstrap bootstrap = new ServerBootstrap().group(group).channel(medium.serverChannel)
                .childHandler(serverInitializer());
        if (smallBuffers) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, SMALL_BUFFER);
        }
        return bootstrap.bind(medium.newAddress()).sync().channel().localAddress();
    }

    private ChannelInitializer<Channel> serverInitializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                serverPipeline.accept(channel);
                addHandler(channel, new ValueTaskHandler<>(options, accepted::add));
            }
        };
    }

    @SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
    private void addHandler(Channel channel, ValueTaskHandler<ByteBuf, ByteBuf> handler) {
        if (handlerExecutor == null) {
            channel.pipeline().addLast(handler);
        } else {
            channel.pipeline().addLast(handlerExecutor, handler);
        }
    }

    private void accept() throws InterruptedException {
        server = accepted.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(server).as("the accepted channel").isNotNull();
        channels.add(server);
    }

    ValueTaskChannel<ByteBuf, ByteBuf> server() {
        return server;
    }

    ValueTaskChannel<ByteBuf, ByteBuf> client() {
        return client;
    }

    Peer peer() {
        return peer;
    }

    Socket socket() {
        return ((SocketPeer) peer).socket();
    }

    void send(String text) throws IOException {
        peer.send(text.getBytes(CharsetUtil.US_ASCII));
    }

    /** Receives exactly that many bytes at the peer. */
    byte[] receive(int length) throws IOException {
        return peer.receive(length);
    }

    /** Closes the peer with a reset in place of an orderly end. */
    void reset() throws IOException {
        peer.reset();
    }

    /** Runs what waits for the server's event loop, where that has no thread of its own. */
    void turn() {
        if (peer != null) {
            peer.turn();
        }
    }

    /** What is on its way to the loop gets there. */
    void settleServerLoop() throws InterruptedException {
        for (int i = 0; i < 1000; i++) {
            awaitServerLoop();
        }
    }

    /** Returns when the server's event loop has done what it was told before. */
    void awaitServerLoop() throws InterruptedException {
        onServerLoop(() -> {});
    }

    /** Returns when the server's event loop has done it, and what it was told before. */
    void onServerLoop(Runnable action) throws InterruptedException {
        Future<?> done = server.channel().eventLoop().submit(action);
        turn();
        done.sync();
    }

    /** The server's event loop does nothing until this is closed. */
    Stall stallServerLoop() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        server.channel().eventLoop().execute(() -> {
            entered.countDown();
            try {
                left.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException failure) {
                throw new AssertionError(failure);
            }
        });
        assertThat(entered.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return left::countDown;
    }

    interface Stall extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    public void close() {
        try {
            closeAll();
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError("the connection cannot be taken down", failure);
        }
    }

    private void closeAll() throws IOException, InterruptedException {
        if (peer != null) {
            peer.close();
        }
        for (ValueTaskChannel<ByteBuf, ByteBuf> channel : channels) {
            channel.close();
        }
        for (ValueTaskChannel<ByteBuf, ByteBuf> channel : channels) {
            assertThat(channel.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("closed: " + channel).isTrue();
        }
        endLoops();
    }

    /** With all channels that live on them. */
    void endLoops() throws InterruptedException {
        if (group == null) {
            return;
        }
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(group.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("loops ended").isTrue();
    }
}
