package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** Handlers that keep promises, on threads of their own, over real sockets. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
@SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
class HostilePipelineTest {
    @Parameter
    Transport transport;

    /** Writes numbers, one after the other, and looks that they arrive. */
    private void assertWritesArrive(int count, boolean handlerIsForeign,
            BiConsumer<EventExecutorGroup, Channel> pipeline) throws Throwable {
        assertWritesArrive(Call.By.VIRTUAL, count, handlerIsForeign, pipeline);
        assertWritesArrive(Call.By.CARRIED_HERE, count, handlerIsForeign, pipeline);
    }

    /** Each connection has a foreign executor of its own: one that is left without its event loop is killed by Netty. */
    private void assertWritesArrive(Call.By by, int count, boolean handlerIsForeign,
            BiConsumer<EventExecutorGroup, Channel> pipeline) throws Throwable {
        EventExecutorGroup foreign = new DefaultEventExecutorGroup(1);
        try (Loopback loopback = Loopback.on(transport)
                .serverPipeline(channel -> pipeline.accept(foreign, channel))
                .handlerExecutor(handlerIsForeign ? foreign : null).connectSocket()) {
            BackgroundCall<Void> writer = by.run(loopback.server(), () -> {
                for (int i = 0; i < count; i++) {
                    loopback.server().writeAndFlush(Bytes.ofInt(i)).await();
                }
                return null;
            });
            DataInputStream in = new DataInputStream(loopback.socket().getInputStream());
            for (int i = 0; i < count; i++) {
                assertThat(in.readInt()).isEqualTo(i);
            }
            assertThat(writer.result()).isNull();
            assertThat(loopback.server().toString()).contains("inFlight=0");
        } finally {
            foreign.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static void keepers(EventExecutorGroup unused, Channel channel) {
        channel.pipeline().addLast(new WriteTimeoutHandler(60), new IdleStateHandler(0, 60, 0),
                new ChunkedWriteHandler(), new FlushConsolidationHandler(16, true));
    }

    @Test
    void writes_throughHandlersThatKeepPromises_allArrive() throws Throwable {
        assertWritesArrive(20_000, false, HostilePipelineTest::keepers);
    }

    @Test
    void writes_throughAWriteTimeoutOnAForeignExecutor_allArrive() throws Throwable {
        assertWritesArrive(3000, false,
                (foreign, channel) -> channel.pipeline().addLast(foreign, new WriteTimeoutHandler(60)));
    }

    @Test
    void writes_whenOurHandlerHasAForeignExecutor_allArrive() throws Throwable {
        assertWritesArrive(3000, true, (foreign, channel) -> {});
        assertWritesArrive(3000, true, HostilePipelineTest::keepers);
    }

    @ParameterizedTest
    @EnumSource(value = Call.By.class, names = {"VIRTUAL", "CARRIED_HERE"})
    void reads_whenOurHandlerHasAForeignExecutor_getEverythingInOrder(Call.By by) throws Throwable {
        EventExecutorGroup foreign = new DefaultEventExecutorGroup(1);
        byte[] sent = Bytes.pattern(1024 * 1024);
        try (Loopback loopback = Loopback.on(transport).handlerExecutor(foreign).connectSocket()) {
            BackgroundCall<byte[]> reader = by.run(loopback.server(),
                    () -> Streams.readAll(loopback.server()));
            loopback.socket().getOutputStream().write(sent);
            loopback.socket().shutdownOutput();

            assertThat(reader.result()).isEqualTo(sent);
        } finally {
            foreign.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void promise_completedByAnotherThread_completesTheWrite() throws Throwable {
        CompletableFuture<ChannelPromise> taken = new CompletableFuture<>();
        IOException failure = new IOException("planted");
        try (Loopback loopback = Loopback.on(transport).serverPipeline(channel -> channel.pipeline()
                .addLast(new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                        ((ByteBuf) message).release();
                        taken.complete(promise);
                    }
                })).connectSocket()) {
            ValueTask<Void> write = loopback.server().writeAndFlush(Bytes.of("x"));
            ChannelPromise promise = taken.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            BackgroundCall<Boolean> waiter = BackgroundCall
                    .start(VIRTUAL, () -> promise.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).awaitParked();

            promise.setFailure(failure);

            assertThat(BackgroundCall.start(VIRTUAL, write::await).failure()).isSameAs(failure);
            assertThat(waiter.result()).isTrue();
            assertThat(promise.cause()).isSameAs(failure);
        }
    }
}
