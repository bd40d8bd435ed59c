package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** An event loop is never blocked, and what it would have waited for is not harmed by the attempt. */
class EventLoopCallerContextTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1,
            NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final EventExecutor executor = new DefaultEventExecutor();
    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

    @AfterEach
    void shutDown() {
        executor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        assertThat(group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(10_000)).isTrue();
        assertThat(executor.terminationFuture().awaitUninterruptibly(10_000)).isTrue();
    }

    @Test
    void await_onAnEventLoop_isRefusedAndTheTaskCanStillBeConsumed() throws Exception {
        long token = source.arm();
        ValueTask<String> task = ValueTask.fromSource(source, token);

        on(loop, () -> {
            assertThatThrownBy(task::await).isInstanceOf(BlockingOperationException.class)
                    .hasMessageContaining(Thread.currentThread().getName());
            assertThatThrownBy(() -> task.await(Duration.ofSeconds(1)))
                    .isInstanceOf(BlockingOperationException.class);
            return null;
        });

        source.complete(token, "result");
        assertThat(task.await()).isEqualTo("result");
    }

    @Test
    void await_ofAFutureOnAnEventLoop_isRefused() throws Exception {
        ValueTask<String> task = ValueTask.fromFuture(new CompletableFuture<>());

        on(loop, () -> {
            assertThatThrownBy(task::await).isInstanceOf(BlockingOperationException.class);
            assertThatThrownBy(() -> task.await(Duration.ofSeconds(1)))
                    .isInstanceOf(BlockingOperationException.class);
            return null;
        });
    }

    @Test
    void await_ofWhatIsComplete_isFineOnAnEventLoop() throws Exception {
        long token = source.arm();
        source.complete(token, "result");

        String ofSource = on(loop, () -> ValueTask.fromSource(source, token).await());
        String immediate = on(loop, () -> ValueTask.completed("x").await());

        assertThat(ofSource).isEqualTo("result");
        assertThat(immediate).isEqualTo("x");
    }

    /** It may be the one that runs the handler, and then nobody could complete what it waits for. */
    @Test
    void await_onAnExecutorOfHandlers_isRefusedAndTheOperationGoesOn() throws Exception {
        long token = source.arm();
        Future<String> awaiting = executor.submit(() -> ValueTask.fromSource(source, token).await());

        assertThatThrownBy(() -> awaiting.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(BlockingOperationException.class);

        source.complete(token, "result");
        assertThat(source.getResult(token)).isEqualTo("result");
    }

    @Test
    void currentExecutor_onEachThread_isTheOneThatRunsIt() throws Exception {
        EventLoopCallerContext context = new EventLoopCallerContext();

        assertThat(on(loop, context::currentExecutor)).isSameAs(loop);
        assertThat(executor.submit(() -> context.currentExecutor()).get(10, TimeUnit.SECONDS))
                .isSameAs(executor);
        assertThat(context.currentExecutor()).isNull();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anyOtherThread_belongsToNoExecutorAndMayBlock(Kind kind) throws Throwable {
        EventLoopCallerContext context = new EventLoopCallerContext();

        assertThat(BackgroundCall.start(kind, () -> {
            context.checkMayBlock();
            return context.currentExecutor();
        }).result()).isNull();
    }

    private static <T> T on(EventLoop loop, Callable<T> call) throws Exception {
        return loop.submit(call).get(10, TimeUnit.SECONDS);
    }
}
