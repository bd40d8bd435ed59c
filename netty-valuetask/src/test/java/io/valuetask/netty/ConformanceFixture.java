package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.ssl.SslHandler;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A connection between two value task channels, for the rows of .NET's tests of sockets, streams and channels. */
abstract class ConformanceFixture {
    /** More than the buffers of both sides take. */
    static final int LARGE = 1024 * 1024;

    /** What the bytes travel over. */
    enum Wire {
        NIO(Transport.NIO),
        EPOLL(Transport.EPOLL),
        /** As .NET tests its streams: the plain one, and the one that encrypts. */
        TLS(Transport.NIO);

        final Transport transport;

        Wire(Transport transport) {
            this.transport = transport;
        }
    }

    @Parameter
    Wire wire;
    private Loopback loopback;

    /** To be connected; closed after the test. The server's handlers come behind those of the wire. */
    final Loopback newLoopback(Consumer<Channel> serverPipeline) {
        loopback = Loopback.on(wire.transport).smallBuffers();
        if (wire == Wire.TLS) {
            loopback.clientPipeline(Tls.shared()::client)
                    .serverPipeline(((Consumer<Channel>) Tls.shared()::server).andThen(serverPipeline));
        } else {
            loopback.serverPipeline(serverPipeline);
        }
        return loopback;
    }

    final void connect() throws InterruptedException {
        connect(channel -> {});
    }

    final void connect(Consumer<Channel> serverPipeline) throws InterruptedException {
        newLoopback(serverPipeline).connect();
        if (wire == Wire.TLS) {
            awaitHandshake(server());
            awaitHandshake(client());
        }
    }

    /** To close in the middle of it is an error of TLS. */
    private static void awaitHandshake(ValueTaskChannel<?, ?> channel) throws InterruptedException {
        assertThat(channel.channel().pipeline().get(SslHandler.class).handshakeFuture()
                .await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("shaken hands").isTrue();
    }

    /** Every byte is a message to the server, so that it has several to read at once. */
    static void oneByteFrames(Channel channel) {
        channel.pipeline().addLast(new FixedLengthFrameDecoder(1));
    }

    /** Every four bytes are a message to the server. */
    static void intFrames(Channel channel) {
        channel.pipeline().addLast(new FixedLengthFrameDecoder(Integer.BYTES));
    }

    @AfterEach
    void disconnect() {
        if (loopback != null) {
            loopback.close();
        }
    }

    final ValueTaskChannel<ByteBuf, ByteBuf> server() {
        return loopback.server();
    }

    final ValueTaskChannel<ByteBuf, ByteBuf> client() {
        return loopback.client();
    }

    /** The server's, for what a channel does not show. */
    @SuppressWarnings("unchecked")
    final ValueTaskHandler<ByteBuf, ByteBuf> serverHandler() {
        return server().channel().pipeline().get(ValueTaskHandler.class);
    }

    final void awaitServerLoop() throws InterruptedException {
        loopback.awaitServerLoop();
    }

    /** Keeps the server's loop from doing anything, until the latch is counted down. */
    final CountDownLatch holdServerLoop() {
        CountDownLatch hold = new CountDownLatch(1);
        server().channel().eventLoop().execute(() -> {
            try {
                hold.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
        return hold;
    }

    /** Lets the client send, and returns when the bytes have left it. */
    final void send(String text) throws IOException, InterruptedException {
        client().writeAndFlush(Bytes.of(text)).await();
    }

    /** Reads at the server. */
    final String read() throws IOException, InterruptedException {
        return Bytes.text(server().read().await());
    }

    /** Reads at the client, until there were so many bytes. */
    final String receive(int length) throws IOException, InterruptedException {
        return new String(Streams.read(client(), length));
    }

    /** Starts a write that cannot end before the client reads. */
    final ValueTask<Void> writeThatStalls() throws InterruptedException {
        ValueTask<Void> write = server().writeAndFlush(Bytes.of(Bytes.pattern(LARGE)));
        awaitServerLoop();
        assertThat(write.isCompleted()).as("while the client does not read").isFalse();
        return write;
    }

    static void assertMisuse(ThrowingCallable mistake) {
        assertThatThrownBy(mistake).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContainingAll("token=", "current=", "state=");
    }

    static void assertCanceled(ValueTask<?> task) {
        assertThat(task.isCanceled()).isTrue();
        assertThatThrownBy(task::result).isInstanceOf(CancellationException.class);
    }

    /** Every way to look at a value task or to consume it is refused. */
    static void assertConsumed(ValueTask<?> task) {
        assertMisuse(task::status);
        assertMisuse(task::isCompleted);
        assertMisuse(task::result);
        assertMisuse(task::await);
        assertRefusesWaiters(task);
    }

    /** Every way to wait for a value task is refused. */
    static void assertRefusesWaiters(ValueTask<?> task) {
        assertMisuse(() -> task.onCompleted(unused -> {}, null));
        assertMisuse(() -> task.onCompleted(unused -> {}, null, Runnable::run));
        assertMisuse(task::toCompletableFuture);
        assertMisuse(task::preserve);
        assertMisuse(task::discard);
    }
}
