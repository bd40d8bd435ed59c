package io.valuetask;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.valuetask.testing.ForkedJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.NONE;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** On which thread a continuation runs, with real event loops. */
class SchedulingContextTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2,
            NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final EventLoop otherLoop = group.next();
    private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
    private final CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
    private final Consumer<Object> continuation = state -> resumedOn.complete(Thread.currentThread());
    private long token;

    @AfterEach
    void shutDown() {
        assertThat(group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(10_000)).isTrue();
    }

    @Test
    void complete_elsewhere_resumesOnTheLoopThatRegistered() throws Exception {
        token = source.arm();
        register(loop, USE_SCHEDULING_CONTEXT);

        source.complete(token, "result");

        assertThat(loop.inEventLoop(resumedOn())).isTrue();
    }

    @Test
    void complete_onTheSameLoop_resumesInline() throws Exception {
        token = source.arm();
        register(loop, USE_SCHEDULING_CONTEXT);

        boolean resumedBeforeCompleteReturned = on(loop, () -> {
            source.complete(token, "result");
            return resumedOn.isDone();
        });

        assertThat(resumedBeforeCompleteReturned).isTrue();
    }

    @Test
    void complete_onAnotherLoop_resumesOnTheLoopThatRegistered() throws Exception {
        token = source.arm();
        register(loop, USE_SCHEDULING_CONTEXT);

        on(otherLoop, () -> source.tryComplete(token, "result"));

        assertThat(loop.inEventLoop(resumedOn())).isTrue();
    }

    @Test
    void complete_whenNoContextWasAskedFor_resumesOnTheCompleter() throws Exception {
        token = source.arm();
        register(loop, NONE);

        source.complete(token, "result");

        assertThat(resumedOn()).isSameAs(Thread.currentThread());
    }

    @Test
    void complete_whenOnlyTheExecutionContextWasAskedFor_resumesOnTheCompleter() throws Exception {
        token = source.arm();
        register(loop, FLOW_EXECUTION_CONTEXT);

        source.complete(token, "result");

        assertThat(resumedOn()).isSameAs(Thread.currentThread());
    }

    @Test
    void complete_whenRegisteredOutsideAnyLoop_resumesOnTheCompleter() throws Exception {
        token = source.arm();
        source.onCompleted(continuation, "state", token, USE_SCHEDULING_CONTEXT);

        on(loop, () -> source.tryComplete(token, "result"));

        assertThat(loop.inEventLoop(resumedOn())).isTrue();
    }

    @Test
    void onCompleted_whenAnotherWaits_leavesTheFirstItsLoop() throws Exception {
        token = source.arm();
        register(loop, USE_SCHEDULING_CONTEXT);
        assertThatThrownBy(() -> register(otherLoop, USE_SCHEDULING_CONTEXT))
                .hasCauseInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> register(otherLoop, NONE))
                .hasCauseInstanceOf(ValueTaskMisuseException.class);

        source.complete(token, "result");

        assertThat(loop.inEventLoop(resumedOn())).isTrue();
    }

    @Test
    void onCompleted_whenAnotherWaitsWithoutContext_givesTheFirstNone() throws Exception {
        token = source.arm();
        register(loop, NONE);
        assertThatThrownBy(() -> register(otherLoop, USE_SCHEDULING_CONTEXT))
                .hasCauseInstanceOf(ValueTaskMisuseException.class);

        source.complete(token, "result");

        assertThat(resumedOn()).isSameAs(Thread.currentThread());
    }

    @Test
    void onCompleted_inTheNextOperation_hasForgottenTheLoop() throws Exception {
        token = source.arm();
        register(loop, USE_SCHEDULING_CONTEXT);
        source.complete(token, "result");
        resumedOn();
        source.getResult(token);

        token = source.arm();
        CompletableFuture<Thread> second = new CompletableFuture<>();
        source.onCompleted(future -> future.complete(Thread.currentThread()), second, token, NONE);
        source.complete(token, "result");

        assertThat(second.get(10, TimeUnit.SECONDS)).isSameAs(Thread.currentThread());
    }

    @Test
    void complete_whenTheLoopIsTerminated_resumesOnTheCompleter() throws Exception {
        token = source.arm();
        register(loop, USE_SCHEDULING_CONTEXT);
        shutDown();

        source.complete(token, "result");

        assertThat(resumedOn()).as("not lost").isSameAs(Thread.currentThread());
        assertThat(source.getResult(token)).isEqualTo("result");
    }

    // With a provider of one's own, in a JVM of its own, as providers are looked up once

    /** What the forked JVM runs: registers with the wish for the executor, and completes when the provider throws. */
    static final class Scenario {
        private static Executor executor;
        private static boolean fails;

        private Scenario() {}

        public static void main(String[] arguments) throws Exception {
            Thread.currentThread().setUncaughtExceptionHandler(
                    (thread, failure) -> System.out.println("reported " + failure.getMessage()));
            executor = task -> {
                System.out.println("executor");
                task.run();
            };
            ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
            long token = source.arm();
            CompletableFuture<String> future = new CompletableFuture<>();
            Consumer<String> resumed = who -> System.out.println("resumed " + who);
            source.onCompleted(resumed, "source", token, USE_SCHEDULING_CONTEXT);
            ValueTask.fromFuture(future).onCompleted(resumed, "future", USE_SCHEDULING_CONTEXT);
            fails = true;
            source.complete(token, "result");
            future.complete("result");
            System.out.println(source.getResult(token));
        }
    }

    /** A user's provider. */
    public static final class Own implements CallerContext {
        public Own() {}

        @Override
        public void checkMayBlock() {}

        @Override
        public Executor currentExecutor() {
            if (Scenario.fails) {
                throw new IllegalStateException("planted");
            }
            return Scenario.executor;
        }
    }

    @Test
    @Timeout(120)
    void complete_whenTheProviderThrows_reportsThatAndResumesOnTheExecutorAllTheSame(@TempDir Path directory)
            throws Exception {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(CallerContext.class.getName()), Own.class.getName());

        String printed = new ForkedJvm().withFirst(directory).run(Scenario.class);

        assertThat(printed.lines()).containsExactly("reported planted", "executor", "resumed source",
                "reported planted", "executor", "resumed future", "result");
    }

    private void register(EventLoop on, int flags) throws Exception {
        assertThat(on(on, () -> source.onCompleted(continuation, "state", token, flags))).isTrue();
    }

    private Thread resumedOn() throws Exception {
        return resumedOn.get(10, TimeUnit.SECONDS);
    }

    private static <T> T on(EventLoop loop, Callable<T> call) throws Exception {
        return loop.submit(call).get(10, TimeUnit.SECONDS);
    }
}
