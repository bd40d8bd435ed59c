package io.valuetask.stream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.netty.ValueTaskChannelOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A stream at the server of one real connection, and a plain socket, which controls every byte, at the other
 * end.
 */
final class StreamLoopback implements AutoCloseable {
    static final int LIMIT_SECONDS = 20;
    private static final int SMALL_BUFFER = 16 * 1024;

    private final EventLoopGroup group;
    private final ChannelStream stream;
    private final Socket peer;

    private StreamLoopback(Transport transport, int writeBufferSize, ValueTaskChannelOptions options)
            throws Exception {
        group = transport.newGroup();
        CompletableFuture<ValueTaskChannel<ByteBuf, ByteBuf>> accepted = new CompletableFuture<>();
        var listener = new ServerBootstrap().group(group).channel(transport.serverChannel)
                .childOption(ChannelOption.SO_SNDBUF, SMALL_BUFFER)
                .childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>onActive(accepted::complete)
                        .options(options))
                .bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        peer = new Socket();
        peer.setSoTimeout(LIMIT_SECONDS * 1000);
        peer.setTcpNoDelay(true);
        peer.setReceiveBufferSize(SMALL_BUFFER);
        peer.connect((InetSocketAddress) listener.localAddress());
        stream = new ChannelStream(accepted.get(LIMIT_SECONDS, TimeUnit.SECONDS), writeBufferSize);
    }

    static StreamLoopback connect(Transport transport) throws Exception {
        return connect(transport, 8 * 1024);
    }

    static StreamLoopback connect(Transport transport, int writeBufferSize) throws Exception {
        return new StreamLoopback(transport, writeBufferSize, ValueTaskChannelOptions.DEFAULTS);
    }

    static StreamLoopback connect(Transport transport, ValueTaskChannelOptions options) throws Exception {
        return new StreamLoopback(transport, 8 * 1024, options);
    }

    ChannelStream stream() {
        return stream;
    }

    /** The other end; its buffers are small, so that writes to it stall soon while nobody reads. */
    Socket peer() {
        return peer;
    }

    void send(String text) throws IOException {
        peer.getOutputStream().write(Bytes.of(text));
    }

    byte[] receive(int length) throws IOException {
        return peer.getInputStream().readNBytes(length);
    }

    /** Closes the peer with a reset in place of an orderly end. */
    void reset() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    /** Returns when the event loop has done what it was told before. */
    void awaitLoop() throws InterruptedException {
        stream.channel().channel().eventLoop().submit(() -> {}).sync();
    }

    @Override
    public void close() {
        try {
            peer.close();
            stream.close();
            assertThat(stream.channel().channel().closeFuture().await(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("closed: " + stream).isTrue();
            group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(group.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).as("loop ended").isTrue();
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError("the connection cannot be taken down", failure);
        }
    }
}
