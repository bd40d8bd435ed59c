package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Flushes that wait for writes which do not leave: who is told of a failure, and what becomes of those given up. */
class PendingFlushesTest {
    private static final int MANY = 20_000;

    /** A transport that has no room: it keeps what it is given until the test says how that ends. */
    private final Deque<ChannelPromise> stalled = new ArrayDeque<>();
    private final ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
    private final EmbeddedChannel embedded = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            stalled.add(promise);
        }
    }, handler);
    private final ValueTaskChannel<ByteBuf, ByteBuf> channel = handler.channel();

    @AfterEach
    void close() {
        embedded.finishAndReleaseAll();
    }

    private ValueTask<Void> write() {
        return channel.write(Bytes.of("x"));
    }

    private void succeedNext() {
        stalled.remove().setSuccess();
        embedded.runPendingTasks();
    }

    private void failNext(String cause) {
        stalled.remove().setFailure(new IOException(cause));
    }

    private int inFlight() {
        Matcher size = Pattern.compile("inFlight=(\\d+)").matcher(channel.toString());
        assertThat(size.find()).as(channel.toString()).isTrue();
        return Integer.parseInt(size.group(1));
    }

    private void giveUp(FlushOperation flush) {
        long token = flush.token();
        assertThat(flush.cancel(token)).isTrue();
        assertThatThrownBy(() -> flush.getResult(token)).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancel_ofThousandsOfFlushesOfAStalledChannel_keepsFewOfThem() throws Exception {
        ValueTask<Void> write = write();
        for (int i = 0; i < MANY; i++) {
            giveUp(handler.outbound().flush());
        }
        assertThat(inFlight()).isLessThan(20);

        ValueTask<Void> last = channel.flush();
        succeedNext();

        assertThat(write.result()).isNull();
        assertThat(last.result()).isNull();
        assertThat(inFlight()).isZero();
    }

    @Test
    void cancel_betweenFlushesThatGoOn_letsThoseCompleteInTheirOrder() throws Exception {
        List<ValueTask<Void>> writes = new ArrayList<>();
        List<ValueTask<Void>> kept = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            writes.add(write());
            for (int j = 0; j < 10; j++) {
                giveUp(handler.outbound().flush());
            }
            kept.add(channel.flush());
        }

        for (int i = 0; i < 100; i++) {
            assertThat(kept.get(i).isCompleted()).isFalse();
            succeedNext();
            assertThat(kept.get(i).isCompleted()).isTrue();
        }

        for (int i = 0; i < 100; i++) {
            writes.get(i).result();
            kept.get(i).result();
        }
        assertThat(inFlight()).isZero();
    }

    @Test
    void fail_ofEachWrite_tellsTheFlushBehindItAndNoOther() throws Exception {
        List<ValueTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            tasks.add(write());
            tasks.add(channel.flush());
        }

        failNext("first");
        succeedNext();
        failNext("third");
        failNext("fourth");
        succeedNext();
        failNext("sixth");
        embedded.runPendingTasks();

        for (int i = 0; i < 6; i++) {
            String failure = List.of("first", "", "third", "fourth", "", "sixth").get(i);
            for (ValueTask<Void> task : tasks.subList(2 * i, 2 * i + 2)) {
                if (failure.isEmpty()) {
                    assertThat(task.result()).isNull();
                } else {
                    assertThatThrownBy(task::result).isInstanceOf(IOException.class).hasMessage(failure);
                }
            }
        }
        assertThat(inFlight()).isZero();
    }

    @Test
    void fail_outOfOrder_tellsTheFlushBehindIt() throws Exception {
        List<ValueTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            tasks.add(write());
            tasks.add(channel.flush());
        }

        for (String cause : List.of("third", "second", "first")) {
            stalled.removeLast().setFailure(new IOException(cause));
        }
        embedded.runPendingTasks();

        for (int i = 0; i < 6; i++) {
            assertThatThrownBy(tasks.get(i)::result)
                    .hasMessage(List.of("first", "second", "third").get(i / 2));
        }
    }

    @Test
    void fail_whenTheFlushBehindWasGivenUp_tellsTheNextOne() throws Exception {
        ValueTask<Void> write = write();
        FlushOperation impatient = handler.outbound().flush();
        ValueTask<Void> patient = channel.flush();
        giveUp(impatient);

        failNext("lost");
        embedded.runPendingTasks();

        assertThatThrownBy(write::result).hasMessage("lost");
        assertThatThrownBy(patient::result).hasMessage("lost");
    }

    /** A flush that waits for a second write has been told that the first one failed. */
    private void tellAndGiveUp() {
        write().discard();
        write().discard();
        FlushOperation told = handler.outbound().flush();
        failNext("lost");
        embedded.runPendingTasks();
        giveUp(told);
    }

    @Test
    void cancel_ofAFlushThatWasToldOfAFailure_tellsTheNextOne() {
        tellAndGiveUp();

        succeedNext();
        ValueTask<Void> next = channel.flush();

        assertThatThrownBy(next::result).hasMessage("lost");
    }

    @Test
    void cancel_ofManyFlushesThatWereToldOfAFailure_tellsTheNextOne() {
        tellAndGiveUp();

        for (int i = 0; i < 20; i++) {
            giveUp(handler.outbound().flush());
        }
        succeedNext();
        ValueTask<Void> next = channel.flush();

        assertThatThrownBy(next::result).hasMessage("lost");
    }

    @Test
    void cancel_ofABatchThatWasToldOfAFailure_tellsTheNextFlush() {
        BatchOperation told = handler.outbound().writeAll(List.of(Bytes.of("x"), Bytes.of("x")));
        failNext("lost");
        embedded.runPendingTasks();
        giveUp(told);

        succeedNext();
        ValueTask<Void> next = channel.flush();

        assertThatThrownBy(next::result).hasMessage("lost");
    }

    @Test
    void fail_whenAllFlushesBehindWereGivenUp_tellsTheFlushThatComesAfter() throws Exception {
        ValueTask<Void> write = write();
        giveUp(handler.outbound().flush());

        failNext("lost");
        embedded.runPendingTasks();
        ValueTask<Void> next = channel.flush();

        assertThatThrownBy(write::result).hasMessage("lost");
        assertThatThrownBy(next::result).hasMessage("lost");
    }

    /** In its last pass over its tasks an executor takes no more, so that what ends leaves the list at once. */
    private static final class LastPass extends AbstractEventExecutor {
        boolean begun;

        @Override
        public void execute(Runnable task) {
            if (begun) {
                throw new RejectedExecutionException("the last pass has begun");
            }
            task.run();
        }

        @Override
        public boolean inEventLoop(Thread thread) {
            return true;
        }

        @Override
        public boolean isShuttingDown() {
            return begun;
        }

        @Override
        public boolean isShutdown() {
            return begun;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }

        @Override
        @SuppressWarnings("deprecation")
        public void shutdown() {}

        @Override
        public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
            return terminationFuture();
        }

        @Override
        public Future<?> terminationFuture() {
            return GlobalEventExecutor.INSTANCE.newPromise();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @SuppressWarnings("deprecation") // an executor of its own is deprecated, and exists
    void abandonAll_inTheExecutorsLastPass_endsWhatIsBehindAFlush(boolean givenUp) {
        LastPass executor = new LastPass();
        ValueTaskHandler<ByteBuf, ByteBuf> elsewhere = new ValueTaskHandler<>();
        embedded.pipeline().remove(handler);
        embedded.pipeline().addLast(executor, elsewhere);
        ValueTask<Void> before = elsewhere.channel().write(Bytes.of("x"));
        FlushOperation flush = elsewhere.outbound().flush();
        if (givenUp) {
            giveUp(flush);
        }
        ValueTask<Void> behind = elsewhere.channel().write(Bytes.of("x"));
        ValueTask<Void> last = elsewhere.channel().write(Bytes.of("x"));

        executor.begun = true;
        elsewhere.outbound().abandonAll(new IOException("gone"));

        for (ValueTask<Void> write : List.of(before, behind, last)) {
            assertThat(write.isFaulted()).isTrue();
            write.discard();
        }
        executor.begun = false; // the channel is closed by the test
    }
}
