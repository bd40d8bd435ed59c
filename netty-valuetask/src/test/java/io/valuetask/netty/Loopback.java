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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One connection over the loopback interface. The server's side is a {@link ValueTaskChannel}, the client's side
 * another one or, where a test must control every byte, a plain socket. Configure it, connect it, close it.
 */
final class Loopback implements AutoCloseable {
    private static final int SMALL_BUFFER = 16 * 1024;

    private final EventLoopGroup group;
    private final Transport transport;
    private final BlockingQueue<ValueTaskChannel<ByteBuf, ByteBuf>> accepted = new LinkedBlockingQueue<>();
    private final List<ValueTaskChannel<ByteBuf, ByteBuf>> channels = new ArrayList<>();

    private Consumer<Channel> serverPipeline = channel -> {};
    private Consumer<Channel> clientPipeline = channel -> {};
    private Duration closeDeadline = Duration.ofSeconds(10);
    private boolean smallBuffers;
    private EventExecutorGroup handlerExecutor;

    private ValueTaskChannel<ByteBuf, ByteBuf> server;
    private ValueTaskChannel<ByteBuf, ByteBuf> client;
    private Socket socket;
    private Channel listener;

    private Loopback(Transport transport, int loops) {
        this.transport = transport;
        group = transport.newGroup(loops);
    }

    /** A connection whose server and client live on different event loops. */
    static Loopback on(Transport transport) {
        return on(transport, 2);
    }

    static Loopback on(Transport transport, int loops) {
        return new Loopback(transport, loops);
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
        closeDeadline = deadline;
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
        new Bootstrap().group(group).channel(transport.clientChannel).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                clientPipeline.accept(channel);
                channel.pipeline().addLast(handler);
            }
        }).connect(listen()).sync();
        client = handler.channel();
        channels.add(client);
        accept();
        return this;
    }

    /** Connects a plain socket. */
    Loopback connectSocket() throws IOException, InterruptedException {
        InetSocketAddress address = listen();
        socket = new Socket();
        socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
        socket.setTcpNoDelay(true);
        if (smallBuffers) {
            socket.setReceiveBufferSize(SMALL_BUFFER);
        }
        socket.connect(address);
        accept();
        return this;
    }

    private InetSocketAddress listen() throws InterruptedException {
        ServerBootstrap bootstrap = new ServerBootstrap().group(group).channel(transport.serverChannel)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        serverPipeline.accept(channel);
                        addHandler(channel, new ValueTaskHandler<>(accepted::add, closeDeadline));
                    }
                });
        if (smallBuffers) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, SMALL_BUFFER);
        }
        listener = bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        return (InetSocketAddress) listener.localAddress();
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

    Socket socket() {
        return socket;
    }

    /** Sends from the plain socket. */
    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(CharsetUtil.US_ASCII));
    }

    /** Receives exactly that many bytes at the plain socket. */
    byte[] receive(int length) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(length);
        assertThat(bytes).as("what arrived before the end of the stream").hasSize(length);
        return bytes;
    }

    /** Closes the plain socket with a reset in place of an orderly end. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Returns when the server's event loop has done what it was told before. */
    void awaitServerLoop() throws InterruptedException {
        server.channel().eventLoop().submit(() -> {}).sync();
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
        if (socket != null) {
            socket.close();
        }
        for (ValueTaskChannel<ByteBuf, ByteBuf> channel : channels) {
            channel.close();
        }
        for (ValueTaskChannel<ByteBuf, ByteBuf> channel : channels) {
            assertThat(channel.channel().closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("closed: " + channel).isTrue();
        }
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(group.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("loops ended").isTrue();
    }
}
