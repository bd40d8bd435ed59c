package io.valuetask.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.valuetask.testing.BackgroundCall;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;

/** The reader on one thread, the pipeline on another. */
@SuppressWarnings("deprecation") // a handler with an executor of its own is deprecated, and exists
class InboundRaceTest {
    private static void pause(int spins) {
        if (spins < 50) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    @Test
    void poll_againstOffer_seesEveryElementOnceAndInOrder() throws Throwable {
        InboundQueue queue = new InboundQueue(64, 64 * 1024);
        int count = 1_000_000;

        BackgroundCall<Void> reader = BackgroundCall.start(PLATFORM, () -> {
            for (int expected = 0, spins = 0; expected < count;) {
                Object element = queue.poll();
                if (element == null) {
                    pause(spins++);
                } else {
                    assertThat((int) element).isEqualTo(expected++);
                    spins = 0;
                }
            }
            return null;
        });
        for (int i = 0; i < count; i++) {
            queue.offer(i, 0);
        }

        assertThat(reader.result()).isNull();
        assertThat(queue.size()).isZero();
    }

    @Test
    void sweep_againstPoll_givesEveryElementToExactlyOne() throws Throwable {
        int count = 200;
        for (int round = 0; round < 2000; round++) {
            InboundQueue queue = new InboundQueue(64, 64 * 1024);
            AtomicIntegerArray taken = new AtomicIntegerArray(count);
            CyclicBarrier start = new CyclicBarrier(2);
            for (int i = 0; i < count; i++) {
                queue.offer(i, 0);
            }
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    start.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
                } catch (Exception late) {
                    return;
                }
                for (Object element; (element = queue.poll()) != null;) {
                    taken.incrementAndGet((int) element);
                }
            });
            start.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            for (int spins = round & 255; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            queue.sweep(element -> taken.incrementAndGet((int) element));
            reader.join();
            for (int i = 0; i < count; i++) {
                assertThat(taken.get(i)).as("element %s in round %s", i, round).isOne();
            }
        }
    }

    /** Its content cannot be looked at once it is released, unlike a plain buffer. */
    @Test
    void close_againstRead_releasesHoldersWithoutHarmToTheReader() throws Throwable {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        for (int round = 0; round < 2000; round++) {
            ValueTaskHandler<BinaryWebSocketFrame, Object> handler = new ValueTaskHandler<>();
            EmbeddedChannel embedded = new EmbeddedChannel();
            embedded.pipeline().addLast(executor, handler);
            ChannelHandlerContext context = embedded.pipeline().context(handler);
            executor.submit(() -> {
                for (int i = 0; i < 30; i++) {
                    handler.channelRead(context, new BinaryWebSocketFrame(Unpooled.buffer(1).writeByte(i)));
                }
            }).sync();
            BackgroundCall<Void> reader = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
                for (;;) {
                    ReferenceCountUtil.release(handler.channel().read().await());
                }
            });
            for (int spins = round & 255; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            handler.channel().close();
            assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
        }
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @Test
    void read_againstArrival_neverCompletesWithNothingToTake() throws Throwable {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        ValueTaskHandler<Integer, Object> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel();
        embedded.pipeline().addLast(executor, handler);
        ChannelHandlerContext context = embedded.pipeline().context(handler);
        executor.submit(() -> {}).sync(); // the handler is added there, and has no pipeline to read from before
        int count = 200_000;
        AtomicInteger taken = new AtomicInteger();

        BackgroundCall<Void> reader = BackgroundCall.start(PLATFORM, () -> {
            for (int expected = 0; expected < count; expected++) {
                var read = handler.channel().read();
                for (int spins = 0; !read.isCompleted(); spins++) {
                    pause(spins);
                }
                assertThat(read.result()).isEqualTo(expected);
                taken.set(expected + 1);
            }
            return null;
        });
        executor.execute(() -> {
            for (int i = 0; i < count; i++) {
                // Keep the queue as good as empty: the reader asks for the next one while this one is announced.
                for (int spins = 0; taken.get() < i - 1; spins++) {
                    if (!reader.thread().isAlive()) {
                        return;
                    }
                    pause(spins);
                }
                handler.channelRead(context, i);
            }
        });

        assertThat(reader.result()).isNull();
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
}
