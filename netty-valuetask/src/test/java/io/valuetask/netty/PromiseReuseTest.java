package io.valuetask.netty;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.BlockingOperationException;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What handlers do to a promise, against rules R1 to R8 of {@link ReusablePromise}; one thread, step by step. */
class PromiseReuseTest {
    /** What the handler before ours does with a write. */
    private interface Treatment {
        void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception;
    }

    private final IOException failure = new IOException("planted");
    private final List<ChannelPromise> seen = new ArrayList<>();
    private final ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.NOW).trustedHandlers(Treating.class),
            null);
    private Treatment treatment = ChannelHandlerContext::write;
    private final EmbeddedChannel embedded = new EmbeddedChannel(new Treating(), handler);

    private final class Treating extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
                throws Exception {
            seen.add(promise);
            treatment.write(ctx, message, promise);
        }
    }

    private ValueTask<Void> write(Object message) {
        return handler.channel().writeAndFlush(message);
    }

    private void assertWritten(Object message) throws IOException {
        ValueTask<Void> write = write(message);
        embedded.runPendingTasks();
        assertThat(write.result()).isNull();
    }

    private void assertSent(Object... messages) {
        assertThat(embedded.outboundMessages().toArray()).containsExactly(messages);
    }

    @AfterEach
    void finish() {
        embedded.finishAndReleaseAll();
    }

    @Test
    void writes_oneAfterAnother_useTheSamePromise() throws IOException {
        for (int i = 0; i < 100; i++) {
            assertThat(write(i).result()).as("complete at once").isNull();
        }
        assertThat(seen).hasSize(100).allSatisfy(promise -> assertThat(promise).isSameAs(seen.get(0)));
    }

    @Test
    void writes_thatNobodyConsumes_keepWorking() throws IOException {
        for (int i = 0; i < 72; i++) {
            write(i);
        }
        assertWritten(72);

        assertThat(embedded.outboundMessages()).hasSize(73);
        assertThat(seen).hasSize(73).doesNotHaveDuplicates();
        assertThat(handler.channel().toString()).contains("unpooled=9");
    }

    @Test
    void promise_beforeDuringAndBetweenWrites_behavesAsNettyExpects() throws IOException {
        treatment = (ctx, message, promise) -> {
            assertThat(promise.isDone()).isFalse();
            assertThat(promise.isSuccess()).isFalse();
            assertThat(promise.cause()).isNull();
            assertThat(promise.isVoid()).isFalse();
            assertThat(promise.isCancellable()).isFalse();
            assertThat(promise.setUncancellable()).isTrue();
            assertThat(promise.cancel(true)).isFalse();
            assertThat(promise.isCancelled()).isFalse();
            assertThat(promise.channel()).isSameAs(ctx.channel());
            assertThat(promise.getNow()).isNull();
            ctx.write(message, promise);
        };
        for (int i = 0; i < 2; i++) {
            assertWritten(i);
            assertThat(seen.get(0).isDone()).isTrue();
            assertThat(seen.get(0).isSuccess()).isTrue();
            assertThat(seen.get(0).cause()).isNull();
        }
        assertThat(seen.get(1)).isSameAs(seen.get(0));
    }

    @Test
    void addListener_duringAWrite_firesOnceBeforeTheWaiterAndRetires() throws IOException {
        List<String> order = new ArrayList<>();
        List<Runnable> later = new ArrayList<>();
        ChannelFutureListener removed = future -> order.add("removed");
        treatment = (ctx, message, promise) -> {
            promise.addListener((ChannelFuture future) -> order.add("first " + future.isSuccess()));
            promise.addListener(removed).removeListener(removed);
            promise.addListener((ChannelFuture future) -> {
                throw new IllegalStateException("planted in a listener");
            });
            promise.addListener((ChannelFuture future) -> order.add("last"));
            later.add(() -> ctx.writeAndFlush(message, promise));
        };
        ValueTask<Void> write = write("a");
        assertThat(write.onCompleted(unused -> order.add("waiter"), null)).isTrue();
        later.forEach(Runnable::run);
        embedded.runPendingTasks();
        assertThat(write.result()).isNull();
        treatment = ChannelHandlerContext::write;
        assertWritten("b");
        assertWritten("c");

        assertThat(order).containsExactly("first true", "last", "waiter");
        assertThat(seen.get(1)).isNotSameAs(seen.get(0)).isSameAs(seen.get(2));
    }

    @Test
    void addListener_betweenWrites_firesAtOnce() throws IOException {
        assertWritten("a");
        List<Boolean> fired = new ArrayList<>();

        seen.get(0).addListener((ChannelFuture future) -> fired.add(future.isSuccess()));
        assertThat(fired).containsExactly(true);
        assertWritten("b");

        assertThat(fired).hasSize(1);
        assertThat(seen.get(1)).isNotSameAs(seen.get(0));
    }

    @Test
    void unvoid_keptByAHandler_isARealPromiseAndTheOperationIsReused() throws IOException {
        List<ChannelPromise> kept = new ArrayList<>();
        List<Boolean> fired = new ArrayList<>();
        treatment = (ctx, message, promise) -> {
            ChannelPromise real = promise.unvoid();
            kept.add(real);
            real.addListener(future -> fired.add(future.isSuccess()));
            ctx.write(message, real);
        };
        for (int i = 0; i < 3; i++) {
            assertWritten(i);
        }

        assertThat(kept).doesNotHaveDuplicates().allSatisfy(real -> assertThat(real.isSuccess()).isTrue());
        assertThat(fired).containsExactly(true, true, true);
        assertThat(seen).allSatisfy(promise -> assertThat(promise).isSameAs(seen.get(0)));
    }

    @Test
    void unvoid_completedInALaterWrite_doesNotTouchThatWrite() throws IOException {
        List<ChannelPromise> kept = new ArrayList<>();
        treatment = (ctx, message, promise) -> {
            kept.add(promise.unvoid());
            kept.add(promise.unvoid());
            ctx.write(message, promise);
        };
        assertWritten("a");
        treatment = (ctx, message, promise) -> {};
        ValueTask<Void> held = write("b");
        assertThat(seen.get(1)).isSameAs(seen.get(0));

        kept.get(0).tryFailure(failure);
        kept.get(1).trySuccess();
        embedded.runPendingTasks();
        assertThat(held.isCompleted()).isFalse();

        seen.get(1).setSuccess();
        embedded.runPendingTasks();
        assertThat(held.result()).isNull();
    }

    @Test
    void completion_aSecondTime_isRefused() throws IOException {
        treatment = (ctx, message, promise) -> {
            assertThat(promise.trySuccess()).isTrue();
            assertThat(promise.trySuccess()).isFalse();
            assertThat(promise.tryFailure(failure)).isFalse();
            assertThatThrownBy(promise::setSuccess).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> promise.setFailure(failure)).isInstanceOf(IllegalStateException.class);
        };
        assertWritten("a");

        assertThat(seen.get(0).trySuccess()).as("between writes").isFalse();
        assertThat(seen.get(0).tryFailure(failure)).isFalse();
        assertWritten("b");
        assertThat(seen.get(1)).as("nothing has happened that retires it").isSameAs(seen.get(0));
    }

    @Test
    void failure_ofAWrite_isPublishedLaterAndRetires() throws IOException {
        treatment = (ctx, message, promise) -> promise.setFailure(failure);
        ValueTask<Void> write = write("a");

        assertThat(write.isCompleted()).as("R8").isFalse();
        embedded.runPendingTasks();
        assertThat(write.status()).isEqualTo(ValueTaskSourceStatus.FAULTED);
        assertThatThrownBy(write::result).isSameAs(failure);

        treatment = (ctx, message, promise) -> {};
        ValueTask<Void> held = write("b");
        assertThat(seen.get(1)).isNotSameAs(seen.get(0));
        assertThat(seen.get(0).trySuccess()).isFalse();
        assertThat(seen.get(0).tryFailure(failure)).isFalse();
        assertThat(seen.get(0).cause()).isSameAs(failure);
        embedded.runPendingTasks();
        assertThat(held.isCompleted()).isFalse();
        seen.get(1).setSuccess();
        embedded.runPendingTasks();
        assertThat(held.result()).isNull();
    }

    /** X6: Netty reports the exception to the promise that has just succeeded. */
    @Test
    void handler_thatCompletesAndThenThrows_doesNotFailTheNextWrite() throws IOException {
        treatment = (ctx, message, promise) -> {
            promise.setSuccess();
            throw failure;
        };
        assertWritten("a");
        treatment = ChannelHandlerContext::write;
        assertWritten("b");
        assertSent("b");
    }

    /** X7: what MessageToMessageEncoder does when it has encoded something and then throws. */
    @Test
    void handler_thatFailsAndLaterFlushes_doesNotCompleteTheNextWrite() throws IOException {
        treatment = (ctx, message, promise) -> {
            ctx.write(message, promise);
            promise.tryFailure(failure);
        };
        ValueTask<Void> failed = handler.channel().write("a");
        embedded.runPendingTasks();
        assertThatThrownBy(failed::result).isSameAs(failure);

        treatment = (ctx, message, promise) -> {};
        ValueTask<Void> held = write("b"); // flushes "a", whose promise Netty now completes
        embedded.runPendingTasks();
        assertSent("a");
        assertThat(held.isCompleted()).isFalse();
        seen.get(1).setSuccess();
        embedded.runPendingTasks();
        assertThat(held.result()).isNull();
    }

    @Test
    void waiting_forThePromiseOnTheLoop_isRefusedAsForAnyPromise() throws IOException {
        treatment = (ctx, message, promise) -> {
            assertThatThrownBy(promise::await).isInstanceOf(BlockingOperationException.class);
            assertThatThrownBy(promise::sync).isInstanceOf(BlockingOperationException.class);
            assertThatThrownBy(() -> promise.await(1)).isInstanceOf(BlockingOperationException.class);
            ctx.write(message, promise);
        };
        assertWritten("a");
        assertThatCode(() -> seen.get(0).await().sync().get()).as("done, nothing to wait for")
                .doesNotThrowAnyException();
    }
}
