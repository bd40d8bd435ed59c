package io.valuetask.testing;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandler;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.concurrent.Executor;

/** Event loops that take only a few tasks, and reject more of them while they live. */
public final class BoundedLoops {
    private static final int FEW = 16;

    private BoundedLoops() {}

    /** What becomes of a task that there is no room for; a parameter of tests. */
    public enum Refusal implements RejectedExecutionHandler {
        REJECTS,
        THROWS_SOMETHING_ELSE,
        RUNS_IT_IN_THE_CALLER;

        @Override
        public void rejected(Runnable task, SingleThreadEventExecutor loop) {
            switch (this) {
                case REJECTS -> RejectedExecutionHandlers.reject().rejected(task, loop);
                case THROWS_SOMETHING_ELSE -> throw new IllegalStateException("has no room");
                case RUNS_IT_IN_THE_CALLER -> task.run();
            }
        }
    }

    /** A group of one. */
    public static EventLoopGroup newGroup(Refusal refusal) {
        return new MultiThreadIoEventLoopGroup(1,
                new ThreadPerTaskExecutor(new DefaultThreadFactory("bounded")),
                NioIoHandler.newFactory()) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
                return new SingleThreadIoEventLoop(this, executor, factory, FEW, refusal, 0) {};
            }
        };
    }

    /** Leaves no room for more. On the loop. */
    public static void fill(EventLoop loop) {
        SingleThreadEventExecutor queue = (SingleThreadEventExecutor) loop;
        for (int before = -1; queue.pendingTasks() > before;) {
            before = queue.pendingTasks();
            try {
                loop.execute(() -> {});
            } catch (RuntimeException full) {
                return;
            }
        }
    }
}
