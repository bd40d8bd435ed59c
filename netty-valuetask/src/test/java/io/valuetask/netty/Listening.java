package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.util.CharsetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static org.assertj.core.api.Assertions.assertThat;

/** A bound server channel, its loops, and the plain sockets that a test connects to it. Close it. */
final class Listening implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);

    private final List<EventLoopGroup> groups = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private ValueTaskServerChannel<ByteBuf, ByteBuf> server;

    /** Where a test is over when the loops have ended. */
    EventLoopGroup group(EventLoopGroup group) {
        groups.add(group);
        return group;
    }

    /** To be configured; the server channel and its connections share two loops. */
    ServerBootstrap bootstrap(Transport transport) {
        return new ServerBootstrap().group(group(transport.newGroup(2))).channel(transport.serverChannel);
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    Listening bind(ServerBootstrap bootstrap) throws Exception {
        server = ValueTaskServerChannel.<ByteBuf, ByteBuf>bind(bootstrap, anyPort()).await(LIMIT);
        return this;
    }

    ValueTaskServerChannel<ByteBuf, ByteBuf> server() {
        return server;
    }

    ValueTaskChannel<ByteBuf, ByteBuf> accept() throws Exception {
        return server.accept().await(LIMIT);
    }

    Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
        socket.connect(server.localAddress(), Call.LIMIT_SECONDS * 1000);
        return socket;
    }

    /** A socket that says who it is. */
    Socket connect(int number) throws IOException {
        Socket socket = connect();
        socket.getOutputStream().write((number + "\n").getBytes(CharsetUtil.US_ASCII));
        return socket;
    }

    /** What a socket of {@link #connect(int)} said; closes the connection. */
    static int numberOf(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        String text = "";
        while (!text.endsWith("\n")) {
            text += Bytes.text(channel.read().await(LIMIT));
        }
        Closing.close(channel).await(LIMIT);
        return Integer.parseInt(text.trim());
    }

    /** That this side has closed the connection, in whatever way. */
    static void assertClosedByPeer(Socket socket) throws IOException {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException reset) {
            // By the kernel: it had data that nobody has read.
        }
    }

    /** Returns when so many connections wait to be taken. */
    void awaitQueued(int count) {
        awaitState(count, 0);
    }

    /** Returns when so many connections wait to be taken, and so many to be active. */
    void awaitState(int queued, int arriving) {
        String wanted = "queued=" + queued + ", arriving=" + arriving + "]";
        Descriptors.awaitAtMost("without " + wanted + ": " + server, 0,
                () -> server.toString().contains(wanted) ? 0 : 1);
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.close();
            awaitClosed();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
        for (EventLoopGroup group : groups) {
            group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        for (EventLoopGroup group : groups) {
            assertThat(group.terminationFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("loops ended").isTrue();
        }
    }

    /** A loop that ends does not wait for io_uring to close what is to be closed. */
    private void awaitClosed() {
        try {
            server.closed().await(LIMIT);
        } catch (IOException | InterruptedException | TimeoutException failure) {
            throw new AssertionError("not closed: " + server, failure);
        }
    }
}
