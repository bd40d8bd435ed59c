package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.BlockingOperationException;
import io.valuetask.schedule.EventLoopCallerContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** H25: an event loop that runs on a virtual thread may not wait either, though other virtual threads may. */
@Timeout(60)
class VirtualLoopTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, Thread.ofVirtual().factory(),
            NioIoHandler.newFactory());

    @AfterEach
    void end() {
        assertThat(group.shutdownGracefully(0, 0, TimeUnit.SECONDS)
                .awaitUninterruptibly(TimeUnit.SECONDS.toMillis(Call.LIMIT_SECONDS))).isTrue();
    }

    private Socket connect(ValueTaskChannelInitializer server) throws Exception {
        InetSocketAddress address = (InetSocketAddress) new ServerBootstrap().group(group)
                .channel(NioServerSocketChannel.class).childHandler(server)
                .bind(InetAddress.getLoopbackAddress(), 0).sync().channel().localAddress();
        return new Socket(address.getAddress(), address.getPort());
    }

    @Test
    void await_onALoopThatIsAVirtualThread_isRefusedAndNamesTheLoop() throws Exception {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        try (Socket _ = connect(ValueTaskChannelInitializer.onActive(channel -> {
            try {
                outcome.complete(channel.read().await());
            } catch (Throwable failure) {
                outcome.complete(failure);
            }
        }))) {
            assertThat(outcome.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(BlockingOperationException.class,
                            refusal -> assertThat(refusal).hasMessageContaining(group.next().toString()));
        }
    }

    @Test
    void body_onAChannelWhoseLoopIsAVirtualThread_mayWait() throws Exception {
        try (Socket peer = connect(ValueTaskChannelInitializer.serve(Streams::echo))) {
            peer.setSoTimeout((int) TimeUnit.SECONDS.toMillis(Call.LIMIT_SECONDS));
            for (int i = 0; i < 10; i++) {
                peer.getOutputStream().write(i);
                assertThat(peer.getInputStream().read()).isEqualTo(i);
            }
        }
    }

    @Test
    void schedulingContext_onALoopThatIsAVirtualThread_isThatLoop() throws Exception {
        CompletableFuture<Executor> executor = new CompletableFuture<>();
        try (Socket _ = connect(ValueTaskChannelInitializer.onActive(channel -> executor
                .complete(new EventLoopCallerContext().currentExecutor())))) {
            assertThat(executor.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isSameAs(group.next());
        }
    }
}
