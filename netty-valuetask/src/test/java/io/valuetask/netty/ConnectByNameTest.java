package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import io.valuetask.ValueTask;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Connecting to a name: what the resolver says, and when. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class ConnectByNameTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);

    @Parameter
    Transport transport;

    private EventLoopGroup group;
    private final CompletableFuture<Channel> made = new CompletableFuture<>();

    @BeforeEach
    void startLoops() {
        group = transport.newGroup(1);
    }

    @AfterEach
    void shutDown() {
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** A resolver that leaves the answer to the test. */
    private static final class Resolvers extends AddressResolverGroup<InetSocketAddress> {
        private final Consumer<Promise<InetAddress>> answer;

        Resolvers(Consumer<Promise<InetAddress>> answer) {
            this.answer = answer;
        }

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetNameResolver(executor) {
                @Override
                protected void doResolve(String name, Promise<InetAddress> promise) {
                    answer.accept(promise);
                }

                @Override
                protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
                    throw new AssertionError("not asked for");
                }
            }.asAddressResolver();
        }
    }

    private ValueTask<ValueTaskChannel<Object, Object>> connect(int port,
            Consumer<Promise<InetAddress>> answer) {
        Bootstrap bootstrap = new Bootstrap().group(group).channel(transport.clientChannel)
                .resolver(new Resolvers(answer)).handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        made.complete(channel);
                    }
                });
        return ValueTaskChannels.connect(bootstrap, InetSocketAddress.createUnresolved("example.org", port));
    }

    private void assertClosed() throws Exception {
        Channel channel = made.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(channel.closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void connect_toAKnownName_connects() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Closing.close(
                    connect(listener.getLocalPort(), promise -> promise.setSuccess(listener.getInetAddress()))
                            .await(LIMIT))
                    .await();
        }
        assertClosed();
    }

    @Test
    void connect_toAnUnknownName_failsWithThatAndCloses() throws Exception {
        UnknownHostException unknown = new UnknownHostException("planted");

        assertThatThrownBy(() -> connect(1, promise -> promise.setFailure(unknown)).await(LIMIT))
                .isSameAs(unknown);
        assertClosed();
    }

    /** Netty closes the channel first and tells the cause afterwards, and here the two are far apart. */
    @Test
    void connect_toANameThatAnotherThreadFindsUnknown_failsWithThatAndCloses() throws Exception {
        UnknownHostException unknown = new UnknownHostException("planted");
        CompletableFuture<Promise<InetAddress>> asked = new CompletableFuture<>();
        ValueTask<?> connect = connect(1, asked::complete);
        Promise<InetAddress> promise = asked.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);

        Channel channel = made.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        channel.close().sync();
        channel.eventLoop().submit(() -> {}).sync(); // behind what the close has posted
        assertThat(connect.isCompleted()).isFalse();
        promise.setFailure(unknown);

        assertThatThrownBy(() -> connect.await(LIMIT)).isSameAs(unknown);
    }

    @Test
    void cancel_whileTheNameIsBeingResolved_closesAndTheAnswerHarmsNobody() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Promise<InetAddress>> asked = new CompletableFuture<>();
            ValueTask<?> connect = connect(listener.getLocalPort(), asked::complete);
            Promise<InetAddress> promise = asked.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);

            assertThatThrownBy(() -> connect.await(Duration.ofMillis(1)))
                    .isInstanceOf(TimeoutException.class);
            assertClosed();

            assertThat(promise.trySuccess(listener.getInetAddress())).isTrue();
            group.submit(() -> {}).sync();
            assertThat(made.get().isOpen()).isFalse();
        }
    }

    @Test
    void shutdown_whileTheNameIsBeingResolved_failsTheConnect() throws Exception {
        CompletableFuture<Promise<InetAddress>> asked = new CompletableFuture<>();
        ValueTask<?> connect = connect(1, asked::complete);
        asked.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);

        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);

        assertThatThrownBy(() -> connect.await(LIMIT))
                .isInstanceOf(ClosedChannelException.class);
        assertClosed();
    }
}
