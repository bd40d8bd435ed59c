package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSourceStatus;
import io.valuetask.testing.BackgroundCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Writes that are still on their way to the event loop. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class QueuedWriteTest {
    /** Counts how often somebody gives it up. */
    private static final class Message extends DefaultByteBufHolder {
        final AtomicInteger releases = new AtomicInteger();

        Message() {
            super(Unpooled.copyInt(42));
        }

        @Override
        public boolean release() {
            releases.incrementAndGet();
            return super.release();
        }
    }

    /** Sends what is in it. */
    private static final class Unwrapper extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof Message wrapped) {
                ctx.write(wrapped.content().retainedDuplicate(), promise);
                wrapped.release();
            } else {
                ctx.write(message, promise);
            }
        }
    }

    private enum Way {
        INTERRUPT,
        TIMEOUT,
        FUTURE
    }

    @Parameter
    Transport transport;
    private Loopback loopback;

    private ValueTaskChannel<ByteBuf, ByteBuf> connect(ValueTaskChannelOptions options) throws Exception {
        loopback = Loopback.on(transport).options(options.trustedHandlers(Unwrapper.class))
                .serverPipeline(channel -> channel.pipeline().addLast(new Unwrapper())).connectSocket();
        return loopback.server();
    }

    @AfterEach
    void closeLoopback() {
        loopback.close();
    }

    @SuppressWarnings("unchecked")
    private ValueTask<Void> write(Message message) {
        return ((ValueTaskChannel<ByteBuf, Object>) (ValueTaskChannel<?, ?>) loopback.server())
                .writeAndFlush(message);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void cancel_beforeTheLoopHasIt_sendsNothingAndReleasesOnce(Way way) throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> server = connect(ValueTaskChannelOptions.DEFAULTS);
        Message message = new Message();
        ValueTask<Void> before;
        ValueTask<Void> behind;
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            before = server.writeAndFlush(Bytes.of("a"));
            ValueTask<Void> cancelled = write(message);
            switch (way) {
                case INTERRUPT -> {
                    BackgroundCall<Void> waiter = BackgroundCall
                            .start(BackgroundCall.Kind.VIRTUAL, cancelled::await).awaitParked();
                    waiter.thread().interrupt();
                    assertThat(waiter.failure()).isInstanceOf(InterruptedException.class);
                }
                case TIMEOUT -> assertThatThrownBy(() -> cancelled.await(Duration.ofMillis(1)))
                        .isInstanceOf(TimeoutException.class);
                case FUTURE -> assertThat(cancelled.toCompletableFuture().cancel(true)).isTrue();
            }
            behind = server.writeAndFlush(Bytes.of("b"));
            assertThat(message.releases).as("by the loop, in its turn").hasValue(0);
        }

        assertThat(before.await()).isNull();
        assertThat(behind.await()).isNull();
        assertThat(loopback.receive(2)).isEqualTo("ab".getBytes());
        assertThat(message.releases).hasValue(1);
        assertThat(message.refCnt()).isZero();
        assertThat(server.toString()).contains("travelling=0 bytes");
    }

    @Test
    void cancel_ofEverySecondWrite_sendsTheOthersInOrder() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> server = connect(ValueTaskChannelOptions.DEFAULTS);
        List<Message> dropped = new ArrayList<>();
        List<ValueTask<Void>> kept = new ArrayList<>();
        int count = 100;
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            for (int i = 0; i < count; i++) {
                kept.add(server.writeAndFlush(Bytes.ofInt(i)));
                Message message = new Message();
                dropped.add(message);
                WriteOperation write = server.channel().pipeline().get(ValueTaskHandler.class).outbound()
                        .write(message, true, false);
                assertThat(write.cancel(write.token())).isTrue();
                assertThat(write.cancel(write.token())).as("again").isFalse();
                assertThat(write.getStatus(write.token())).isEqualTo(ValueTaskSourceStatus.CANCELED);
                assertThatThrownBy(() -> write.getResult(write.token()))
                        .isInstanceOf(CancellationException.class);
            }
        }
        for (ValueTask<Void> write : kept) {
            assertThat(write.await()).isNull();
        }

        ByteBuf received = Bytes.of(loopback.receive(count * Integer.BYTES));
        for (int i = 0; i < count; i++) {
            assertThat(received.readInt()).isEqualTo(i);
        }
        received.release();
        assertThat(dropped).allSatisfy(message -> assertThat(message.releases).hasValue(1));
    }

    /** Those that were posted to the old loop are carried on to the new one. */
    @Test
    void writes_whenTheChannelMovesToAnotherLoopMeanwhile_arrive() throws Throwable {
        EventLoopGroup other = transport.newGroup(1);
        try {
            ValueTaskChannel<ByteBuf, ByteBuf> server = connect(ValueTaskChannelOptions.DEFAULTS);
            var old = server.channel().eventLoop();
            ValueTask<Void> first;
            ValueTask<Void> second;
            server.channel().deregister().sync();
            try (Loopback.Stall _ = loopback.stallServerLoop()) {
                first = server.writeAndFlush(Bytes.of("a"));
                second = server.writeAndFlush(Bytes.of("b"));
                other.register(server.channel()).sync();
                assertThat(server.channel().eventLoop()).isNotSameAs(old);
            }

            assertThat(first.await()).isNull();
            assertThat(second.await()).isNull();
            assertThat(loopback.receive(2)).isEqualTo("ab".getBytes());
            server.close();
            assertThat(server.closed().await()).isEqualTo(new CloseReason.Local());
        } finally {
            other.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 8})
    void writes_beyondThePool_areObjectsOfTheirOwnAndCounted(int pooled) throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> server = connect(
                ValueTaskChannelOptions.DEFAULTS.pooledWrites(pooled));
        List<ValueTask<Void>> writes = new ArrayList<>();
        try (Loopback.Stall _ = loopback.stallServerLoop()) {
            for (int i = 0; i < 10; i++) {
                writes.add(server.writeAndFlush(Bytes.of("x")));
            }
        }
        for (ValueTask<Void> write : writes) {
            assertThat(write.await()).isNull();
        }

        loopback.receive(10);
        assertThat(server.toString()).contains("unpooled=" + (10 - pooled) + "]");
    }
}
