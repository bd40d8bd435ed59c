package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.valuetask.IntValueTask;
import io.valuetask.netty.ValueTaskHandler;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** The reader or writer on one thread, the pipeline on another, whoever closes on a third. */
@SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
class StreamRaceTest {
    private final DefaultEventExecutor executor = new DefaultEventExecutor();

    /** A stream in memory whose pipeline runs on the executor. */
    private final class Remote {
        final ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        final EmbeddedChannel embedded = new EmbeddedChannel();
        final ChannelHandlerContext context;
        final ChannelStream stream;

        Remote() throws InterruptedException {
            embedded.pipeline().addLast(executor, handler);
            executor.submit(() -> {}).sync(); // where the handler is told that it was added
            context = embedded.pipeline().context(handler);
            stream = new ChannelStream(handler.channel(), 16);
        }

        /** On the executor. */
        void arrive(int value) {
            handler.channelRead(context, ByteBufAllocator.DEFAULT.buffer(1).writeByte(value));
        }
    }

    @AfterEach
    void shutDown() throws InterruptedException {
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private static void pause(int spins) {
        if (spins < 50) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    /** Each byte arrives while a read that needs two is being replaced by one that needs one. */
    @Test
    @Timeout(60)
    void read_replacedWhileItsBytesArrive_losesNothing() throws Throwable {
        Remote remote = new Remote();
        int count = 100_000;
        AtomicInteger asked = new AtomicInteger();
        BackgroundCall<Integer> reader = BackgroundCall.start(Kind.PLATFORM, () -> {
            ByteBuf destination = Unpooled.buffer(2);
            int late = 0;
            for (int expected = 0; expected < count; expected++) {
                IntValueTask both = remote.stream.readExactly(destination, 2);
                asked.set(expected + 1);
                for (int spins = expected & 63; spins > 0; spins--) {
                    Thread.onSpinWait();
                }
                try {
                    both.await(Duration.ZERO);
                    throw new AssertionError("two bytes of one");
                } catch (TimeoutException cancelled) {
                    // As it should be.
                }
                var one = remote.stream.readByte();
                late += one.isCompleted() ? 0 : 1;
                for (int spins = 0; !one.isCompleted(); spins++) {
                    pause(spins);
                }
                assertThat(one.result()).isEqualTo(expected & 0xFF);
            }
            return late;
        });
        executor.execute(() -> {
            for (int next = 0; next < count; next++) {
                for (int spins = 0; asked.get() <= next; spins++) {
                    if (!reader.thread().isAlive()) {
                        return;
                    }
                    pause(spins);
                }
                remote.arrive(next);
            }
        });

        assertThat(reader.result()).as("how often the byte came after the second read").isBetween(0, count);
        remote.stream.close();
    }

    @Test
    @Timeout(60)
    void close_whileBytesArriveAndAreRead_endsTheReaderAndReleasesAll() throws Throwable {
        for (int round = 0; round < 2000; round++) {
            Remote remote = new Remote();
            boolean whole = (round & 1) == 0;
            BackgroundCall<Void> reader = BackgroundCall.start(Kind.VIRTUAL, () -> {
                for (;;) {
                    if (whole) {
                        remote.stream.readExactly(Unpooled.buffer(7), 7).await();
                    } else {
                        remote.stream.readByte().await();
                    }
                }
            });
            executor.execute(() -> {
                for (int i = 0; i < 30; i++) {
                    remote.arrive(i);
                }
            });
            for (int spins = round & 255; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            remote.stream.close();
            assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    @Timeout(60)
    void close_whileBytesAreWritten_endsTheWriterAndReleasesAll() throws Throwable {
        for (int round = 0; round < 2000; round++) {
            Remote remote = new Remote();
            BackgroundCall<Void> writer = BackgroundCall.start(Kind.VIRTUAL, () -> {
                for (int i = 0;; i++) {
                    remote.stream.writeByte(i).await();
                    remote.stream.write(ByteBufAllocator.DEFAULT.buffer(3).writeZero(3)).await();
                }
            });
            for (int spins = round & 255; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            remote.stream.close();
            remote.stream.channel().closed().await();
            assertThat(writer.failure()).isInstanceOf(IOException.class);
            assertThat(remote.embedded.isOpen()).isFalse();
            remote.embedded.releaseOutbound();
        }
    }
}
