package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a channel leaves behind in its loop. */
class LoopWatchTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());

    private final EventLoopGroup servers = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());

    @AfterEach
    void shutDown() {
        servers.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void close_whenManyChannelsCameAndWent_leavesNothingInTheLoop() throws Exception {
        LocalAddress address = new LocalAddress("loop-watch");
        new ServerBootstrap().group(loops).channel(LocalServerChannel.class)
                .childHandler(ValueTaskChannelInitializer.serve(channel -> channel.read().await()))
                .bind(address).sync();
        for (int i = 0; i < 50; i++) {
            ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
            Channel channel = new Bootstrap().group(loops).channel(LocalChannel.class).handler(handler)
                    .connect(address).sync().channel();
            assertThat(hooks()).isPositive();
            Closing.close(handler.channel()).await();
            assertThat(channel.isOpen()).isFalse();
        }
        awaitNoHooks(); // the server's side closes with its body, on a thread of its own
    }

    @Test
    void deregister_whenRegisteredAgain_followsOnce() throws Exception {
        ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
        LocalChannel channel = new LocalChannel();
        channel.pipeline().addLast(handler);
        loops.register(channel).sync();
        assertThat(hooks()).isEqualTo(1);

        channel.deregister().sync();
        assertThat(hooks()).isZero();

        loops.register(channel).sync();
        assertThat(hooks()).isEqualTo(1);
        channel.close().sync();
        awaitNoHooks(); // a closed channel is unregistered in a later task
    }

    /** A channel that moves while the loop that it leaves ends. */
    @Test
    void end_ofALoopThatTheChannelIsLeaving_endsNothing() throws Exception {
        EventLoopGroup next = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            Channel channel = connect(new ChannelInboundHandlerAdapter());
            ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
            CompletableFuture<Void> moved = new CompletableFuture<>();
            channel.eventLoop().execute(() -> {
                loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
                channel.pipeline().addLast(handler);
                channel.deregister().addListener(
                        left -> next.register(channel).addListener(registered -> moved.complete(null)));
            });
            moved.get(10, TimeUnit.SECONDS);

            loops.terminationFuture().sync();
            GlobalEventExecutor.INSTANCE.submit(() -> {}).sync(); // tells of it, before
            next.next().submit(() -> {}).sync();

            assertThat(channel.isActive()).isTrue();
            assertThat(handler.channel().closed().isCompleted()).isFalse();
            channel.close().sync();
        } finally {
            next.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    @SuppressWarnings("deprecation") // an executor of its own is deprecated, and exists
    void end_ofALoopThatTheChannelHasLeft_whileTheHandlersExecutorIsBusy_endsNothing() throws Exception {
        EventLoopGroup next = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        DefaultEventExecutor elsewhere = new DefaultEventExecutor();
        CountDownLatch busy = new CountDownLatch(1);
        try {
            Channel channel = connect(new ChannelOutboundHandlerAdapter() {
                @Override
                public void deregister(ChannelHandlerContext ctx, ChannelPromise promise) {
                    elsewhere.execute(() -> {
                        try {
                            busy.await();
                        } catch (InterruptedException unexpected) {
                            throw new AssertionError(unexpected);
                        }
                    });
                    ctx.deregister(promise);
                }
            });
            channel.pipeline().addLast(elsewhere, new ValueTaskHandler<>());
            elsewhere.submit(() -> {}).sync();
            channel.deregister().sync();
            next.register(channel).sync();

            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
            next.next().submit(() -> {}).sync();

            assertThat(channel.isOpen()).isTrue();
            busy.countDown();
            channel.close().sync();
        } finally {
            busy.countDown();
            next.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
            elsewhere.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private Channel connect(ChannelHandler handler) throws InterruptedException {
        LocalAddress address = new LocalAddress(LoopWatchTest.class); // another one each time
        new ServerBootstrap().group(servers).channel(LocalServerChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter()).bind(address).sync();
        return new Bootstrap().group(loops).channel(LocalChannel.class).handler(handler).connect(address)
                .sync().channel();
    }

    private void awaitNoHooks() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (hooks() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(hooks()).isZero();
    }

    /** Read on the loop, behind all that was posted before. */
    private int hooks() throws Exception {
        SingleThreadEventExecutor loop = (SingleThreadEventExecutor) loops.next();
        Field hooks = SingleThreadEventExecutor.class.getDeclaredField("shutdownHooks");
        hooks.setAccessible(true);
        return loop.submit(() -> ((Collection<?>) hooks.get(loop)).size()).get(10, TimeUnit.SECONDS);
    }
}
