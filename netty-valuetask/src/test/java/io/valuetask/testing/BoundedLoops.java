package io.valuetask.testing;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.concurrent.Executor;

/** Event loops that take only a few tasks, and reject more of them while they live. */
public final class BoundedLoops {
    private static final int FEW = 16;

    private BoundedLoops() {}

    /** A group of one. */
    public static EventLoopGroup newGroup() {
        return new MultiThreadIoEventLoopGroup(1,
                new ThreadPerTaskExecutor(new DefaultThreadFactory("bounded")),
                NioIoHandler.newFactory()) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
                return new SingleThreadIoEventLoop(this, executor, factory, FEW,
                        RejectedExecutionHandlers.reject(), 0) {};
            }
        };
    }
}
