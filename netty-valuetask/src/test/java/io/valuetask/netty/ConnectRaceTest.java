package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.valuetask.ValueTask;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Connects that are cancelled, or lose their loop, at any moment: each one is delivered or closed, and each ends. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class ConnectRaceTest {
    private static final int ROUNDS = 500;

    @Parameter
    Transport transport;

    private EventLoopGroup servers;
    private SocketAddress server;
    private final Queue<Channel> made = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void startServer() throws InterruptedException {
        servers = transport.newGroup(1);
        server = new ServerBootstrap().group(servers).channel(transport.serverChannel)
                .childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(channel -> {
                    channel.writeAndFlush(Bytes.of("hello")).await();
                    channel.read().await();
                }))
                .bind(InetAddress.getLoopbackAddress(), 0).sync().channel().localAddress();
    }

    @AfterEach
    void shutDown() {
        servers.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private CompletableFuture<ValueTaskChannel<ByteBuf, ByteBuf>> connect(EventLoopGroup group) {
        Bootstrap bootstrap = new Bootstrap().group(group).channel(transport.clientChannel)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        made.add(channel);
                    }
                });
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> connect = ValueTaskChannels.connect(bootstrap, server);
        return connect.toCompletableFuture();
    }

    private void assertAllClosed() throws InterruptedException {
        for (Channel channel : made) {
            assertThat(channel.closeFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("%s", channel)
                    .isTrue();
        }
    }

    /** A channel that lost has perhaps read the server's message already; the leak detector looks for that. */
    @Test
    void cancel_againstTheConnection_deliversTheChannelOrClosesIt() throws Exception {
        EventLoopGroup clients = transport.newGroup(1);
        Closing.close(connect(clients).get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).await();
        int before = Descriptors.count();
        Random random = new Random(42);
        int delivered = 0;
        int patience = 1;
        for (int round = 0; round < ROUNDS; round++) {
            var connect = connect(clients);
            for (int spins = random.nextInt(patience); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            // The next one is cancelled a little later, or earlier, so that most of them meet.
            if (connect.cancel(true)) {
                patience = Math.min(2 * patience, 1 << 22);
            } else {
                patience = Math.max(patience / 2, 1);
                ValueTaskChannel<ByteBuf, ByteBuf> channel = connect.get(Call.LIMIT_SECONDS,
                        TimeUnit.SECONDS);
                assertThat(channel.channel().isOpen()).isTrue();
                Closing.close(channel).await();
                delivered++;
            }
        }
        assertThat(delivered).as("delivered, and not cancelled").isBetween(1, ROUNDS - 1);
        assertAllClosed();
        Descriptors.awaitAtMost(before);
        clients.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
    }

    @RepeatedTest(30)
    void shutdown_amidConnects_endsEachOfThem() throws Exception {
        EventLoopGroup clients = transport.newGroup(1);
        Queue<CompletableFuture<ValueTaskChannel<ByteBuf, ByteBuf>>> connects = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 20; i++) {
            if (i == 10) {
                clients.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            }
            connects.add(connect(clients));
        }
        for (var connect : connects) {
            try {
                connect.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS).close();
            } catch (ExecutionException failed) {
                // Which failure depends on how far it came.
            }
        }
        assertThat(clients.terminationFuture().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertAllClosed();
    }
}
