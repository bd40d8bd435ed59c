package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A client and a server that speak a {@link Protocol} over the loopback interface, each on a loop of its own. */
final class Conversation implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int SMALL_BUFFER = 64 * 1024;

    private final Protocol protocol;
    private final EventLoopGroup group;
    private ValueTaskChannel<Object, Object> server;
    private ValueTaskChannel<Object, Object> client;

    private Conversation(Transport transport, Protocol protocol) {
        this.protocol = protocol;
        group = transport.newGroup(3);
    }

    static Conversation start(Transport transport, Protocol protocol) throws Exception {
        Conversation conversation = new Conversation(transport, protocol);
        try {
            conversation.connect(transport);
        } catch (Throwable failure) {
            conversation.close();
            throw failure;
        }
        return conversation;
    }

    private void connect(Transport transport) throws Exception {
        ServerBootstrap listening = new ServerBootstrap().group(group).channel(transport.serverChannel)
                .option(ChannelOption.SO_RCVBUF, SMALL_BUFFER)
                .childOption(ChannelOption.SO_SNDBUF, SMALL_BUFFER);
        Bootstrap connecting = new Bootstrap().group(group).channel(transport.clientChannel)
                .option(ChannelOption.SO_RCVBUF, SMALL_BUFFER)
                .option(ChannelOption.SO_SNDBUF, SMALL_BUFFER);
        try (ValueTaskServerChannel<Object, Object> listener = ValueTaskServerChannel
                .<Object, Object>bind(listening, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        protocol::server)
                .await(LIMIT)) {
            client = ValueTaskChannels.<Object, Object>connect(connecting, listener.localAddress(),
                    protocol::client).await(LIMIT);
            server = listener.accept().await(LIMIT);
        }
        protocol.awaitReady(client);
    }

    ValueTaskChannel<Object, Object> server() {
        return server;
    }

    ValueTaskChannel<Object, Object> client() {
        return client;
    }

    /** The one of that number. Every one differs from the others. */
    Object request(int number, int length) {
        return protocol.request(Bytes.of(payload(number, length)));
    }

    /** Nothing that compresses. */
    private static byte[] payload(int number, int length) {
        byte[] bytes = new byte[length];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    /** That this message carries what the request of that number did; releases it. */
    static void assertCarries(int number, int length, Object message) {
        assertThat(message).as("message " + number + " and not the end").isNotNull();
        ByteBuf content = Protocol.contentOf(message);
        try {
            byte[] bytes = new byte[content.readableBytes()];
            content.readBytes(bytes);
            assertThat(bytes).isEqualTo(payload(number, length));
        } finally {
            content.release();
        }
    }

    /** That the peer has finished, with what its protocol says then. */
    void assertEnd(Object message) throws Exception {
        Object last = message;
        while (last != null && protocol.isFarewell(last)) {
            ReferenceCountUtil.release(last);
            last = client.read().await(LIMIT);
        }
        assertThat(last).as("the end of the stream").isNull();
    }

    /** The same content, as the server's message. */
    Object answerTo(Object request) {
        return protocol.answer(Protocol.contentOf(request));
    }

    /** Answers until the client has finished. For a thread that may block. */
    Void serve() throws Exception {
        for (Object request; (request = server.read().await()) != null;) {
            server.writeAndFlush(answerTo(request)).await();
        }
        return null;
    }

    /** The client's connection breaks: a reset, which no handler has a word in. */
    void reset() {
        client.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        client.channel().pipeline().firstContext().close();
    }

    @Override
    public void close() {
        for (ValueTaskChannel<?, ?> channel : new ValueTaskChannel<?, ?>[]{client, server}) {
            if (channel != null) {
                channel.close();
                assertThat(channel.channel().closeFuture().awaitUninterruptibly(Call.LIMIT_SECONDS,
                        TimeUnit.SECONDS)).as("closed: " + channel).isTrue();
            }
        }
        Protocol.awaitForeignExecutor(group);
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(group.terminationFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("loops ended").isTrue();
    }
}
